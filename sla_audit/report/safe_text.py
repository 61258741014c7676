"""Text from logs and facts is data: it must not act in a terminal."""

from __future__ import annotations


def for_terminal(text: str) -> str:
    r"""Write control characters, and marks that turn the writing direction, as escapes such as `\x1b`."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
