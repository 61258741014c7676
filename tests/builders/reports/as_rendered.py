"""What files for people hold, and what those that are rendered from a saved report say besides."""

from __future__ import annotations

from pathlib import Path

import openpyxl

MARKS = {
    "en": "From a saved report, judged again. As the report says, and not checked: the names and sizes of the files; ",
    "zh": "据已保存的报告重新裁定。以下内容依报告所述，未经核对：文件的名称与大小；",
}
"""How the sentence begins that is put below, by language."""


def said_in(path: Path) -> list[str]:
    """Give what a file holds: its lines or, of a workbook, the texts of its cells."""
    if path.suffix == ".xlsx":
        sheets = openpyxl.load_workbook(path)
        return [f"{sheet.title} {cell}" for sheet in sheets for row in sheet.values for cell in row if cell is not None]
    text = path.read_text("utf-8")
    return text.replace("</p><p>", "</p>\n<p>").replace("</p></footer>", "</p>\n</footer>").splitlines()


def is_rendered_from(again: Path, made: Path, language: str = "en") -> bool:
    """Tell whether a file is another, and one sentence more, as files for people are; others are the same bytes."""
    if again.suffix not in {".md", ".html", ".xlsx"}:
        return again.read_bytes() == made.read_bytes()
    said = said_in(again)
    marks = [text for text in said if MARKS[language] in text]
    return len(marks) == 1 and [text for text in said if text not in marks] == said_in(made)
