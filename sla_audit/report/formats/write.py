"""Report files: the format by suffix."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from sla_audit.contract.model import Contract
from sla_audit.errors import refuse
from sla_audit.output.atomic import Content
from sla_audit.output.destinations import faulty_places
from sla_audit.report.document import Report
from sla_audit.report.formats.csv_file import csv_blocks
from sla_audit.report.formats.registry import STDOUT, cannot_be_made, render
from sla_audit.report.language import ENGLISH, Words


def check_outputs(reports: Sequence[Path], rejects: Path | None, inputs: Collection[Path]) -> None:
    """Refuse reports whose format cannot be made, and what `check_places` refuses, before any work is done."""
    files = [path for path in reports if path != STDOUT]
    refuse([*cannot_be_made(files), *faulty_places(files, rejects, inputs)])


def rendered(
    report: Report,
    contract: Contract,
    paths: Sequence[Path],
    rejects: Path | None = None,
    reject_rows: Iterable[Sequence[str]] = (),
    words: Words = ENGLISH,
) -> dict[Path, Content]:
    """Make the report for every file in the format of its suffix, and the rejected rows, for `write_files`."""
    contents: dict[Path, Content] = {path: render(report, contract, path, words) for path in paths if path != STDOUT}
    if rejects is not None:
        contents[rejects] = csv_blocks(reject_rows)
    return contents
