"""Report files: the format by suffix."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from sla_audit.errors import Problem, refuse
from sla_audit.report.csv_file import csv_text, render_csv
from sla_audit.report.document import Report
from sla_audit.report.json_file import render_json
from sla_audit.report.places import faulty_places
from sla_audit.report.together import write_files

RENDERERS: Mapping[str, Callable[[Report], str]] = {".json": render_json, ".csv": render_csv}


def check_outputs(reports: Sequence[Path], rejects: Path | None, inputs: Collection[Path]) -> None:
    """Refuse reports whose suffix is no format, and what `check_places` refuses, before any work is done."""
    problems = [
        Problem(
            path.as_posix(),
            f"no report format has the suffix {path.suffix!r}",
            f"Choose one of {', '.join(RENDERERS)}.",
        )
        for path in reports
        if path.suffix.lower() not in RENDERERS
    ]
    refuse([*problems, *faulty_places(reports, rejects, inputs)])


def write_reports(
    report: Report, paths: Sequence[Path], rejects: Path | None, reject_rows: Iterable[Sequence[str]]
) -> None:
    """Write the report to every path in the format of its suffix, and the rejected rows: all or none."""
    contents: dict[Path, str | bytes] = {path: RENDERERS[path.suffix.lower()](report) for path in paths}
    if rejects is not None:
        contents[rejects] = csv_text(reject_rows)
    write_files(contents)
