"""When claims are taken: from the contract and the calendar (clause 2.10.2)."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.judge.claims import claim_window
from sla_audit.model.claims import ClaimWindow
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.ledger import TO_FILE
from sla_audit.model.month import Month
from sla_audit.model.notice import Notice, Value, in_a_row
from sla_audit.report.saved.ledger import SavedTracked
from sla_audit.report.saved.whole import SavedClaim
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.verification.context import CheckContext, Unverifiable, of_result

_PATHS = ("results[].claim.opens_on", "results[].claim.calendar")
_LEDGER = Unverifiable(
    (
        *(f"ledger[].{name}" for name in ("kind", "file_by", "claims", "amount", "undetermined")),
        *(f"results[].ledger.{name}" for name in SavedTracked.model_fields),
    ),
    Notice("what became of the claims, which is in the ledger"),
)
_SURE = frozenset({"official", "provisional"})


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say which claim windows are not those of the contract and the calendar."""
    first: dict[str, SavedClaim] = {}
    for result in context.report.results:
        claim = first.setdefault(result.cycle, result.claim)
        if claim != result.claim:
            yield of_result(result), to_say("claim is another than that of another account in the same cycle")
        if claim is result.claim:
            yield from ((of_result(result), what) for what in _of_cycle(context, result.cycle, claim))
    yield from _of_ledger(context)


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name the cycles whose windows depend on holidays that are not known here."""
    if context.report.holidays is not None:
        paths = ("holidays.path", *(() if context.holidays_known else ("holidays.sha256",)))
        yield Unverifiable(paths, Notice("the name of the holidays file"))
    if context.report.ledger is not None:
        yield _LEDGER
    claims = {result.cycle: result.claim for result in context.report.results}
    unsure: list[Value] = [cycle for cycle, claim in sorted(claims.items()) if not _is_known(context, cycle, claim)]
    if unsure:
        yield Unverifiable(_PATHS, Notice("from when on claims for {cycles} are taken", cycles=in_a_row(unsure)))


def _of_ledger(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Hold what a report has of a ledger against itself, as far as that goes: the ledger is elsewhere."""
    for result in context.report.results:
        tracked = result.ledger
        if tracked is None:
            continue
        if context.report.ledger is None:
            yield of_result(result), to_say("ledger is given, but the report was made without one")
        if (tracked.state in TO_FILE) != (tracked.file_by is not None):
            yield (
                of_result(result),
                Sentence(
                    "ledger.file_by is {file_by}, but ledger.state is {state}",
                    file_by=tracked.file_by,
                    state=tracked.state,
                ),
            )
        if (tracked.filed is None) != (tracked.filed_on is None):
            yield of_result(result), to_say("ledger has one of filed and filed_on without the other")


def windows(context: CheckContext) -> dict[str, ClaimWindow]:
    """Give the window of each cycle of the report, as it says where that is not known here."""
    said = {result.cycle: result.claim for result in context.report.results}
    found = {}
    for name in map(str, context.cycles or []):
        window, claim = _window(context, name), said.get(name)
        known = claim is None or _is_known(context, name, claim)
        found[name] = window if known or claim is None else ClaimWindow(**claim.model_dump())
    return found


def _window(context: CheckContext, cycle: str) -> ClaimWindow:
    return claim_window(cycle_named(cycle), context.contract.claim, context.working_days)


def _is_known(context: CheckContext, cycle: str, claim: SavedClaim) -> bool:
    """Tell whether a window can be told: its holidays are known, and have not become official since, or are not yet."""
    if context.contract.claim.opens_after_working_day is None:
        return True
    moved_on = {claim.calendar, _window(context, cycle).calendar} == _SURE
    return context.holidays_known and not moved_on


def _of_cycle(context: CheckContext, cycle: str, claim: SavedClaim) -> Iterator[Message]:
    window = _window(context, cycle)
    names: tuple[str, ...] = ("opens_on", "closes_on", "calendar")
    if not _is_known(context, cycle, claim):
        names = ("closes_on",)
        last_month = Month.of(cycle_named(cycle).last_day)
        if not last_month.last_day < claim.opens_on <= last_month.plus(2).first_day:
            yield Sentence("claim.opens_on is {opens_on}, not in the month after the cycle", opens_on=claim.opens_on)
        if claim.calendar == "supplied" and context.report.holidays is None:
            yield to_say("claim.calendar is 'supplied', but the report names no holidays file")
    for name in names:
        found, expected = getattr(claim, name), getattr(window, name)
        if found != expected:
            yield Sentence(
                "claim.{name} is {found}; its contract and the calendar give {expected}",
                name=name,
                found=found,
                expected=expected,
            )
