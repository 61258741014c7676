"""How a claim of a ledger stands, in words: what was done, and what is to be done next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sla_audit.model.ledger import Entry, Packed, Tracked, TrackedClaim, TrackedState
from sla_audit.report.language import Words
from sla_audit.report.sentences import REASONS, unsure
from sla_audit.sentence import to_say

STATES: dict[TrackedState, str] = {
    "detected": to_say("detected"),
    "ready": to_say("ready"),
    "filed": to_say("filed"),
    "approved": to_say("approved"),
    "partly_approved": to_say("partly approved"),
    "rejected": to_say("rejected"),
    "partly_credited": to_say("partly credited"),
    "credited": to_say("credited"),
    "withdrawn": to_say("withdrawn"),
    "lapsed": to_say("lapsed"),
    "nothing_owed": to_say("nothing owed"),
}


def in_words(claim: TrackedClaim, as_of: date, words: Words) -> str:
    """Say what was done about a claim last, or what is to be done and by when."""
    if claim.file_by is not None:
        return _to_file(claim, claim.file_by, as_of, words)
    if claim.withdrawn is not None:
        return words.say("withdrawn on {day}{reference}", **_when(claim.withdrawn, words))
    if claim.filed is None:
        if claim.state == "lapsed":
            return words.say("lapsed: it could be filed until {day}", day=claim.found.closes_on)
        said = to_say("nothing is owed: {reason}")
        return words.say(said, reason=words.of(REASONS.get(claim.found.reason, claim.found.reason)))
    parts = [*_after_filing(claim, claim.filed, words)]
    if claim.filed.nevertheless == "late":
        parts.append(words.of("filed late"))
    if claim.filed.nevertheless == "early":
        parts.append(words.of("filed early"))
    return words.joined(parts)


def _to_file(claim: TrackedClaim, file_by: date, as_of: date, words: Words) -> str:
    provisional = unsure(claim.found.calendar, words)
    if claim.state == "detected":
        said = to_say("opens on {opens_on}, file it by {closes_on}{unsure}")
        return words.say(said, opens_on=claim.found.opens_on, closes_on=file_by, unsure=provisional)
    said = _in_days(file_by, (file_by - as_of).days, words)
    if claim.found.amount is None:
        reason = words.of(REASONS.get(claim.found.reason, claim.found.reason))
        said = words.joined([said, words.say("amount unknown: {reason}", reason=reason)])
    return said if claim.pack is None else words.joined([said, _packed(claim.pack, claim, words)])


def _packed(pack: Packed, claim: TrackedClaim, words: Words) -> str:
    """Say that there is a pack to send, or that it claims something else than the last run found."""
    if pack.amount != claim.found.amount:
        said = to_say("the pack of {day} claims {amount}: make another edition")
        return words.say(said, day=pack.as_of, amount=words.owed(pack.amount))
    return words.say("its pack is made: letter {letter}", letter=pack.letter)


def _in_days(file_by: date, days: int, words: Words) -> str:
    if days == 0:
        return words.of("file it today, on its last day")
    return words.count_of(
        days,
        "file by {closes_on}, in {days} day",
        "file by {closes_on}, in {days} days",
        closes_on=file_by,
        days=days,
    )


def _after_filing(claim: TrackedClaim, filed: Entry, words: Words) -> Iterator[str]:
    agreed = words.owed(claim.agreed)
    if claim.credits:
        values = {"credited": words.owed(claim.credited), "agreed": agreed, **_when(claim.credits[-1], words)}
        said = to_say("{credited} of {agreed} credited, last on {day}{reference}")
        if claim.state == "credited":
            said = to_say("{credited} credited, last on {day}{reference}")
        yield words.say(said, **values)
    elif claim.answer is not None:
        values = {"agreed": agreed, "filed": words.owed(filed.amount), **_when(claim.answer, words)}
        said = {
            "rejected": to_say("rejected on {day}{reference}"),
            "approved": to_say("{agreed} approved on {day}{reference}, not credited yet"),
        }.get(claim.state, to_say("{agreed} of {filed} approved on {day}{reference}, not credited yet"))
        yield words.say(said, **values)
    else:
        said = to_say("{filed} filed on {day}{reference}, no answer yet")
        yield words.say(said, filed=words.owed(filed.amount), **_when(filed, words))


def _when(entry: Entry, words: Words) -> dict[str, object]:
    reference = "" if entry.reference is None else words.say(" ({reference})", reference=entry.reference)
    return {"day": entry.day, "reference": reference}


def nothing_there(tracked: Tracked, words: Words) -> str | None:
    """Say that there is no claim; None where there is one."""
    return None if tracked.claims else words.of("There is no such claim.")


def elsewhere(tracked: Tracked, words: Words) -> str | None:
    """Say that the ledger has claims under other contracts; None where it has none."""
    if not tracked.elsewhere:
        return None
    parts = words.listed(f"{number:,} ({contract})" for contract, number in tracked.elsewhere)
    return words.say("Claims under other agreements, not shown: {parts}.", parts=parts)
