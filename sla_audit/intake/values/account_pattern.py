"""Accounts that are a part of another value, such as a path or the name of a host, taken out by a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from sla_audit.intake.values.dictionary import as_dictionary
from sla_audit.sentence import Sentence


@dataclass(frozen=True)
class AccountPattern:
    """A regular expression as Rust has them, whose one group is the account. It takes time in proportion to a text.

    The first match counts; a value without any has no account.
    """

    pattern: str

    @classmethod
    def checked(cls, pattern: str) -> AccountPattern:
        """Take a pattern. Raises `ValueError` where it is none, or has not one group."""
        try:
            groups = pl.Series([""]).str.extract_groups(pattern).struct.fields
        except pl.exceptions.PolarsError as error:
            reason = next((line for line in reversed(str(error).splitlines()) if line.strip()), "")
            raise ValueError(
                Sentence("no regular expression, as Rust has them: {reason:.200}", reason=reason.strip())
            ) from None
        if len(groups) != 1:
            raise ValueError(
                Sentence("expected one group (in parentheses) that is the account, found {found}", found=len(groups))
            )
        return cls(pattern)

    @property
    def expected(self) -> Sentence:
        """What is expected of a value."""
        return Sentence("a value out of which {pattern!r} takes the account's id", pattern=self.pattern)

    def take(self, value: Any) -> str:
        """Take the account out of one value; empty where there is none."""
        found = None if value is None else pl.Series([str(value)]).str.extract(self.pattern, 1).item()
        return found or ""

    def taken(self, column: pa.Array, name: str) -> pa.Array:
        """Take accounts out of a column, each distinct value of a dictionary once; empty where there are none.

        Raises `TypeError`, with the column's name and type, where it has no text.
        """
        if pa.types.is_string(column.type):
            return self._taken(column)
        encoded = as_dictionary(column)
        values = encoded.dictionary
        if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
            raise TypeError(
                Sentence(
                    "column {name!r} is of type {type}; expected text, out of which a pattern takes the account",
                    name=name,
                    type=values.type,
                )
            )
        distinct = self._taken(values).dictionary_encode()
        return pa.DictionaryArray.from_arrays(distinct.indices.take(encoded.indices), distinct.dictionary, safe=False)

    def _taken(self, values: pa.Array) -> pa.Array:
        texts = pl.Series("account_id", values, dtype=pl.String)
        return texts.str.extract(self.pattern, 1).fill_null("").to_arrow().cast(pa.string())
