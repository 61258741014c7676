"""What a claim's letter says: the facts, the arithmetic, the clauses, and what the other side may argue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.report.endings import how_it_ended
from sla_audit.report.explanation import Explanation, Step
from sla_audit.report.language import Words
from sla_audit.report.letter.arguments import arguments
from sla_audit.report.letter.arithmetic import arithmetic, billed, in_unit, promise_of
from sla_audit.report.letter.layout import Column, Letter, Section, Table
from sla_audit.report.letter.parties import Parties
from sla_audit.report.measuring import INTERVALS
from sla_audit.report.numbers import size
from sla_audit.report.owing import form_of
from sla_audit.sentence import to_say

_LONG = 16  # so many endings are named one by one
_APART = {"region": to_say("region"), "api": to_say("API")}
_LISTED = 20  # so many intervals
_DAY = timedelta(days=1)
_NUMBER = 12  # so many characters are a number
_PLEASE = to_say(
    "Please confirm receipt of this claim in writing and issue the voucher. If you arrive at another figure, please "
    "name the requests on which we differ and the clause on which you rely."
)
_PLEASE_GRANT = to_say(
    "Please confirm receipt of this claim in writing and grant what is claimed. If you arrive at another figure, "
    "please name the requests on which we differ and the clause on which you rely."
)


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a letter."""

    name: str
    bytes: int
    sha256: str


class FailingInterval(NamedTuple):
    """An interval in which requests failed, of which sub-unit, and whether it counts (see `measured`)."""

    starts_at: datetime
    ends_at: datetime
    unit: str | None
    failed: int
    total: int
    counts: bool


@dataclass(frozen=True)
class Claimed:
    """What a letter is about: the verdict explained, by which agreement, who claims, and what is enclosed.

    Where intervals are measured, those are listed in which requests failed.
    """

    explained: Explanation
    contract: Contract
    parties: Parties
    number: str
    enclosures: Sequence[Enclosure]
    manifest: str
    intervals: Sequence[FailingInterval] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """What a table of figures with their clauses has for columns."""
        clauses = (self.read.objective.clause, self.read.compensation.clause, self.contract.claim.clause)
        return ("text", "figure", "heading" if max(map(len, clauses)) > _NUMBER else "clause")

    @property
    def read(self) -> Contract:
        """The agreement as the reading in force reads it."""
        return self.contract.under(self.explained.reading)


def letter_of(claimed: Claimed, words: Words) -> Letter:
    """Write the letter in one language. What is claimed must be owed, and its window open."""
    explained, parties, words = claimed.explained, claimed.parties, words.of_contract(claimed.contract)
    account, cycle = explained.account_id, explained.cycle
    return Letter(
        language=words.language,
        html_language=words.html_language,
        sender=[parties.said(name, words) for name in ("claimant", "claimant_address", "contact")],
        recipient=[parties.said(name, words) for name in ("provider", "provider_address")],
        details=[
            words.say("Date: {day}", day=explained.as_of),
            words.say("Our reference: {number}", number=claimed.number),
        ],
        subject=words.say(
            "Claim for compensation: account {account}, service cycle {cycle}", account=account, cycle=cycle
        ),
        greeting=words.of("Dear Sir or Madam,"),
        opening=list(_opening(claimed, words)),
        sections=[
            Section(words.of("1. Facts"), table=Table(claimed.columns, (), list(_facts(claimed, words)))),
            _calculation(claimed, words),
            *_intervals(claimed, words),
            _left_out(claimed, words),
            _arguments(claimed, words),
            Section(words.of("5. Time limit"), [_time_limit(claimed, words)]),
            *_asked_for(claimed, words),
            _enclosed(claimed, words),
        ],
        closing=[
            words.of(_PLEASE if claimed.read.compensation.paid_as == "voucher" else _PLEASE_GRANT),
            words.of("Yours faithfully,"),
        ],
        signed=[parties.said(name, words) for name in ("claimant", "signatory")],
        dated=explained.as_of,
        number=claimed.number,
        page=words.of("{number}, page {page}"),
    )


def _opening(claimed: Claimed, words: Words) -> Iterator[str]:
    explained, contract = claimed.explained, claimed.read
    yield promise_of(explained, contract, words)
    values = {
        "claim_clause": contract.claim.clause,
        "amount": in_unit(explained.verdict.compensation, explained.currency, words),
        "clause": contract.compensation.clause,
    }
    if contract.compensation.paid_as == "voucher":
        yield words.say(
            "Under clause {claim_clause} we claim compensation of {amount}, as a {paid_as} (clause {clause}).",
            paid_as=words.of(contract.compensation.paid_as),
            **values,
        )
    else:
        yield words.say(
            "Under clause {claim_clause} we claim {amount}, {form} (clause {clause}).",
            form=words.of(form_of(contract.compensation)),
            **values,
        )


