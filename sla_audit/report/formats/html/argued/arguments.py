"""What the page's script says of exclusions, and the command that shows the rows behind a result."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sla_audit.contract.model import Contract
from sla_audit.output.escape import for_terminal
from sla_audit.report import sentences
from sla_audit.report.document import Report
from sla_audit.report.formats import exclusions
from sla_audit.report.language import Words

_FILES = {
    "accounts": "--accounts",
    "billing": "--billing",
    "alias": "--alias",
    "exclusions": "--exclusions",
    "holidays": "--holidays",
}
_LOG_OPTIONS = {
    "dialect": "--dialect",
    "format": "--log-format",
    "delimiter": "--delimiter",
    "encoding": "--encoding",
    "time_zone": "--time-zone",
}
_MOST_LOGS = 3
_END = timedelta(microseconds=1)


def arguments(report: Report, words: Words) -> list[dict[str, Any]]:
    """Say of each exclusion what was asserted and what became of it, as texts, and of which days and accounts it is.

    `accounts` is null where it is of all. What a report of an earlier version does not say, nothing can be shown of.
    """
    return [_argument(each, words) for each in report.head["exclusions"] if exclusions.is_whole(each)]


def _argument(each: Mapping[str, Any], words: Words) -> dict[str, Any]:
    last = (datetime.fromisoformat(each["ends_at"]) - _END).date().isoformat()
    narrower = exclusions.scope({**each, "accounts": []}, words) if each["regions"] or each["apis"] else ""
    by = each["asserted_by"] and words.say("asserted by {who}", who=for_terminal(each["asserted_by"]))
    return {
        "id": for_terminal(each["id"]),
        "clause": each["clause"],
        "applied": each["state"] == "applied",
        "state": exclusions.state(each, words),
        "window": exclusions.window(each, words),
        "first_day": each["starts_at"][:10],
        "last_day": last,
        "announced": exclusions.announced(each, words),
        "accounts": [for_terminal(account) for account in each["accounts"]] or None,
        "scope": for_terminal(narrower),
        "by": by or "",
        "note": for_terminal(exclusions.note(each)),
        "saved": sentences.saved_by(each, words),
    }


def command_of(report: Report, contract: Contract) -> str | None:
    """Write what a command needs to read again what a report was made of; None where that cannot be told.

    The config has the rest; without one, it is the logs and the files besides. What stands for too many logs to be
    listed is `LOGS`, for the reader to fill in.
    """
    made = report.head.get("provenance")
    if made is None or not _has_options(made):
        return None
    return " ".join(shlex.quote(part) for part in _parts(report, made, contract))


def _has_options(made: Mapping[str, Any]) -> bool:
    """Tell whether all that is said of the logs and facts is in a config, or can be said by options."""
    if any(each["role"] == "config" for each in made["files"]):
        return True
    of_logs = made["options"].get("logs", ())
    known = {*_LOG_OPTIONS, "columns"}
    return len(of_logs) < 2 and all(known.issuperset(each) for each in of_logs) and "facts" not in made["options"]


def _parts(report: Report, made: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    files = {each["role"]: each["path"] for each in made["files"]}
    if "config" in files:
        yield from ("--config", files["config"])
    else:
        logs = [each["path"] for each in report.head["inputs"]]
        yield from logs if len(logs) <= _MOST_LOGS else ["LOGS"]
        for role, option in _FILES.items():
            if role in files:
                yield from (option, files[role])
        for api in report.head["apis"]:
            yield from ("--api", api["pattern"])
        for written in made["options"].get("logs", ()):
            yield from _of_logs(written)
    if report.head["reading"] != contract.default_reading:
        yield from ("--reading", report.head["reading"])
    yield from ("--as-of", report.head["as_of"])


def _of_logs(written: Mapping[str, Any]) -> Iterator[str]:
    """Say how the logs are written, as `commands.provenance` tells it of those without a config."""
    for name, option in _LOG_OPTIONS.items():
        if name in written:
            yield from (option, written[name])
    for name, columns in written.get("columns", {}).items():
        yield from ("--column", f"{name}={columns}")
