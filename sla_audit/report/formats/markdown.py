"""The report as GitHub-flavoured Markdown: for an issue, a wiki or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.output.escape import code_in_markdown as code
from sla_audit.output.escape import for_markdown
from sla_audit.report import sentences
from sla_audit.report.daily import COUNTS
from sla_audit.report.document import Report
from sla_audit.report.formats import exclusions, metering, provenance
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.ledger.listed import listed, titles
from sla_audit.report.ledger.summary import claims_of
from sla_audit.report.months.columns import columns_of
from sla_audit.report.numbers import rate_percent
from sla_audit.report.selection import most_urgent_first
from sla_audit.report.standing.together import Together, amount_in_words, sums_of, together
from sla_audit.report.standing.warnings import warnings_by_grade
from sla_audit.report.standing.words import headlines
from sla_audit.report.sums import added_up, if_ended_today
from sla_audit.report.why import why_and_differing
from sla_audit.sentence import to_say

MOST_RESULTS = 200
_ALONE = 2
"""Rows of one month: its own, and that of all, which says the same."""
_ASSERTED = (to_say("Window"), to_say("Announced"), to_say("Scope"), to_say("Asserted by"), to_say("Note"))


def render_markdown(report: Report, contract: Contract, words: Words = ENGLISH) -> bytes:
    """Write the report with what is owed first; sections that have nothing to say are left out."""
    contract, words = contract.under(report.head["reading"]), words.of_contract(contract)
    sections = (
        (to_say("Needs attention"), _attention(report, words)),
        (to_say("By month"), _months(report, words)),
        (to_say("Claims"), _claims(report, contract, words)),
        (to_say("Results"), _results(report, contract, words)),
        (to_say("Exclusions"), _exclusions(report, contract, words)),
        (to_say("Metering"), _metering(report, contract, words)),
        (to_say("Requests excluded from the rate, by cause"), _causes(report, contract, words)),
        (to_say("Rows of the logs"), _rows(report, words)),
        (to_say("Warnings"), _warnings(report, words)),
        (to_say("How this was made"), _made(report, contract, words)),
    )
    headline, *more = headlines(report, contract, words)
    lines = [
        f"# {for_markdown(words.title(contract.title))}",
        "",
        f"**{for_markdown(headline.text)}**",
        "",
        *(f"{for_markdown(line.text)}  " for line in more),
        *([""] if more else []),
        for_markdown(sentences.basis(report, contract, words)),
    ]
    for title, content in sections:
        written = list(content)
        if written:
            lines += ["", f"## {words.of(title)}", "", *written]
    return ("\n".join(lines) + "\n").encode()


def _attention(report: Report, words: Words) -> Iterator[str]:
    for text in sentences.other_readings(report, words):
        yield _bullet(text)
    for each in report.head["exclusions"]:
        if each["state"] == "refused":
            clause, state = words.cause_clause(each["clause"]), exclusions.state(each, words)
            said = words.say("{state} (clause {clause}).", state=state, clause=clause)
            yield f"- {code(each['id'])} {for_markdown(said)}"


def _months(report: Report, words: Words) -> Iterator[str]:
    columns = columns_of(report, words, alone=True)
    titles = [f">{column.title}" if column.figures else column.title for column in columns]
    rows = [tuple(map(for_markdown, cells)) for cells in zip(*(column.cells for column in columns), strict=True)]
    return _table(titles, rows[:1] if len(rows) == _ALONE else [*rows[:-1], *map(_bold, rows[-1:])])


def _claims(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    yield from map(_bullet, sentences.claim_windows(report, contract, words))
    yield from (_bullet(text) for _, text in claims_of(report, words))
    claims = listed(report, words)
    if claims:
        account, cycle, state, owed, file_by, *amounts = titles(report.head["currency"], words)
        rows = [
            (code(each.account_id), each.cycle, for_markdown(each.state), *each[5:10]) for each in claims[:MOST_RESULTS]
        ]
        yield ""
        yield from _table((account, cycle, state, f">{owed}", file_by, *(f">{each}" for each in amounts)), rows)
    if len(claims) > MOST_RESULTS:
        yield ""
        left = added_up([each.compensation for each in claims[MOST_RESULTS:]])
        amount = words.say("{amount} {currency}", amount=left.in_words(words), currency=report.head["currency"])
        yield for_markdown(_not_shown(len(claims) - MOST_RESULTS, amount, words))


def _results(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    found = most_urgent_first(report, "breached")
    yield for_markdown(sentences.results_listed(report.results.height, found.height, contract, words))
    if found.height:
        yield ""
    owed = words.say(
        "Owed, {currency} ({clause})", currency=report.head["currency"], clause=contract.compensation.clause
    )
    failed = words.say("Failures ({clause})", clause=contract.readings[report.head["reading"]].clause)
    rate = words.say("Rate, % ({clause})", clause=contract.objective.clause)
    reading = contract.readings[report.head["reading"]]

    def counted(result: Mapping[str, Any]) -> int:
        number: int = reading.kept_and_counted(*(result[name] for name in COUNTS))[1]
        return number

    rows: list[tuple[str, ...]] = [
        (
            code(result["account_id"]),
            result["cycle"],
            f"{counted(result):,}",
            f"{result['explicit_failure']:,}",
            rate_percent(result["success_rate"]),
            "?" if result["compensation"] is None else words.owed(result["compensation"]),
            for_markdown(why_and_differing(result, report, contract, words)),
        )
        for result in found.head(MOST_RESULTS).iter_rows(named=True)
    ]
    rows += (_bold(_sum(each, words)) for each in sums_of(found, reading))
    yield from _table(
        (
            words.of("Account"),
            words.of("Cycle"),
            ">" + words.of("Counted"),
            f">{failed}",
            f">{rate}",
            f">{owed}",
            words.of("Why"),
        ),
        rows,
    )
    hidden = found.height - MOST_RESULTS
    if hidden > 0:
        yield ""
        amount = amount_in_words(together(found.tail(hidden), reading), report.head["currency"], words)
        yield for_markdown(_not_shown(hidden, amount, words))


def _sum(sums: Together, words: Words) -> tuple[str, ...]:
    """Write what results come to together, as a row of their table."""
    results = words.count_of(sums.results, "{count:,} result", "{count:,} results", count=sums.results)
    why = words.joined([results, *if_ended_today(sums.estimate, words)])
    total, owed = words.of("Total"), for_markdown(sums.owed.in_words(words))
    return (total, sums.cycle or "", f"{sums.counted:,}", f"{sums.failed:,}", "", owed, for_markdown(why))


def _bold(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"**{cell}**" if cell else "" for cell in cells)


def _not_shown(hidden: int, amount: str, words: Words) -> str:
    said = to_say("and {count:,} more, {amount}: they are in the report as CSV, XLSX, Parquet and JSON.")
    return words.say(said, count=hidden, amount=amount)


def _exclusions(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    whole = any(map(exclusions.is_whole, report.head["exclusions"]))
    rows = [
        (
            code(each["id"]),
            words.cause_clause(each["clause"]),
            for_markdown(words.cause_title(each["clause"], contract)),
            for_markdown(exclusions.state(each, words)),
            *(_asserted(each, words) if whole else ()),
            f"{each['requests']:,}",
            "?" if each["requests_alone"] is None else f"{each['requests_alone']:,}",
            for_markdown(sentences.saved_by(each, words)),
        )
        for each in report.head["exclusions"]
    ]
    header = (
        words.of("Exclusion"),
        words.of("Clause"),
        words.of("Cause"),
        words.of("State"),
        *(map(words.of, _ASSERTED) if whole else ()),
        ">" + words.of("Requests excluded"),
        ">" + words.of("By it alone"),
        ">" + words.say("Compensation saved, {currency}", currency=report.head["currency"]),
    )
    return _table(header, rows)


def _asserted(exclusion: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    """Write what is asserted of an exclusion; what its file says is data."""
    scope, who, note = (
        exclusions.scope(exclusion, words),
        exclusions.asserted_by(exclusion, words),
        exclusions.note(exclusion),
    )
    return (
        exclusions.window(exclusion, words),
        exclusions.announced(exclusion, words),
        scope if exclusions.is_of_all(exclusion) else code(scope),
        code(who) if exclusion.get("asserted_by") else who,
        code(note) if note else "",
    )


def _metering(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    yield from map(_bullet, metering.sentences(report, contract, words))
    bills = metering.differing(report)[: metering.MOST_LISTED]
    if bills:
        yield ""
    rows = [
        (
            code(each["account_id"]),
            each["cycle"],
            f"{each['billed_calls']:,}",
            f"{each['requests']:,}",
            f"{each['difference']:+,}",
            each["unit_price"] or "",
            metering.worth(each),
        )
        for each in bills
    ]
    yield from _table(metering.titles(contract, words), rows)


def _causes(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    by_cause = report.excluded_by_cause().group_by("clause").agg(pl.col("requests").sum()).sort("clause")
    rows = [
        (words.cause_clause(clause), for_markdown(words.cause_title(clause, contract)), f"{requests:,}")
        for clause, requests in by_cause.iter_rows()
    ]
    return _table((words.of("Clause"), words.of("Cause"), ">" + words.of("Requests")), rows)


def _rows(report: Report, words: Words) -> Iterator[str]:
    yield for_markdown(sentences.rows(report, words))
    logs, digest = provenance.logs(report, words), provenance.digest_title(report, words)
    if logs:
        yield ""
        files = [
            (code(each.path), f"{each.bytes:,}", f"{each.rows:,}", *([code(each.digest)] if digest else []))
            for each in logs
        ]
        header = (words.of("File"), ">" + words.of("Bytes"), ">" + words.of("Rows"), *([digest] if digest else []))
        yield from _table(header, files)


def _warnings(report: Report, words: Words) -> Iterator[str]:
    for number, group in enumerate(warnings_by_grade(report, words)):
        yield from ([""] if number else [])
        yield f"**{for_markdown(group.title)}**"
        yield ""
        yield from (f"- {code(warning)}" for warning in group.said)


def _made(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    made, options = provenance.program(report, words), provenance.options(report, words)
    yield from map(_bullet, filter(None, [made]))
    yield _bullet(sentences.agreement(contract, words))
    yield from map(_bullet, sentences.readings(report, contract, words))
    yield _bullet(sentences.days(contract, words))
    yield from (f"- {code(each)}" for each in filter(None, [options]))
    as_said = sentences.as_said(report.as_said, words)
    if as_said is not None:
        yield _bullet(as_said)
    files = [
        (for_markdown(each.role), code(each.path), "" if each.bytes is None else f"{each.bytes:,}", code(each.digest))
        for each in provenance.other_files(report, words)
    ]
    if files:
        yield ""
        yield from _table((words.of("Part"), words.of("File"), ">" + words.of("Bytes"), "SHA-256"), files)


def _bullet(text: str) -> str:
    return f"- {for_markdown(text)}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write a table, if it has rows; a column whose title begins with `>` is of figures, set to the right."""
    if rows:
        yield f"| {' | '.join(for_markdown(title.removeprefix('>')) for title in header)} |"
        yield f"| {' | '.join('--:' if title.startswith('>') else '---' for title in header)} |"
        for row in rows:
            yield f"| {' | '.join(row)} |"
