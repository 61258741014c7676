"""The letter in every language and form."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from sla_audit.errors import Problem
from sla_audit.report.language import LANGUAGES, words_of
from sla_audit.report.letter import chinese_font
from sla_audit.report.letter.content import Claimed, letter_of
from sla_audit.report.letter.markdown import render_markdown_letter
from sla_audit.sentence import Sentence, in_series, to_say

_NEEDS = {"docx": "python-docx", "reportlab": "reportlab"}
_MADE_BY = ("Jinja2", "python-docx", "lxml", "reportlab", "vl-convert-python", *chinese_font.PACKAGES)


def cannot_write_letters() -> Iterator[Problem]:
    """Say which libraries are not installed."""
    missing = [name for module, name in _NEEDS.items() if find_spec(module) is None]
    if missing:
        text = to_say("letters need {names}, which are not installed")
        if len(missing) == 1:
            text = to_say("letters need {names}, which is not installed")
        found = Sentence(text, names=in_series(missing, to_say("{listed} and {value}")))
        yield Problem(Sentence("claim pack"), found, "Install it: pip install 'sla-audit[claim]'")


def has_chinese(font: Path | None) -> bool:
    """Tell whether the PDF has the letters of its Chinese in it, with a `font` that is given or without one."""
    return font is not None or chinese_font.is_installed()


def made_by() -> dict[str, str]:
    """Give the versions of the libraries on which the bytes of letters and page depend."""
    found = {}
    for name in _MADE_BY:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {**found, "zlib": zlib.ZLIB_RUNTIME_VERSION}


def letters(claimed: Claimed, font: Path | None = None) -> dict[str, bytes]:
    """Write the letter in every language and form, by the name of its file; a `font` goes into the PDF.

    Raises `InputError` where that is none.
    """
    from sla_audit.report.letter.docx_file import render_docx_letter  # noqa: PLC0415 - an extra
    from sla_audit.report.letter.pdf_file import chinese_face, render_pdf_letter  # noqa: PLC0415 - an extra

    files, face_for = {}, chinese_face(font)
    for language in LANGUAGES:
        letter = letter_of(claimed, words_of(language))
        files[f"letter.{language}.docx"] = render_docx_letter(letter)
        files[f"letter.{language}.md"] = render_markdown_letter(letter)
        files[f"letter.{language}.pdf"] = render_pdf_letter(letter, face_for(letter))
    return files


def markdown_letters(claimed: Claimed) -> dict[str, bytes]:
    """Write the letters that depend on no library."""
    return {
        f"letter.{language}.md": render_markdown_letter(letter_of(claimed, words_of(language)))
        for language in LANGUAGES
    }
