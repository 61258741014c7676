"""A letter as PDF.

Latin text is in Times and Courier, which every reader has. The letters of Chinese are part of the file: those of a font
that is given, or else of Noto Serif SC. Where that is not installed, they are in the reader's own Song face, which is
named only (see docs/decisions/0011).
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from calendar import timegm
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PdfTable

from sla_audit.errors import InputError, Problem
from sla_audit.output.escape import for_terminal
from sla_audit.report.letter import chinese_font
from sla_audit.report.letter.layout import Column, Letter, Table
from sla_audit.sentence import Sentence, said_by, to_say

_NAMED = "STSong-Light"
_WIDTHS: dict[tuple[Column, ...], tuple[int, ...]] = {
    ("text", "figure", "clause"): (109, 34, 22),
    ("text", "figure", "heading"): (91, 30, 44),
    ("text", "figure", "digest"): (27, 18, 120),
}  # millimetres
_FACES = {"text": "Times-Roman", "bold": "Times-Bold", "digest": "Courier"}
_LATIN = re.compile(r"[\x20-\x7e\xa0-\xff]+")


class Face(NamedTuple):
    """A face that has Chinese, by its name, and which of the letters of a text it has."""

    name: str
    has: Callable[[str], bool]


def chinese_face(font: Path | None) -> Callable[[Letter], Face]:
    """Choose a face that has Chinese, and give what makes it known for a letter.

    Raises `InputError` where the file is no TrueType font.
    """
    if font is not None:
        given = _of_file(font)
        return lambda _: given
    if chinese_font.is_installed():
        return _of_package
    pdfmetrics.registerFont(UnicodeCIDFont(_NAMED))
    return lambda _: Face(_NAMED, _is_in_gbk)


def _of_package(letter: Letter) -> Face:
    """Make the installed font known, with no more than what the letter needs, so that it depends on nothing else."""
    known = chinese_font.letters_it_has()
    letters = frozenset(each for text in _texts(letter) for each in for_terminal(text) if ord(each) in known)
    name = chinese_font.name_of(letters)
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(chinese_font.truetype(letters))))
    return Face(name, letters.__contains__)


def _texts(part: object) -> Iterator[str]:
    """Give all texts of a letter, or of a part of one."""
    if isinstance(part, str):
        yield part
    elif is_dataclass(part):
        for field in fields(part):
            yield from _texts(getattr(part, field.name))
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _texts(each)


def _of_file(font: Path) -> Face:
    name = f"sla-audit-{hashlib.sha256(font.as_posix().encode()).hexdigest()[:8]}"
    try:
        face = TTFont(name, font.as_posix())
        pdfmetrics.registerFont(face)
    except (OSError, TTFError, ValueError, KeyError, IndexError, struct.error) as error:
        remedy = to_say("Name a TrueType font that has Chinese, .ttf or .ttc, whose licence allows it to be embedded.")
        raise InputError(
            Problem(f"--font {font.as_posix()}", Sentence("cannot be used: {why:.200}", why=said_by(error)), remedy)
        ) from error
    return Face(name, lambda letter: ord(letter) in face.face.charToGlyph)


def _is_in_gbk(letter: str) -> bool:
    try:
        letter.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def render_pdf_letter(letter: Letter, face: Face) -> bytes:
    """Write the letter, Chinese in a face of `chinese_face`; the same letter and face give the same bytes."""
    made = io.BytesIO()
    document = SimpleDocTemplate(
        made,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=for_terminal(letter.subject),
        author=for_terminal(letter.sender[0]),
        subject=for_terminal(letter.number),
        creator="sla-audit",
        lang=letter.html_language,
        pageCompression=0,
        invariant=1,
    )
    write = _Writer(letter, face)
    document.build(write.story(), onFirstPage=write.foot, onLaterPages=write.foot, canvasmaker=_dated(letter))
    return made.getvalue()


def _dated(letter: Letter) -> Any:
    """Make a canvas whose file is dated as the letter is."""
    seconds = timegm(letter.dated.timetuple())

    def canvas(*arguments: Any, **options: Any) -> Canvas:
        made = Canvas(*arguments, **options)
        stamp = made._doc._timeStamp
        stamp.t, stamp.lt = seconds, letter.dated.timetuple()
        stamp.YMDhms = tuple(letter.dated.timetuple())[:6]
        return made

    return canvas


class _Writer:
    """Makes the parts of a letter as reportlab has them."""

    def __init__(self, letter: Letter, chinese: Face) -> None:
        self._letter = letter
        self._chinese, self._has = chinese
        self._is_chinese = letter.language == "zh"

    def story(self) -> list[Any]:
        """Lay out the letter."""
        letter = self._letter
        story: list[Any] = [
            self._lines(letter.sender, bold_first=True),
            self._lines(letter.recipient),
            self._lines(letter.details, align=TA_RIGHT),
            self._text(letter.subject, face="bold", size=13, after=8),
            *(self._text(text) for text in (letter.greeting, *letter.opening)),
        ]
        for section in letter.sections:
            head = [self._text(section.title, face="bold", size=10.5, before=5, after=3)]
            head += [self._text(text) for text in section.before]
            if section.table is not None:
                story.append(KeepTogether([*head, self._table(section.table)]))
            else:
                story.append(KeepTogether(head))
            story += [self._text(text, size=8, before=3) for text in section.after]
        closing = [self._text(text, before=6 if not at else 0) for at, text in enumerate(letter.closing)]
        story.append(KeepTogether([*closing, Spacer(1, 14 * mm), self._lines(letter.signed)]))
        return story

    def foot(self, canvas: Any, document: Any) -> None:
        """Write the number of the letter and that of the page at the foot."""
        text = self._letter.page.format(number=for_terminal(self._letter.number), page=document.page)
        canvas.saveState()
        paragraph = self._text(text, size=8, align=TA_CENTER)
        paragraph.wrapOn(canvas, 170 * mm, 10 * mm)
        paragraph.drawOn(canvas, 20 * mm, 9 * mm)
        canvas.restoreState()

    def _lines(self, lines: Any, *, align: int = 0, bold_first: bool = False) -> Paragraph:
        marked = [self._marked(line, "bold" if bold_first and not at else "text") for at, line in enumerate(lines)]
        return Paragraph("<br/>".join(marked), self._style("text", 10, align, 0, 8))

    def _text(
        self, text: str, *, face: str = "text", size: float = 10, align: int = 0, before: float = 0, after: float = 4
    ) -> Paragraph:
        return Paragraph(self._marked(text, face), self._style(face, size, align, before, after))

    def _style(self, face: str, size: float, align: int, before: float, after: float) -> ParagraphStyle:
        return ParagraphStyle(
            "letter",
            fontName=self._chinese if self._is_chinese and face != "digest" else _FACES[face],
            fontSize=size,
            leading=size * (1.4 if self._is_chinese else 1.25),
            alignment=align,
            spaceBefore=before,
            spaceAfter=after,
            wordWrap="CJK" if self._is_chinese or face == "digest" else None,
            splitLongWords=1,
        )

    def _marked(self, text: str, face: str) -> str:
        """Mark text up with the face that has its letters; what none has is written as an escape."""
        parts = []
        for part in re.split(r"([\x20-\x7e\xa0-\xff]+)", for_terminal(text)):
            if not part:
                continue
            name = _FACES[face]
            if _LATIN.fullmatch(part):
                shown = part
            else:
                name, shown = self._chinese, "".join(map(self._known, part))
            parts.append(f'<font name="{name}">{escape(shown)}</font>')
        return "".join(parts).replace("   ", "&nbsp;&nbsp;&nbsp;").replace(" %", "&nbsp;%")

    def _table(self, table: Table) -> PdfTable:
        lines = [(table.head, True)] if table.head else []
        lines += [(row, number == table.strong) for number, row in enumerate(table.rows)]
        rows = [
            [self._cell(text, column, is_bold=is_bold) for text, column in zip(line, table.columns, strict=True)]
            for line, is_bold in lines
        ]
        made = PdfTable(rows, colWidths=[width * mm for width in _WIDTHS[table.columns]])
        made.setStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, "#808080"),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
                *([("BACKGROUND", (0, 0), (-1, 0), "#eeeeee")] if table.head else []),
            ]
        )
        return made

    def _cell(self, text: str, column: str, *, is_bold: bool) -> Paragraph:
        if column == "digest" and not is_bold:
            return self._text(text, face="digest", size=7, after=0)
        return self._text(
            text, face="bold" if is_bold else "text", size=9, align=TA_RIGHT if column == "figure" else 0, after=0
        )

    def _known(self, char: str) -> str:
        """Give a character that the Chinese face has, or its escape."""
        return char if self._has(char) else char.encode("unicode_escape").decode("ascii")
