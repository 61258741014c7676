"""What a reader should know: a sentence of a report, with a grade and a form in JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, ClassVar, Literal, Union

from sla_audit.sentence import Sentence

Value = Union[str, int, "Notice"]
"""What stands in a place: a text, a number, or a phrase that has places of its own."""


Grade = Literal["money", "fact", "info"]
"""How grave a sentence is: it may change what is owed, a fact is wanted from somebody, or it is to be known."""


class Notice(Sentence):
    """A sentence of a report, which has a `grade`, or a phrase of one, which has none.

    Its places are plain, {name}: a report that was saved may hold any text.
    """

    _place: ClassVar[re.Pattern[str]] = re.compile(r"\{(?P<name>\w+)\}")

    def __init__(self, text: str, grade: Grade | None = None, /, **values: Value) -> None:
        super().__init__(text, **values)
        self.grade = grade

    def having(self, **values: Value) -> Notice:
        """Give it other values besides."""
        return Notice(self.text, self.grade, **self.values, **values)

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        values = {name: value.as_json() if isinstance(value, Notice) else value for name, value in self.values.items()}
        grade = {} if self.grade is None else {"grade": self.grade}
        return {"text": self.text, "values": values, **grade}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Notice:
        """Read what `as_json` gave."""
        return cls(
            saved["text"],
            saved.get("grade"),
            **{
                name: cls.from_json(value) if isinstance(value, Mapping) else value
                for name, value in saved["values"].items()
            },
        )


def in_a_row(values: Sequence[Value]) -> Value:
    """List values, of which there is at least one. However many there are, no place is many levels deep."""
    if len(values) > _MOST_LEVELS:
        half = len(values) // 2
        return _two(in_a_row(values[:half]), in_a_row(values[half:]))
    return reduce(_two, values)


_MOST_LEVELS = 32  # so few were always written one within the other


def _two(listed: Value, value: Value) -> Value:
    return Notice("{listed}, {value}", listed=listed, value=value)
