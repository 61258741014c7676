"""Columns of account ids: what is around an id is no part of it, and some words say that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.values.dictionary import as_dictionary
from sla_audit.intake.values.text import edges_otherwise, holds_nul, longer_than, short_and_begin
from sla_audit.limits import MOST_ID_BYTES
from sla_audit.model.ids import EDGES, NONE_AS_WRITTEN, NONE_IN_ANY_CASE, is_none, trimmed
from sla_audit.sentence import Sentence, said_by, to_say

EXPECTED_ID = Sentence("the account's id, not empty, '-' or another word for none such as NULL")
EXPECTED_SHORTER = Sentence("an id of at most {most:,} bytes", most=MOST_ID_BYTES)

_PLAIN = bytes(range(ord("!"), 0x7F))
_WORDS = NONE_IN_ANY_CASE | NONE_AS_WRITTEN
_INITIALS = {word[:1] for word in _WORDS if word} | {word[:1].upper() for word in NONE_IN_ANY_CASE}
_BEGIN_A_WORD = "".join(sorted(_INITIALS)).encode()
_LONGEST_WORD = max(map(len, _WORDS))
_MOST_BYTES_A_CHARACTER = 4
_Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class AccountIds:
    """Ids as text, or a dictionary of text, and which rows have `none`, or one that is `damaged`; None where no row.

    One that is too long is damaged too.
    """

    ids: pa.Array
    none: _Rows | None = None
    damaged: _Rows | None = None

    @property
    def unreadable(self) -> _Rows | None:
        """Which rows have no id that could be read; None where all have."""
        if self.none is None or self.damaged is None:
            return self.damaged if self.none is None else self.none
        return self.none | self.damaged


def read_account_id(value: Any) -> str:
    """Read one id. Raises `ValueError` where it is none, or damaged."""
    text = "" if value is None else trimmed(str(value))
    if len(text) > MOST_ID_BYTES // _MOST_BYTES_A_CHARACTER and len(text.encode(errors="replace")) > MOST_ID_BYTES:
        raise ValueError(EXPECTED_SHORTER)
    if is_none(text) or "\0" in text:
        raise ValueError(EXPECTED_ID)
    return text


def expected_of(value: Any) -> Sentence:
    """Say what was expected instead of an id that cannot be read."""
    try:
        read_account_id(value)
    except ValueError as error:
        return said_by(error)
    return EXPECTED_ID


def read_account_ids(column: pa.Array, name: str) -> AccountIds:
    """Read a column of ids. Raises `TypeError`, with its name and type, where it can hold none."""
    if pa.types.is_string(column.type):
        # So many accounts that a dictionary would be nearly as long as the column: see `parquet_log`.
        return _settled(column)
    encoded = as_dictionary(column)
    ids = encoded.dictionary
    if not (pa.types.is_integer(ids.type) or pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type)):
        text = to_say("column {name!r} is of type {type}; expected account ids as text or whole numbers")
        if _is_float(ids.type):
            text = to_say(
                "column {name!r} is of type {type}; expected account ids as text or whole numbers: "
                "binary floating-point numbers are not exact, so that two ids may be one"
            )
        raise TypeError(Sentence(text, name=name, type=ids.type))
    written = ids if pa.types.is_string(ids.type) else ids.cast(pa.string())
    settled = _settled(written)
    codes, distinct = encoded.indices, settled.ids
    if distinct is not written:  # some id may be spelt in several ways; a dictionary has it once
        again = distinct.dictionary_encode()
        codes, distinct = again.indices.take(codes), again.dictionary
    return AccountIds(
        pa.DictionaryArray.from_arrays(codes, distinct, safe=False),
        _of_rows(settled.none, encoded.indices, of_null=True),
        _of_rows(settled.damaged, encoded.indices, of_null=False),
    )


def _settled(ids: pa.StringArray) -> AccountIds:
    """Settle the values of a column of text: those that begin and end as ids do, and are no words for none, stay."""
    if ids.null_count or holds_nul(ids):
        suspects = np.arange(len(ids))
    else:
        odd = edges_otherwise(ids, _PLAIN)
        odd[short_and_begin(ids, _BEGIN_A_WORD, _LONGEST_WORD)] = True
        odd[longer_than(ids, MOST_ID_BYTES)] = True
        suspects = np.flatnonzero(odd)
    if not len(suspects):
        return AccountIds(ids)
    written = ids.take(pa.array(suspects))
    read = pc.utf8_trim(written, characters=EDGES)
    none, damaged = (np.zeros(len(ids), dtype=np.bool_) for _ in range(2))
    none[suspects] = _none(read).to_numpy(zero_copy_only=False)
    unfit = pc.or_(pc.match_substring(written, "\0"), pc.greater(pc.binary_length(read), MOST_ID_BYTES))
    damaged[suspects] = pc.fill_null(unfit, False).to_numpy(zero_copy_only=False)
    if pc.any(pc.not_equal(written, read)).as_py():
        ids = pc.utf8_trim(ids, characters=EDGES)
    if damaged.any():
        ids = pc.if_else(pa.array(damaged), "", ids)  # nobody is to hold what may be long
    return AccountIds(ids, none if none.any() else None, damaged if damaged.any() else None)


def _none(ids: pa.StringArray) -> pa.BooleanArray:
    exactly = pc.is_in(ids, value_set=pa.array(sorted(NONE_AS_WRITTEN)))
    in_any_case = pc.is_in(pc.utf8_lower(ids), value_set=pa.array(sorted(NONE_IN_ANY_CASE)))
    return pc.or_(pc.or_(exactly, in_any_case), pc.is_null(ids))


def _of_rows(values: _Rows | None, indices: pa.Array, *, of_null: bool) -> _Rows | None:
    """Tell of each row what is so of its value in a dictionary, or of a null; None where it is of no row."""
    if values is None:
        return indices.is_null().to_numpy(zero_copy_only=False) if of_null and indices.null_count else None
    rows: _Rows = np.append(values, of_null)[indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]
    return rows if rows.any() else None


def _is_float(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind))
