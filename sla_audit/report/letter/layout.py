"""The parts that a letter is made of, whatever file it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Column = Literal["text", "figure", "clause", "heading", "digest"]
"""What a column holds; a heading is a clause of a text that numbers none, and longer than a number."""


@dataclass(frozen=True)
class Table:
    """Rows of text under a head, which may be empty; the columns say what they hold."""

    columns: tuple[Column, ...]
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    strong: int | None = None
    """The row that matters most."""


@dataclass(frozen=True)
class Section:
    """A part with a title: paragraphs, a table, and paragraphs after it."""

    title: str
    before: Sequence[str] = ()
    table: Table | None = None
    after: Sequence[str] = ()


@dataclass(frozen=True)
class Letter:
    """A letter in one language."""

    language: str
    html_language: str
    sender: Sequence[str]
    recipient: Sequence[str]
    details: Sequence[str]
    subject: str
    greeting: str
    opening: Sequence[str]
    sections: Sequence[Section]
    closing: Sequence[str]
    signed: Sequence[str]
    dated: date
    number: str
    page: str
    """What stands at the foot of each page, with `{page}` in it."""
