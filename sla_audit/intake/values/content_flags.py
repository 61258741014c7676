"""What the values of a content flag mean: which are a flag, and which are verdicts that there is nothing to flag."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Self

from pydantic import field_validator, model_validator

from sla_audit.intake.values.spellings import NOTHING, plain
from sla_audit.sentence import Sentence
from sla_audit.system.settings_file import StrictModel

FLAG_VALUE = "flag_value"
"""The column of a batch that has the flag of each row as the log spells it, null where there is none."""

_CLEAN = frozenset(
    {
        # of a boolean
        *("false", "f", "0", "no", "n", "否"),
        # of content moderation, and of what it looks for: "there is none of it"
        *("pass", "passed", "ok", "okay", "normal", "clean", "safe", "compliant", "legal", "approved", "approve"),
        *("accept", "accepted", "allow", "allowed", "benign", "harmless", "nonlabel", "very_unlikely", "unlikely"),
        *("正常", "合规", "合法", "通过", "审核通过", "安全", "无", "无违规", "未违规", "无风险", "未命中"),
    }
)
_NO = NOTHING | {"false", "0"}
"""How logs write that there is no flag; other values are verdicts, and worth telling."""

_WRITTEN = (str, int, float, Decimal)
"""What a value may be in a file of settings."""

_LONGEST = 100
_SHOWN = 5


class FlagWords(StrictModel):
    """The values of a content flag that are settled beyond the usual, as a config or a dialect has them.

    `clean` ones are no flag, beside those that are known to be none. With `illegal`, these alone are flags, and go
    before all others; a value that is neither is refused. Case, and spaces around a value, do not matter.
    """

    clean: frozenset[str] = frozenset()
    illegal: frozenset[str] | None = None

    @field_validator("clean", "illegal", mode="before")
    @classmethod
    def _values(cls, given: Any) -> Any:
        listed = [given] if isinstance(given, _WRITTEN) else given
        if not isinstance(listed, list | tuple) or not all(isinstance(each, _WRITTEN) for each in listed):
            raise ValueError("expected a list of values, such as ['porn', 'violence']")
        values = [plain(each) for each in listed]
        if not values:
            raise ValueError("names nothing")
        none = next((written for written, value in zip(listed, values, strict=True) if value in NOTHING), None)
        if none is not None:
            raise ValueError(
                Sentence("{none!r} is how logs write that there is no value; it is never a flag", none=none)
            )
        return frozenset(values)

    @model_validator(mode="after")
    def _clean_or_illegal(self) -> Self:
        both = sorted(self.clean & (self.illegal or frozenset()))
        if both:
            raise ValueError(Sentence("both clean and illegal: {both}", both=", ".join(both)))
        return self

    def read(self, value: Any) -> bool:
        """Tell whether a value is a flag. Raises `ValueError` for one that the words leave open."""
        text = plain(value)
        if text in NOTHING:
            return False
        if self.illegal is not None and text in self.illegal:
            return True
        if text in self.clean or text in _CLEAN:
            return False
        if self.illegal is not None:
            listed = ", ".join(map(repr, sorted(self.illegal)[:_SHOWN]))
            listed += ", ..." if len(self.illegal) > _SHOWN else ""
            raise ValueError(
                Sentence("a value that is told to be illegal ({listed}) or clean: see [content_flag]", listed=listed)
            )
        return True

    def spelt(self, value: Any) -> str | None:
        """Give a value as the log spells it, not longer than can be read; None where it is how no flag is written."""
        text = plain(value)
        if text in _NO and text not in self.clean and text not in (self.illegal or ()):
            return None
        text = value.strip() if isinstance(value, str) and text == value.strip().lower() else text
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


USUAL = FlagWords()
"""Any value is a flag that is not known to be none."""