def _facts(claimed: Claimed, words: Words) -> Iterator[tuple[str, str, str]]:
    explained, contract = claimed.explained, claimed.read
    reading = contract.readings[explained.reading]
    failed = [step for step in explained.steps if step.class_ == "explicit_failure"]
    if contract.unit.apart:
        columns = words.listed(words.of(_APART[name]) for name in contract.unit.apart)
        said = words.say("Account, and {columns}: each is judged by itself", columns=columns)
        yield said, explained.account_id, contract.objective.clause
    yield words.of("Requests submitted in the service cycle"), f"{explained.requests:,}", contract.objective.clause
    own = contract.failure_name if words.language == "en" else None
    said = to_say("Explicit failures ({statuses})" if contract.is_share_of_fee else "Requests that failed ({statuses})")
    if own is not None:
        said = to_say('Explicit failures, in your English edition "{own}" ({statuses})')
    said = words.say(said, own=own, statuses=_statuses(failed, words))
    yield said, f"{explained.verdict.explicit_failure:,}", reading.clause
    said = words.say("read as: {meaning}", meaning=words.of(reading.meaning))
    yield f"   {said}", "", reading.clause
    yield from billed(explained, contract, words)


def _statuses(steps: Sequence[Step], words: Words) -> str:
    endings = [each for step in steps for each in step.endings]
    parts = [
        f"{each.requests:,} x {how_it_ended(each.status, each.no_answer, words, each.error_code, each.took_over)}"
        for each in endings[:_LONG]
    ]
    more = len(endings) - _LONG
    return words.joined([*parts, *([words.say("{more} more", more=more)] if more > 0 else [])])


def _calculation(claimed: Claimed, words: Words) -> Section:
    rows = list(arithmetic(claimed.explained, claimed.read, words))
    return Section(words.of("2. Calculation"), table=Table(claimed.columns, (), rows, strong=len(rows) - 1))


def _intervals(claimed: Claimed, words: Words) -> Iterator[Section]:
    """List the intervals in which requests failed, those first that count, or the first of them.

    Of a share of time, those that follow each other are one fault.
    """
    measure, intervals = claimed.read.measure, claimed.intervals
    if measure is None:
        return
    said = words.count_of(
        len(intervals),
        "Requests failed in {number:,} interval of {interval}, of which {count:,} is counted.",
        "Requests failed in {number:,} intervals of {interval}, of which {count:,} are counted.",
        number=len(intervals),
        count=sum(each.counts for each in intervals),
        interval=words.of(INTERVALS[measure.interval]),
    )
    stretches = [[each] for each in intervals] if measure.bad is None else _in_stretches(intervals)
    listed = sorted(stretches, key=lambda stretch: not stretch[0].counts)[:_LISTED]
    more = len(intervals) - sum(map(len, listed))
    rest = words.count_of(
        more,
        "{more:,} more interval is listed in intervals.csv, which has all of them.",
        "{more:,} more intervals are listed in intervals.csv, which has all of them.",
        more=more,
    )
    head = (
        words.say("Intervals ({zone})", zone=claimed.contract.time_zone),
        words.of(to_say("Failures, of requests")),
        words.of(to_say("Counted")),
    )
    yield Section(
        words.of(to_say("2.1 Intervals in which requests failed")),
        [said],
        Table(("text", "figure", "clause"), head, [_stretch(each, words) for each in listed]),
        [rest if more else words.of(to_say("Each interval is listed in intervals.csv."))],
    )


def _in_stretches(intervals: Sequence[FailingInterval]) -> list[list[FailingInterval]]:
    """Put intervals together that follow each other, of one sub-unit, and count or do not."""
    stretches: list[list[FailingInterval]] = []
    for each in sorted(intervals, key=lambda each: (each.unit or "", each.starts_at)):
        last = stretches[-1][-1] if stretches else None
        if last and (last.unit, last.ends_at, last.counts) == (each.unit, each.starts_at, each.counts):
            stretches[-1].append(each)
        else:
            stretches.append([each])
    return sorted(stretches, key=lambda stretch: (stretch[0].starts_at, stretch[0].unit or ""))


