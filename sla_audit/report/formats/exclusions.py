"""What people read of an exclusion: when, of what, announced when, asserted by whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sla_audit.report.language import Words
from sla_audit.report.sentences import exclusion_state
from sla_audit.sentence import to_say

STATES = {
    ("applied", None): to_say("applied"),
    ("refused", "not_announced"): to_say("refused: never announced"),
    ("refused", "announced_late"): to_say("refused: announced no earlier than it began"),
}
"""What became of an exclusion, where it is known when it was announced."""

_SCOPES = {
    "accounts": to_say("accounts {names}"),
    "regions": to_say("regions {names}"),
    "apis": to_say("APIs {names}"),
}


def is_whole(exclusion: Mapping[str, Any]) -> bool:
    """Tell whether a report says all of an exclusion; those of earlier versions say what became of it alone."""
    return "starts_at" in exclusion


def state(exclusion: Mapping[str, Any], words: Words) -> str:
    """Say what became of it, and why."""
    if not is_whole(exclusion):
        return exclusion_state(exclusion, words)
    return words.of(STATES[exclusion["state"], exclusion["reason"]])


def window(exclusion: Mapping[str, Any], words: Words) -> str:
    """Say from when until when, the end not included; nothing where the report does not say."""
    if not is_whole(exclusion):
        return ""
    first, end = (clock(exclusion[name]) for name in ("starts_at", "ends_at"))
    if first[:10] == end[:10]:
        end = end[11:]
    return words.say("{first} to {end}", first=first, end=end)


def announced(exclusion: Mapping[str, Any], words: Words) -> str:
    """Say when it was announced."""
    if not is_whole(exclusion):
        return ""
    notified_at = exclusion["notified_at"]
    return words.of(to_say("no")) if notified_at is None else clock(notified_at)


def scope(exclusion: Mapping[str, Any], words: Words) -> str:
    """Say which requests it is about."""
    if not is_whole(exclusion):
        return ""
    parts = [words.say(said, names=words.listed(exclusion[of])) for of, said in _SCOPES.items() if exclusion[of]]
    return words.joined(parts) if parts else words.of(to_say("all"))


def is_of_all(exclusion: Mapping[str, Any]) -> bool:
    """Tell whether it is about all requests, so that nothing is named that its file says."""
    return not any(exclusion.get(name) for name in _SCOPES)


def asserted_by(exclusion: Mapping[str, Any], words: Words) -> str:
    """Say who asserts it; the file need not."""
    said: str = exclusion.get("asserted_by") or (words.of(to_say("not said")) if is_whole(exclusion) else "")
    return said


def note(exclusion: Mapping[str, Any]) -> str:
    """Give the note in the file."""
    said: str = exclusion.get("note", "")
    return said


def in_full(exclusion: Mapping[str, Any], words: Words) -> str:
    """Say all that was asserted, on one line."""
    said = to_say("{window}; announced: {announced}; scope: {scope}; asserted by: {who}")
    whole = words.say(
        said,
        window=window(exclusion, words),
        announced=announced(exclusion, words),
        scope=scope(exclusion, words),
        who=asserted_by(exclusion, words),
    )
    return words.joined([whole, note(exclusion)]) if note(exclusion) else whole


def clock(written: str) -> str:
    """Write an instant of a report as people do, in its own zone: seconds only where there are some."""
    at = datetime.fromisoformat(written).replace(tzinfo=None)
    return at.isoformat(" ", "minutes") if not (at.second or at.microsecond) else at.isoformat(" ")
