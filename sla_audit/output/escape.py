"""Text from logs and facts is data: it must not act in a terminal, in JSON that is shown, or in Markdown."""

from __future__ import annotations

import re

from sla_audit.system.plain_text import INVISIBLE


def for_terminal(text: str) -> str:
    r"""Write control characters, marks that turn the writing direction, and what nobody sees as escapes like `\x1b`."""
    if text.isprintable() and (text.isascii() or not INVISIBLE.search(text)):
        return text
    return "".join(
        char if char.isprintable() and not INVISIBLE.match(char) else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def for_label(text: str) -> str:
    r"""Write what acts as escapes, as `for_terminal` does, so that different texts stay different.

    Where a text has such a character, or what looks like its escape, each backslash of its own is doubled.
    """
    if for_terminal(text) == text and not _LIKE_AN_ESCAPE.search(text):
        return text
    return for_terminal(text.replace("\\", "\\\\"))


_LIKE_AN_ESCAPE = re.compile(r"\\([tnr\\]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


def for_json(document: str) -> str:
    r"""Escape what is not printable in the texts of a JSON document, as in `\u001b`: it means the same."""
    if document.replace("\n", "").isprintable():
        return document
    acting = {char for char in set(document) if not char.isprintable()} - {"\n"}
    return document.translate({ord(char): _utf16_escapes(char) for char in acting})


def for_markdown(text: str) -> str:
    """Write text so that within a line of Markdown nothing of it is markup.

    A renderer may still make a link of an address; data goes into `code_in_markdown`.
    """
    return re.sub(r"([\\`*_\[\]<>|&~$#@])", r"\\\1", for_terminal(text))


def code_in_markdown(text: str) -> str:
    """Write text as a code span that stays in its table cell: there nothing is markup, a link or a mention."""
    shown = for_terminal(text) or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    # A renderer takes one space off each end, where both have one.
    edge = " " if "`" in (shown[0], shown[-1]) or (shown[0] == shown[-1] == " " and shown.strip()) else ""
    return f"{fence}{edge}{shown}{edge}{fence}".replace("|", "\\|")


def _utf16_escapes(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
