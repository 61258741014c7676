"""What results would be without each exclusion: it must follow from the requests that a report names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.ruling import rule_on
from sla_audit.model.notice import Notice
from sla_audit.report.document import rate
from sla_audit.report.saved.read import SavedOtherwise
from sla_audit.report.saved.whole import WholeResult
from sla_audit.sentence import Message, Sentence, as_phrase, to_say
from sla_audit.verification.context import CheckContext, Unverifiable, in_order, of_result
from sla_audit.verification.exclusions import frees_failures
from sla_audit.verification.judged_again import cycles_of

_VERDICT = ("success_rate", "credit_rate", "decision", "compensation")
_SHARED = Unverifiable(
    ("results[].without[].requests",),
    Notice("how many requests an exclusion took out of a result, where others cover them too"),
)


class _Entry(NamedTuple):
    """An entry, and the place of its result."""

    row: int
    result: WholeResult
    said: SavedOtherwise


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say which results cannot be so without an exclusion."""
    results = context.report.results
    applied = {each.id: each for each in context.report.exclusions if each.state == "applied"}
    places = {name: place for place, name in enumerate(applied)}
    taken: Counter[str] = Counter()
    entries = []
    for row, result in enumerate(results):
        if result.without is None:
            continue
        if context.contract.measure is not None:
            yield of_result(result), to_say("without is given, which intervals do not tell")
            continue
        if result.daily is None:
            yield of_result(result), to_say("without is given, but daily is not")
        names = [each.exclusion for each in result.without]
        if not set(names) <= set(applied) or not in_order(places[name] for name in names):
            yield (
                of_result(result),
                to_say("without does not have exclusions that were applied, in their order, each once"),
            )
            continue
        for said in result.without:
            taken[said.exclusion] += said.requests
            clause = str(applied[said.exclusion].clause)
            if said.requests > result.excluded.by_clause.get(clause, 0):
                yield (
                    of_result(result),
                    Sentence(
                        "without {exclusion!r}: more requests than clause {clause} left out",
                        exclusion=said.exclusion,
                        clause=clause,
                    ),
                )
            entries.append(_Entry(row, result, said))
    for name, requests in taken.items():
        if requests > applied[name].requests:
            yield (
                "",
                Sentence(
                    "results say that {name!r} took out {requests} requests, it says {said}",
                    name=name,
                    requests=requests,
                    said=applied[name].requests,
                ),
            )
    yield from _of_requests(entries, context)


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name what of it follows from nothing."""
    said = [each for result in context.report.results for each in result.without or ()]
    if any(each.requests != each.requests_alone for each in said):
        yield _SHARED


def _of_requests(entries: Sequence[_Entry], context: CheckContext) -> Iterator[tuple[Message, Message]]:
    known = []
    for entry in entries:
        said, excluded = entry.said, entry.said.exclusion
        counts = [getattr(said, name) for name in CLASSES]
        if any(count is None for count in (said.requests_alone, *counts)):
            if any(getattr(said, name) is not None for name in ("requests_alone", *CLASSES, *_VERDICT)):
                yield (
                    of_result(entry.result),
                    Sentence("without {exclusion!r}: only a part of it is null", exclusion=excluded),
                )
            continue
        known.append(entry)
        if sum(counts) != entry.result.requests:
            yield (
                of_result(entry.result),
                Sentence(
                    "without {exclusion!r}: the requests make {count}, not {requests}",
                    exclusion=excluded,
                    count=sum(counts),
                    requests=entry.result.requests,
                ),
            )
        alone = said.requests_alone or 0
        freed = (said.explicit_failure or 0) - entry.result.explicit_failure
        if alone > said.requests or (frees_failures(context.contract) and freed != alone):
            yield (
                of_result(entry.result),
                Sentence(
                    "without {exclusion!r}: requests_alone is {alone}, of {requests}; {freed} more failed",
                    exclusion=excluded,
                    alone=alone,
                    requests=said.requests,
                    freed=freed,
                ),
            )
    yield from _of_verdicts(known, context)


def _of_verdicts(entries: Sequence[_Entry], context: CheckContext) -> Iterator[tuple[Message, Message]]:
    if not entries:
        return
    report = context.report
    requests = pl.DataFrame({name: [getattr(entry.said, name) for entry in entries] for name in CLASSES})
    again = rule_on(
        cycles_of(report)[[entry.row for entry in entries]], requests, context.contract, report.reading, report.as_of
    )
    judged = again.with_columns(success_rate=rate(pl.col("success_rate"))).select(_VERDICT)
    for entry, expected in zip(entries, judged.iter_rows(named=True), strict=True):
        wrong = [name for name in _VERDICT if getattr(entry.said, name) != expected[name]]
        if wrong:
            found, gives = getattr(entry.said, wrong[0]), expected[wrong[0]]
            what = Sentence(
                "{name} is {found}; its counts, facts and contract give {gives}",
                name=wrong[0],
                found=found,
                gives=gives,
            )
            yield (
                of_result(entry.result),
                Sentence("without {exclusion!r}: {what}", exclusion=entry.said.exclusion, what=as_phrase(what)),
            )
