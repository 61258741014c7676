"""What a report was made of and by, for people: the program, the files with their digests, the options."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.sentence import to_say

ROLES = {
    "config": to_say("config"),
    "dialect": to_say("dialect"),
    "log_format": to_say("format of the logs"),
    "accounts": to_say("accounts file"),
    "billing": to_say("billing file"),
    "alias": to_say("alias file"),
    "exclusions": to_say("exclusions file"),
    "holidays": to_say("holidays file"),
}
_LOG, _BEHIND = to_say("log"), to_say("log behind the tally")


class FileLine(NamedTuple):
    """A file that a figure may depend on: what it is to the run, and by what it is known again.

    `sha256` is of all its bytes, `fingerprint` of its size and of samples; either is None where the report lacks it.
    """

    role: str
    path: str
    bytes: int | None
    rows: int | None
    sha256: str | None
    fingerprint: str | None

    @property
    def digest(self) -> str:
        """The better of its two digests; nothing where there is none."""
        return self.sha256 or self.fingerprint or ""


def logs(report: Report, words: Words) -> list[FileLine]:
    """List the logs, and those behind tallies after them."""
    return [line for each in report.head["inputs"] for line in _of_input(each, words)]


def other_files(report: Report, words: Words) -> list[FileLine]:
    """List the other files; none of a report of a version that did not say."""
    files = report.head.get("provenance", {}).get("files", [])
    return [
        FileLine(words.of(ROLES[each["role"]]), each["path"], each["bytes"], None, each["sha256"], None)
        for each in files
    ]


def digest_title(report: Report, words: Words) -> str | None:
    """Say what the digests of logs are; None of a report of a version that has none."""
    inputs = report.head["inputs"]
    if inputs and all(each.get("sha256") for each in inputs):
        return "SHA-256"
    known = any(each.get("fingerprint") for each in inputs)
    return words.of("Fingerprint: SHA-256 of size and samples") if known else None


def program(report: Report, words: Words) -> str | None:
    """Say what made the report; None of a version that did not."""
    made = report.head.get("provenance", {}).get("program")
    return made and words.say("Made by {name} {version}.", name=made["name"], version=made["version"])


def options(report: Report, words: Words) -> str | None:
    """Say which options were set that change figures, as a config would; None where none was."""
    said = report.head.get("provenance", {}).get("options")
    if not said:
        return None
    listed = words.joined(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in said.items())
    return words.say("Options that were set: {options}.", options=listed)


def _of_input(file: dict[str, Any], words: Words) -> Iterator[FileLine]:
    for role, each in ((_LOG, file), *((_BEHIND, log) for log in file.get("logs") or ())):
        digests = (each.get("sha256"), each.get("fingerprint"))
        yield FileLine(words.of(role), each["path"], each["bytes"], each["rows"], *digests)
