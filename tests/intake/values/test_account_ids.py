"""Columns of account ids: a column gives what each value means by itself, however Arrow keeps it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.values.account_ids import read_account_id, read_account_ids
from sla_audit.model.ids import EDGES, NONE_AS_WRITTEN, NONE_IN_ANY_CASE

WORDS = sorted({*NONE_AS_WRITTEN, *NONE_IN_ANY_CASE, "NULL", "Null", "None", "NONE"})
NO_WORDS = ["Nan", "NAN", "nana", "nullable", "none-1", "\\n", "N/A", "0", "null null", "--", "nil", "(null"]
EDGE = st.text(st.sampled_from(EDGES), max_size=2)
IDS = st.none() | st.builds(
    "{}{}{}".format,
    EDGE,
    st.sampled_from([*WORDS, *NO_WORDS]) | st.text(st.sampled_from("-\0~!Aénu\\"), max_size=3) | st.text(max_size=3),
    EDGE,
)


def meant(value: Any) -> str | None:
    try:
        return read_account_id(value)
    except ValueError:
        return None


def found_in(column: pa.Array) -> list[str | None]:
    read = read_account_ids(column, "account_id")
    bad = [False] * len(column) if read.unreadable is None else read.unreadable.tolist()
    return [None if bad[at] else value for at, value in enumerate(read.ids.to_pylist())]


@pytest.mark.parametrize("word", [*WORDS, *(f"\u00a0{word}\u3000" for word in WORDS)], ids=repr)
def test_words_for_none_are_no_ids(word: str) -> None:
    assert found_in(pa.array([word, "acct-1"])) == [None, "acct-1"]


@pytest.mark.parametrize("word", NO_WORDS)
def test_other_words_are_ids(word: str) -> None:
    assert found_in(pa.array([word, "acct-1"])) == [word, "acct-1"]


@given(st.lists(IDS, max_size=20), st.integers(0, 3))
def test_a_column_says_what_each_of_its_values_does(values: list[str | None], first: int) -> None:
    expected = [meant(value) for value in values[first:]]
    assert found_in(pa.array(values, pa.string()).slice(first)) == expected
    assert found_in(pa.array(values, pa.string()).dictionary_encode().slice(first)) == expected
    assert found_in(pa.array(values, pa.large_string()).slice(first)) == expected


@given(st.lists(IDS, max_size=20))
def test_a_dictionary_has_each_id_once(values: list[str | None]) -> None:
    read = read_account_ids(pa.array(values, pa.string()).dictionary_encode(), "account_id")
    known = [value for value in read.ids.dictionary.to_pylist() if value is not None]
    assert len(set(known)) == len(known)


def test_a_dictionary_that_says_none_itself() -> None:
    values = pa.array(["A", None, "NULL", "A "])
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 3, None, 0], pa.int32()), values)
    assert found_in(column) == ["A", None, None, "A", None, "A"]


def test_none_and_damaged_are_told_apart() -> None:
    read = read_account_ids(pa.array(["a\0b", "NULL", "A"]), "account_id")
    assert (read.none is not None and read.none.tolist()) == [False, True, False]
    assert (read.damaged is not None and read.damaged.tolist()) == [True, False, False]


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()], ids=str)
def test_floats_are_no_ids_and_the_reason_is_told(kind: pa.DataType) -> None:
    numbers = pa.array([12, 12], pa.int16()).cast(kind)
    with pytest.raises(TypeError, match=r"column 'customer' is of type .*; expected .* whole numbers: .* not exact"):
        read_account_ids(numbers, "customer")
