"""A letter as `.docx`, for a company's own letterhead."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from sla_audit.output.escape import for_terminal
from sla_audit.report.letter.layout import Column, Letter, Table

_WIDTHS: dict[tuple[Column, ...], tuple[int, ...]] = {
    ("text", "figure", "clause"): (112, 35, 23),
    ("text", "figure", "heading"): (94, 31, 45),
    ("text", "figure", "digest"): (28, 18, 124),
}  # millimetres, of the 170 between the margins
_LATIN, _CHINESE = "Times New Roman", "SimSun"
_NO_DAY = (1980, 1, 1, 0, 0, 0)
_MICROSOFT = 0


def render_docx_letter(letter: Letter) -> bytes:
    """Write the letter; the same letter gives the same bytes."""
    document = Document()
    _set_up(document, letter)
    _lines(document, letter.sender, bold_first=True)
    _lines(document, letter.recipient)
    _lines(document, letter.details, align=WD_ALIGN_PARAGRAPH.RIGHT)
    _paragraph(document, letter.subject, bold=True, size=13, after=8)
    for text in (letter.greeting, *letter.opening):
        _paragraph(document, text)
    for section in letter.sections:
        _paragraph(document, section.title, bold=True, before=6, after=2, keep=True)
        for text in section.before:
            _paragraph(document, text, keep=section.table is not None)
        if section.table is not None:
            _table(document, section.table)
        for text in section.after:
            _paragraph(document, text, size=8, before=4)
    for number, text in enumerate(letter.closing):
        _paragraph(document, text, before=8 if not number else 0, keep=True)
    _lines(document, letter.signed, before=24)
    _foot(document, letter)
    return _without_times(document)


def _set_up(document: Any, letter: Letter) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(18)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, Pt(10)
    properties = normal.element.get_or_add_rPr()
    properties.rFonts.set(qn("w:eastAsia"), _CHINESE)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)
    about, moment = document.core_properties, datetime(letter.dated.year, letter.dated.month, letter.dated.day)  # noqa: DTZ001 - a day
    about.created = about.modified = moment
    about.title, about.subject = for_terminal(letter.subject)[:255], for_terminal(letter.number)
    about.author = for_terminal(letter.sender[0])[:255]
    about.last_modified_by, about.comments, about.revision = "", "", 1
    about.language = letter.html_language


def _lines(document: Any, lines: Any, *, align: Any = None, bold_first: bool = False, before: int = 0) -> None:
    paragraph = _paragraph(document, "", after=8, before=before)
    if align is not None:
        paragraph.alignment = align
    for number, line in enumerate(lines):
        run = paragraph.add_run(for_terminal(line))
        run.bold = bold_first and not number
        if number + 1 < len(lines):
            run.add_break()


def _paragraph(
    place: Any,
    text: str,
    *,
    bold: bool = False,
    size: float = 10,
    before: float = 0,
    after: float = 4,
    keep: bool = False,
) -> Any:
    paragraph = place.add_paragraph()
    shape = paragraph.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), 1.05
    shape.keep_with_next = keep
    if text:
        run = paragraph.add_run(for_terminal(text))
        run.bold, run.font.size = bold, Pt(size)
    return paragraph


def _table(document: Any, table: Table) -> None:
    made = document.add_table(rows=0, cols=len(table.columns))
    made.style, made.alignment, made.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    rows = ([(table.head, True)] if table.head else []) + [
        (row, number == table.strong) for number, row in enumerate(table.rows)
    ]
    for row, is_bold in rows:
        added = made.add_row()
        keep_whole = OxmlElement("w:cantSplit")
        added._tr.get_or_add_trPr().append(keep_whole)
        for column, cell, text, width in zip(table.columns, added.cells, row, _WIDTHS[table.columns], strict=True):
            cell.width = Mm(width)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            if column == "figure":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            run = paragraph.add_run(for_terminal(text))
            run.bold, run.font.size = is_bold, Pt(7 if column == "digest" else 9)
            if column == "digest":
                run.font.name = "Courier New"


def _foot(document: Any, letter: Letter) -> None:
    """Write the number of the letter and that of the page at the foot."""
    before, _, after = letter.page.format(number=for_terminal(letter.number), page="\0").partition("\0")
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, kind in ((before, None), ("PAGE", "field"), (after, None)):
        if kind is None:
            run = paragraph.add_run(text)
            run.font.size = Pt(8)
            continue
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), text)
        paragraph._p.append(field)


def _without_times(document: Any) -> bytes:
    """Give the file without the time at which it was made."""
    saved, made = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as given, zipfile.ZipFile(made, "w") as archive:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, _NO_DAY)
            entry.create_system, entry.compress_type = _MICROSOFT, zipfile.ZIP_DEFLATED
            archive.writestr(entry, given.read(name))
    return made.getvalue()
