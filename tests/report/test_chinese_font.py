"""The Chinese of a PDF letter: part of the file, and alike wherever it is made."""

from __future__ import annotations

from datetime import date

import pypdfium2
import pytest

from sla_audit.report.letter import chinese_font
from sla_audit.report.letter.layout import Letter, Section
from sla_audit.report.letter.pdf_file import chinese_face, render_pdf_letter

pytestmark = pytest.mark.skipif(not chinese_font.is_installed(), reason="without pip install sla-audit[claim]")


def letter(*texts: str) -> Letter:
    return Letter(
        language="zh",
        html_language="zh-CN",
        sender=["示例"],
        recipient=["云"],
        details=[],
        subject="申请",
        greeting="您好",
        opening=list(texts),
        sections=[Section("一、事实")],
        closing=["此致"],
        signed=["王"],
        dated=date(2026, 11, 20),
        number="SLA-1",
        page="{number}，第 {page} 页",
    )


def pdf(*texts: str) -> bytes:
    made = letter(*texts)
    return render_pdf_letter(made, chinese_face(None)(made))


def pictures(content: bytes) -> list[bytes]:
    return [page.render(scale=1).to_pil().tobytes() for page in pypdfium2.PdfDocument(content)]


def test_the_letters_are_part_of_the_file() -> None:
    content = pdf("赔偿申请受理期")
    assert b"/FontFile2" in content
    assert b"STSong" not in content
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(content))
    assert "赔偿申请受理期" in text


def test_each_letter_has_a_drawing_whatever_was_written_before() -> None:
    pdf("一")
    shown = [pictures(pdf(text)) for text in ("赔", "偿", "\U0010ffff")]
    assert len({str(each) for each in shown}) == 3  # boxes for what is not there would look alike


def test_the_same_letter_gives_the_same_bytes_whatever_was_written_before() -> None:
    first = pdf("赔偿")
    pdf("另一封信")
    assert pdf("赔偿") == first
    letters = frozenset("赔偿，")
    assert chinese_font.truetype(letters) == chinese_font.truetype(frozenset(sorted(letters)))


def test_what_the_font_has_not_is_written_as_an_escape() -> None:
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf("\U000e0101甲")))
    assert "甲" in text
    assert "\\U000e0101" in text
