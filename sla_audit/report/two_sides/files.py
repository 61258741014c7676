"""The files of a comparison, each in the format of its suffix: a page, a document, or the requests one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from sla_audit.contract.model import Contract
from sla_audit.errors import Problem
from sla_audit.output.atomic import Content
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.rows.files import FORMATS, cannot_hold_rows, row_blocks
from sla_audit.report.two_sides.document import Compared, one_by_one, render_comparison
from sla_audit.sentence import Sentence

_WHOLE = (".html", ".json")


def comparison_files(
    compared: Compared, contract: Contract, outputs: Sequence[Path], words: Words = ENGLISH
) -> dict[Path, Content]:
    """Make each file. Raises `InputError` for more requests than one of it holds."""
    return {output: _file(compared, contract, output, words) for output in outputs}


def cannot_be_made(outputs: Sequence[Path]) -> Iterator[Problem]:
    """Say which files have a suffix that is no format of a comparison, or one whose library is not installed."""
    for output in outputs:
        suffix = output.suffix.lower()
        if suffix not in {*_WHOLE, *FORMATS}:
            found = Sentence("no file of a comparison has the suffix {suffix!r}", suffix=output.suffix)
            yield Problem(
                output.as_posix(), found, Sentence("Choose one of {formats}.", formats=", ".join([*_WHOLE, *FORMATS]))
            )
        elif suffix in FORMATS:
            yield from cannot_hold_rows([output])
        elif suffix == ".html" and find_spec("jinja2") is None:
            found = Sentence("{suffix} needs {missing}, which is not installed", suffix=".html", missing="jinja2")
            yield Problem(output.as_posix(), found, "Install it: pip install 'sla-audit[report]'")


def _file(compared: Compared, contract: Contract, output: Path, words: Words) -> Content:
    suffix = output.suffix.lower()
    if suffix == ".json":
        return render_comparison(compared)
    if suffix == ".html":
        from sla_audit.report.formats.html.two_sides import render_comparison_page  # noqa: PLC0415 - an extra

        return render_comparison_page(compared, contract, words)
    return row_blocks([one_by_one(compared)], output)
