"""Why a result got its amount, in short, and what the other readings give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.report.owing import amount_of, number_of
from sla_audit.report.sentences import REASONS
from sla_audit.sentence import to_say


def why(result: Mapping[str, Any], terms: Compensation, words: Words) -> str:
    """Say why a result, a row of `Report.results`, got its amount by these terms."""
    if result["decision"] == "undetermined":
        return words.joined([words.of(REASONS[result["reason"]]), *_by_now(result, terms, words)])
    if result["decision"] != "owed":
        return words.of(REASONS[result["reason"]])
    return amount_of(result, terms, words)


def _by_now(result: Mapping[str, Any], terms: Compensation, words: Words) -> Iterator[str]:
    """Say what an undetermined result would come to by what is known, and in a running cycle how far the next tier is.

    What nothing is owed for in any case, and a tier that moves no money, is not worth a word.
    """
    running = result["reason"] == "cycle_running"
    if result["estimate"] is not None and result["credit_rate"] not in (None, "0"):
        said = to_say("{amount} if it ended today") if running else to_say("{amount} if on a paid plan")
        yield words.say(said, amount=words.owed(result["estimate"]))
    moves = result["estimate"] is None or result["more_compensation"] != result["estimate"]
    if running and moves and result["more_failures"] is not None:
        yield _with_more(result["more_failures"], number_of(result["more_credit_rate"], terms), terms, words)


def _with_more(failures: int, rate: str, terms: Compensation, words: Words) -> str:
    if terms.is_share:
        return words.count_of(
            failures,
            "with {failures:,} more failure {rate} %",
            "with {failures:,} more failures {rate} %",
            failures=failures,
            rate=rate,
        )
    return words.count_of(
        failures,
        "with {failures:,} more failure x {rate}",
        "with {failures:,} more failures x {rate}",
        failures=failures,
        rate=rate,
    )


def differing(result: Mapping[str, Any], report: Report, words: Words) -> Iterator[str]:
    """Say what the other readings give a result, where it moves money."""
    for name in report.readings:
        said = (result[f"{name}/decision"], result[f"{name}/compensation"])
        if name != report.head["reading"] and said != (result["decision"], result["compensation"]):
            amount = words.of("undetermined") if said[1] is None else words.owed(said[1])
            yield words.say("{reading}: {amount}", reading=words.of(name), amount=amount)


def why_and_differing(result: Mapping[str, Any], report: Report, contract: Contract, words: Words) -> str:
    """Say why a result got its amount, and what the other readings give it, where it moves money."""
    terms = contract.under(report.head["reading"]).compensation
    return words.joined([why(result, terms, words), *differing(result, report, words)])
