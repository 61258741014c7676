"""What a report was made of and by: the program, the files besides the logs, and the options that change figures.

Nothing here depends on when or where a run is: the same inputs give the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from sla_audit import __version__
from sla_audit.commands.count import Logs
from sla_audit.commands.log_sets import LogSet
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.bytes.plan import plan_of
from sla_audit.intake.bytes.planned import Planned
from sla_audit.intake.bytes.text_format import TextFormat
from sla_audit.intake.facts.form import FactsForms
from sla_audit.intake.fingerprint import whole
from sla_audit.intake.rejects import Tolerance
from sla_audit.intake.values.content_flags import FlagWords
from sla_audit.judge.completeness.metering import EXACT
from sla_audit.judge.period import Period
from sla_audit.model.verdicts import CallTolerance
from sla_audit.system.whole_file import no_plain_file

_PLAIN = TextFormat()
Digest = dict[str, str | int | None]
"""A file: its `role` in the run, `path`, `bytes` and `sha256`; the last two are null of a pipe."""


@contextmanager
def digested(files: Iterable[tuple[str, Path | None]]) -> Iterator[list[Digest]]:
    """Digest the files that are given, each under its role; those that cannot be read are told by who reads them.

    Raises `InputError` where one has changed at the end: then it is not known what was read.
    """
    found: list[Digest] = []
    planned: list[Planned] = []
    for role, path in files:
        if path is None:
            continue
        if no_plain_file(path) is not None:
            found.append({"role": role, "path": path.as_posix(), "bytes": None, "sha256": None})
            continue
        try:
            file = plan_of(path)
            found.append({"role": role, "path": path.as_posix(), "bytes": file.size, "sha256": whole(file)})
            planned.append(file)
        except (OSError, ValueError, InputError):
            continue
    yield found
    refuse(_changes(planned))


def _changes(files: Iterable[Planned]) -> Iterator[Problem]:
    for file in files:
        change = file.change()
        if change is not None:
            yield change


def provenance(
    files: Sequence[Digest], logs: Logs, period: Period, forms: FactsForms, metering: CallTolerance
) -> dict[str, Any]:
    """Give what `provenance` of a report holds."""
    return {
        "program": {"name": "sla-audit", "version": __version__},
        "files": list(files),
        "options": options(logs, period, forms, metering),
    }


def options(logs: Logs, period: Period, forms: FactsForms, metering: CallTolerance) -> dict[str, Any]:
    """Give the options that change figures and were set, but for those that the head of a report says itself.

    What is missing has its default. `logs` says how those of each source are written, in their order.
    """
    written = [_written(each) for each in logs.sets]
    said = {
        "cycle": str(period) if period != Period() else None,
        "max_rejected": _tolerated(logs.tolerance) if logs.tolerance != Tolerance() else None,
        "metering_tolerance": metering.written if metering != EXACT else None,
        "keep_duplicates": logs.keep_duplicates,
        "logs": written if any(written) else [],
        "facts": forms.model_dump(mode="json", exclude_defaults=True),
    }
    return _said(said)


def _written(of: LogSet) -> dict[str, Any]:
    pattern = of.columns.account_pattern
    said = {
        "format": of.form,
        "dialect": None if of.dialect is None else of.dialect.id,
        "log_format": of.log_format,
        "columns": {name: ",".join(columns) for name, columns in sorted(of.columns.named.items())},
        "account_pattern": None if pattern is None else pattern.pattern,
        "delimiter": of.csv.delimiter if of.csv.delimiter != _PLAIN.delimiter else None,
        "encoding": of.csv.encoding if of.csv.encoding != _PLAIN.encoding else None,
        "time_zone": of.time_zone,
        "as_of_version": None if of.version is None else str(of.version),
        "content_flag": None if of.flags is None else _flags(of.flags),
    }
    return _said(said)


def _flags(words: FlagWords) -> dict[str, Any]:
    return _said({name: None if values is None else sorted(values) for name, values in words})


def _tolerated(tolerance: Tolerance) -> str:
    """Write a tolerance exactly, as the option takes it."""
    if tolerance.share is None:
        return str(tolerance.rows)
    share = tolerance.share * 100
    return f"{Decimal(share.numerator) / Decimal(share.denominator):f}%"


def _said(options_: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options_.items() if value not in (None, False, [], {})}
