"""One code per account: the same for every column and thread, in tables that grow."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.errors import InputError
from sla_audit.tally import account_index
from sla_audit.tally.account_index import AccountIndex

ids = st.lists(st.text(max_size=12), max_size=60)


def spelt(index: AccountIndex, codes: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> list[str]:
    """Say which id each code stands for."""
    return index.frame()["account_id"].gather(codes).to_list()


@given(st.lists(ids, max_size=12), st.sampled_from([4, 16, 1 << 14]))
def test_codes_stand_for_their_ids_in_whatever_column_they_come(columns: list[list[str]], room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account_index, "_ROOM", room)
        index = AccountIndex()
    seen = [index.codes(pa.array(column, pa.string())) for column in columns]
    for column, codes in zip(columns, seen, strict=True):
        assert spelt(index, codes) == column
    every = {each for column in columns for each in column}
    assert sorted(index.frame()["account_id"].to_list()) == sorted(every)
    assert {code for codes in seen for code in codes.tolist()} == set(range(len(every)))


@pytest.mark.parametrize("threads", [2, 8])
@pytest.mark.parametrize("known", [50, 20_000])
def test_threads_agree_on_every_code(threads: int, known: int) -> None:
    chance = random.Random(threads * known)
    every = [f"account-{number}" for number in range(known)]
    columns = [chance.sample(every, chance.randint(1, known)) for _ in range(40)]
    index = AccountIndex()
    with ThreadPoolExecutor(threads) as pool:
        seen = list(pool.map(lambda column: index.codes(pa.array(column)), columns))
    for column, codes in zip(columns, seen, strict=True):
        assert spelt(index, codes) == column
    assert index.frame()["account_id"].n_unique() == index.frame().height


def test_ids_whose_hashes_end_alike_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """All ids begin to look at the same place of the table, and at its end, from where it goes on at the start."""
    hashed = pl.Series.hash
    monkeypatch.setattr(pl.Series, "hash", lambda series, seed=0: hashed(series, seed) | 0xFFFF)
    index = AccountIndex()
    listed = [f"account-{number}" for number in range(500)]
    first, again = index.codes(pa.array(listed)), index.codes(pa.array(listed[::-1]))
    assert spelt(index, first) == listed
    assert again.tolist() == first.tolist()[::-1]


def test_ids_with_the_same_hash_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = pl.Series.hash

    def once_alike(series: pl.Series, seed: int = 0) -> pl.Series:
        found = hashed(series, seed)
        return pl.Series([7] * len(series), dtype=pl.UInt64) if seed == index._seeds[0] else found

    index = AccountIndex()
    monkeypatch.setattr(pl.Series, "hash", once_alike)
    with pytest.raises(RuntimeError, match="same hash"):
        index.codes(pa.array(["A", "B"]))


def test_more_accounts_than_there_are_codes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_index, "MOST_ACCOUNTS", 3)
    index = AccountIndex()
    index.codes(pa.array(["A", "B", "C", "A"]))
    with pytest.raises(InputError, match="more than 3 accounts"):
        index.codes(pa.array(["C", "D"]))


def test_ids_that_share_only_what_is_kept_of_a_hash_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = pl.Series.hash

    def alike_above(series: pl.Series, seed: int = 0) -> pl.Series:
        ends = pl.Series([1 << 60 | ord(text) for text in series], dtype=pl.UInt64)
        return ends if seed == index._seeds[0] else hashed(series, seed)

    index = AccountIndex()
    monkeypatch.setattr(pl.Series, "hash", alike_above)
    assert index.codes(pa.array(["A", "B"])).tolist() == [0, 1]  # they lie at their own places
    with pytest.raises(RuntimeError, match="same hash"):
        index.codes(pa.array([chr(ord("A") + account_index._ROOM)]))  # begins to look where A lies


def test_a_hash_of_0_is_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pl.Series, "hash", lambda series, seed=0: pl.Series([0] * len(series), dtype=pl.UInt64))
    index = AccountIndex()
    assert [index.codes(pa.array(["A", "A"])).tolist(), index.codes(pa.array(["A"])).tolist()] == [[0, 0], [0]]


def test_null_is_empty_and_nothing_is_nothing() -> None:
    index = AccountIndex()
    assert index.frame().height == 0
    assert index.codes(pa.array([], pa.string())).tolist() == []
    assert spelt(index, index.codes(pa.array(["A", None, ""], pa.string()))) == ["A", "", ""]
