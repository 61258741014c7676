"""What a report was made of and by: what of it is said elsewhere in the report too, and what only the files show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sla_audit.model.notice import Notice
from sla_audit.report.saved.provenance import ROLES, SavedProvenance
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.verification.context import CheckContext, Unverifiable

_PROGRAM = Unverifiable(("provenance.program.version",), Notice("by which version it was made"))
_DIGESTS = ("inputs[].fingerprint", "inputs[].sha256", "inputs[].logs[].path", "inputs[].logs[].bytes")
_OF_LOGS = Unverifiable((*_DIGESTS, "inputs[].logs[].fingerprint"), Notice("the digests of the logs"))
_FILES = tuple(f"provenance.files[].{name}" for name in ("role", "path", "bytes", "sha256"))


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say what is at odds with another part of the report."""
    for file in context.report.inputs:
        behind = None if file.logs is None else sum(log.rows for log in file.logs)
        if behind not in (None, file.rows):
            yield (
                "",
                Sentence(
                    "inputs has {rows} rows of {path}, but the logs behind it make {behind}",
                    rows=file.rows,
                    path=file.path,
                    behind=behind,
                ),
            )
    if context.report.provenance is not None:
        yield from (("", what) for what in _of_files(context, context.report.provenance))
        yield from (("", what) for what in _of_options(context, context.report.provenance.options))


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name what only the files, and whoever ran the program, can tell."""
    known = context.report.provenance
    if any(file.fingerprint or file.sha256 for file in context.report.inputs):
        yield _OF_LOGS
    if known is None:
        return
    yield _PROGRAM
    if known.files:
        yield Unverifiable(_FILES, Notice("the digests of the other files"))
    paths = tuple(dict.fromkeys(_leaves(known.options, "provenance.options")))
    open_ = tuple(path for path in paths if path != "provenance.options.cycle")
    if open_:
        yield Unverifiable(open_, Notice("the options that were set"))


def _of_files(context: CheckContext, known: SavedProvenance) -> Iterator[Message]:
    report = context.report
    roles = [file.role for file in known.files]
    several = {"dialect", "log_format"}
    if roles != sorted(roles, key=ROLES.index) or any(roles.count(role) > 1 for role in {*roles} - several):
        yield to_say("provenance.files are not in their order, each once")
    holidays = {file.sha256 for file in known.files if file.role == "holidays"}
    if holidays != ({report.holidays.sha256} if report.holidays is not None else set()):
        yield to_say("provenance.files has another holidays file than holidays")
    if report.exclusions and "exclusions" not in roles:
        yield to_say("provenance.files has no exclusions file, but there are exclusions")
    if report.reconciliation is not None:
        for role in ("accounts", "billing", "alias"):
            compared = getattr(report.reconciliation, role) is not None
            if compared != (role in roles):
                text = to_say("provenance.files lacks the {role} file, which reconciliation does not bear out")
                if role in roles:
                    text = to_say("provenance.files has an {role} file, which reconciliation does not bear out")
                yield Sentence(text, role=role)


def _of_options(context: CheckContext, options: dict[str, Any]) -> Iterator[Message]:
    asked = options.get("cycle")
    if asked is None or context.cycles is None:
        return
    first, last = context.cycles[0] if context.cycles else None, context.cycles[-1] if context.cycles else None
    if asked not in (f"{first}..{last}", str(first) if first == last else None):
        yield Sentence("provenance.options.cycle is {asked!r}, but months has others", asked=asked)


def _leaves(value: Any, place: str) -> Iterator[str]:
    """Give the place of every value, written as marks are."""
    left = [(value, place)]
    while left:
        each, at = left.pop()
        if isinstance(each, dict):
            left += [(part, f"{at}.{key}") for key, part in each.items()]
        elif isinstance(each, list):
            left += [(part, f"{at}[]") for part in each]
        else:
            yield at
