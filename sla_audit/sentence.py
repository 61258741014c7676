"""A sentence with named places and the values for them, so that it can be told in more languages than English."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Union

Message = Union[str, "Sentence"]
"""What is said: a sentence that has places, or a text without any."""
Translated = Callable[[str], str]
"""Gives a text of the code in another language, its places kept; what no catalogue has stays as it is."""


class Sentence:
    """A sentence, or a phrase of one; `str` gives it in English.

    A place is written as in `str.format`: {name}, {name!r}, {rows:,}. A value that is a sentence itself is told in the
    language of the whole; every other one, such as a name or a number, has one form in all languages.
    """

    _place: ClassVar[re.Pattern[str]] = re.compile(r"\{(?P<name>\w+)(?P<quoted>!r)?(?::(?P<form>[^{}]*))?\}")

    def __init__(self, text: str, /, **values: Any) -> None:
        self.text = text
        self.values: dict[str, Any] = values

    def __str__(self) -> str:
        """Write it in English."""
        return self.told(in_english)

    def __repr__(self) -> str:
        """Show it to a programmer."""
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        """Tell whether it says the same of the same."""
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        """Agree with equality; values need not be hashable."""
        return hash((self.text, *self.values))

    def told(self, translated: Translated) -> str:
        """Write it in another language."""
        return self._place.sub(lambda place: self._filled(place, translated), told(self.text, translated))

    def _filled(self, place: re.Match[str], translated: Translated) -> str:
        how = place.groupdict()
        if how["name"] not in self.values:
            return place[0]
        value = self.values[how["name"]]
        value = value.told(translated) if isinstance(value, Sentence) else value
        return format(repr(value) if how.get("quoted") else value, how.get("form") or "")


def in_english(text: str) -> str:
    """Give a text as the code has it."""
    return text


def told(said: Message, translated: Translated) -> str:
    """Tell a sentence, or a text without places, in another language."""
    if isinstance(said, Sentence):
        return said.told(translated)
    return translated(said) if said else said  # the empty text of a catalogue is its head


def named(where: Message, translated: Translated) -> str:
    """Tell a sentence; a text by itself is a name, such as that of a file, which has one form in all languages."""
    return where.told(translated) if isinstance(where, Sentence) else where


def as_phrase(said: Message) -> Sentence:
    """Take a text of the code for a phrase, to stand in a place of a sentence and be told with it."""
    return said if isinstance(said, Sentence) else Sentence(said)


def having_replaced(said: Message, names: Mapping[str, str]) -> Message:
    """Put other names in the place of some, in the values of a sentence or in a text."""
    if isinstance(said, Sentence):
        values = {
            name: having_replaced(value, names) if isinstance(value, str | Sentence) else value
            for name, value in said.values.items()
        }
        return Sentence(said.text, **values)
    for name, other in names.items():
        said = said.replace(name, other)
    return said


def in_series(values: Sequence[Message], text: str) -> Message:
    """Set values apart, of which there is at least one, by a `text` such as "{listed} and {value}".

    However many there are, no place is many levels deep.
    """
    if len(values) == 1:
        return values[0]
    half = len(values) // 2
    return Sentence(text, listed=in_series(values[:half], text), value=in_series(values[half:], text))


def said_by(error: BaseException, *, in_short: bool = False) -> Sentence:
    """Give what an error says, of the system without its number; what a library says, as it is, or its first line."""
    first = error.args[0] if error.args else ""
    if isinstance(error, OSError) and error.strerror:
        return as_phrase(error.strerror)
    return first if isinstance(first, Sentence) else Sentence(str(error).splitlines()[0] if in_short else str(error))


def to_say(text: str) -> str:
    """Mark a text that is said elsewhere, so that the catalogues have it."""
    return text
