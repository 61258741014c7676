"""The formats of a report, by suffix: all are made from the same report, and loaded when they are asked for."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sla_audit.errors import InputError, Problem
from sla_audit.report.language import ENGLISH, Words
from sla_audit.sentence import Sentence

if TYPE_CHECKING:
    from sla_audit.contract.model import Contract
    from sla_audit.report.document import Report

    Renderer = Callable[..., bytes]
    """Makes a file of a report, its contract and, where people read it, words: the same give the same bytes."""

STDOUT = Path("-")
"""What stands for standard output, which takes JSON."""

_EXTRA = "sla-audit[report]"
_ROWS_OF_A_SHEET = 2**20


@dataclass(frozen=True)
class Format:
    """A format.

    `renderer` is `module:function`; `needs` are modules beyond the base install, `most_results` what a file holds.
    One `for_people` is written in their language; what machines read is the same in all. One that is `by_day` has the
    requests of each day, where a report has them.
    """

    suffix: str
    renderer: str
    needs: tuple[str, ...] = ()
    most_results: int | None = None
    for_people: bool = False
    by_day: bool = False

    def missing(self) -> list[str]:
        """Name the modules it needs that are not installed."""
        return [name for name in self.needs if find_spec(name) is None]

    def load(self) -> Renderer:
        """Import the renderer."""
        renderer: Renderer = pkgutil.resolve_name(self.renderer)
        return renderer


FORMATS = {
    each.suffix: each
    for each in (
        Format(".json", "sla_audit.report.formats.json_file:render_json", by_day=True),
        Format(".csv", "sla_audit.report.formats.csv_file:render_csv"),
        Format(".parquet", "sla_audit.report.formats.parquet_file:render_parquet", by_day=True),
        Format(
            ".xlsx",
            "sla_audit.report.formats.xlsx.workbook:render_workbook",
            needs=("xlsxwriter",),
            most_results=_ROWS_OF_A_SHEET - 1,
            for_people=True,
            by_day=True,
        ),
        Format(
            ".html",
            "sla_audit.report.formats.html.render:render_html",
            needs=("jinja2", "vl_convert"),
            for_people=True,
            by_day=True,
        ),
        Format(".md", "sla_audit.report.formats.markdown:render_markdown", for_people=True),
        Format(".prom", "sla_audit.report.formats.prometheus:render_metrics"),
    )
}


def cannot_be_made(paths: Sequence[Path]) -> Iterator[Problem]:
    """Say which files have a suffix that is no format, or one whose libraries are not installed."""
    for path in paths:
        form = FORMATS.get(path.suffix.lower())
        if form is None:
            found = Sentence("no report format has the suffix {suffix!r}", suffix=path.suffix)
            yield Problem(path.as_posix(), found, Sentence("Choose one of {formats}.", formats=", ".join(FORMATS)))
        elif missing := form.missing():
            found = Sentence(
                "{suffix} needs {missing}, which is not installed", suffix=form.suffix, missing=", ".join(missing)
            )
            yield Problem(path.as_posix(), found, Sentence("Install it: pip install '{extra}'", extra=_EXTRA))


def by_day(paths: Sequence[Path]) -> bool:
    """Tell whether some file has the requests of each day, which take longer to count."""
    return any(_format_of(path).by_day for path in paths)


def render(report: Report, contract: Contract, path: Path, words: Words = ENGLISH) -> bytes:
    """Make the file for a path, in the format of its suffix; JSON for standard output.

    Raises `InputError` where the format cannot hold so many results.
    """
    form = _format_of(path)
    count = report.results.height
    if form.most_results is not None and count > form.most_results:
        found = Sentence(
            "there are {results:,} results; {suffix} holds {most:,}",
            results=count,
            suffix=form.suffix,
            most=form.most_results,
        )
        raise InputError(Problem(path.as_posix(), found, "Choose .parquet or .csv, or fewer cycles."))
    renderer = form.load()
    return renderer(report, contract, words) if form.for_people else renderer(report, contract)


def _format_of(path: Path) -> Format:
    return FORMATS[".json" if path == STDOUT else path.suffix.lower()]
