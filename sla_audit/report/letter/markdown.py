"""A letter as Markdown, for a mail."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.output.escape import code_in_markdown, for_markdown
from sla_audit.report.letter.layout import Letter, Table

_RULE = {"text": "---", "figure": "---:", "clause": "---", "heading": "---", "digest": "---"}


def render_markdown_letter(letter: Letter) -> bytes:
    """Write the letter; the same letter gives the same bytes."""
    return ("\n".join(_lines(letter)) + "\n").encode()


def _lines(letter: Letter) -> Iterator[str]:
    yield from _block(letter.sender)
    yield from _block(letter.recipient)
    yield from _block(letter.details)
    yield f"# {for_markdown(letter.subject)}"
    yield ""
    for text in (letter.greeting, *letter.opening):
        yield from (for_markdown(text), "")
    for section in letter.sections:
        yield from (f"## {for_markdown(section.title)}", "")
        for text in section.before:
            yield from (for_markdown(text), "")
        if section.table is not None:
            yield from (*_table(section.table), "")
        for text in section.after:
            yield from (for_markdown(text), "")
    for text in letter.closing:
        yield from (for_markdown(text), "")
    yield from list(_block(letter.signed))[:-1]


def _block(lines: object) -> Iterator[str]:
    assert isinstance(lines, list | tuple)  # noqa: S101
    yield "\\\n".join(for_markdown(line) for line in lines)
    yield ""


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(for_markdown, table.head or [''] * len(table.columns)))} |"
    yield f"|{'|'.join(_RULE[column] for column in table.columns)}|"
    for at, row in enumerate(table.rows):
        cells = [
            code_in_markdown(cell) if column == "digest" else for_markdown(cell.strip())
            for column, cell in zip(table.columns, row, strict=True)
        ]
        yield f"| {' | '.join(f'**{cell}**' if at == table.strong and cell else cell for cell in cells)} |"