def _stretch(stretch: Sequence[FailingInterval], words: Words) -> tuple[str, str, str]:
    """Write when it was, how many requests failed in it, and whether it counts."""
    starts_at, ends_at = stretch[0].starts_at, stretch[-1].ends_at
    midnight = (ends_at.date() - starts_at.date(), ends_at.time()) == (_DAY, time())
    when = f"{starts_at:%Y-%m-%d %H:%M} - {'24:00' if midnight else f'{ends_at:%H:%M}'}"
    if (ends_at.date() > starts_at.date() and not midnight) or starts_at.utcoffset() != ends_at.utcoffset():
        when = f"{starts_at.isoformat(' ', 'minutes')} - {ends_at.isoformat(' ', 'minutes')}"
    if len(stretch) > 1:
        when = words.say("{when} ({number:,} intervals)", when=when, number=len(stretch))
    if stretch[0].unit is not None:
        when = f"{when}, {stretch[0].unit}"
    failed, total = (sum(getattr(each, name) for each in stretch) for name in ("failed", "total"))
    return when, f"{failed:,} / {total:,}", words.of(to_say("yes") if stretch[0].counts else to_say("no"))


def _asked_for(claimed: Claimed, words: Words) -> Iterator[Section]:
    """Say what the agreement asks a claim to bring, where it is, and how it is filed."""
    claim = claimed.contract.claim
    said = []
    if claim.evidence is not None:
        said.append(
            words.say(
                "Clause {clause} asks for: {evidence}.", clause=claim.clause, evidence=words.title(claim.evidence)
            )
        )
        files = to_say("What of this logs show is enclosed: each request that failed, with its time, in rows.csv.")
        if claimed.read.measure is not None:
            files = to_say(
                "What of this logs show is enclosed: the times in intervals.csv, each request that failed in rows.csv."
            )
        said += [words.of(files), words.of(to_say("[TO FILL IN: what else it asks for, which logs do not show]"))]
    if claim.channel is not None:
        said.append(words.say("It is filed by: {channel}.", channel=words.title(claim.channel)))
    if said:
        yield Section(words.of(to_say("5.1 What a claim has to bring")), said)


def _left_out(claimed: Claimed, words: Words) -> Section:
    title, contract = words.of("3. What we have excluded"), claimed.read
    steps = [step for step in claimed.explained.steps if step.class_ == "excluded"]
    if not steps:
        return Section(title, [words.of("No request was excluded.")])
    rows = []
    for step in steps:
        cause = words.cause_title(step.clause or 0, contract)
        if step.exclusion is not None:
            cause = words.say("{cause}, exclusion {exclusion}", cause=cause, exclusion=step.exclusion)
        clause = words.cause_clause(step.clause or 0)
        rows.append((f"{cause} ({_statuses([step], words)})", f"{step.requests:,}", clause))
    said = words.of("These requests are counted neither as successes nor as failures:")
    return Section(title, [said], Table(claimed.columns, (), rows))


def _arguments(claimed: Claimed, words: Words) -> Section:
    rows = list(arguments(claimed.explained, claimed.contract, words))
    title = words.of("4. Other positions, and what each would be worth")
    if not rows:
        return Section(title, [words.of("No other reading of the agreement and no exclusion touches this claim.")])
    head = (
        words.of("Position"),
        words.say("Owed, {currency}", currency=claimed.explained.currency),
        words.of("Clause"),
    )
    return Section(title, table=Table(claimed.columns, head, rows))


def _time_limit(claimed: Claimed, words: Words) -> str:
    claim = claimed.explained.claim
    return words.say(
        "Under clause {clause}, claims for {cycle} are taken from {opens_on} to {closes_on}, both days included. This "
        "letter is dated {day} and is in time.",
        clause=claimed.contract.claim.clause,
        cycle=claim.cycle,
        opens_on=claim.opens_on,
        closes_on=claim.closes_on,
        day=claimed.explained.as_of,
    )


def _enclosed(claimed: Claimed, words: Words) -> Section:
    rows = [(each.name, size(each.bytes), each.sha256) for each in claimed.enclosures]
    head = (words.of("File"), words.of("Size"), "SHA-256")
    return Section(
        words.of("6. Enclosures"),
        [
            words.of(
                "Every figure above follows from the files enclosed: each request that is not a plain answer is in "
                'rows.csv with its time, its status and its place in our logs. The command "sla-audit verify" '
                "recomputes them."
            )
        ],
        Table(("text", "figure", "digest"), head, rows),
        [words.say("SHA-256 of manifest.json, which lists these files: {manifest}", manifest=claimed.manifest)],
    )
