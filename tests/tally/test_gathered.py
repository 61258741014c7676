"""Small batches that are counted together: what is counted is the same as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from sla_audit.model.tally import OUTCOME
from sla_audit.tally.gathered import Gathered
from sla_audit.tally.kernel import Kernel
from sla_audit.tally.slots import SlotGrid

HOUR = 3600 * 10**6
ACCOUNTS = ["a", "b", "c", "京东"]


def _dictionary(chance: Random, rows: int, values: list[Any], kind: pa.DataType) -> pa.DictionaryArray:
    """Draw codes of a dictionary that may hold nulls, and one meaning twice; some codes are null."""
    meant = chance.choices(values, k=chance.randint(1, 3))
    codes = [chance.choice([None, *range(len(meant))]) for _ in range(rows)]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(meant, kind))


def _batches(chance: Random) -> Iterator[tuple[pa.RecordBatch, dict[str, Any]]]:
    for _ in range(chance.randint(1, 12)):
        rows = chance.randint(0, 9)
        accounts = pa.array(chance.choices(ACCOUNTS, k=rows), pa.string())
        columns = {
            "account_id": chance.choice([accounts, accounts.dictionary_encode()]),
            "status": _dictionary(chance, rows, [200, 503, None], pa.int16()),
            "flag_value": pa.array([None] * rows, pa.string()),
        }
        known: dict[str, Any] = {}
        if chance.random() < 0.5:
            columns["content_flag"] = _dictionary(chance, rows, [True, False, None], pa.bool_())
        elif chance.random() < 0.5:
            known["content_flag"] = chance.random() < 0.5
        if chance.random() < 0.5:
            known["timestamp"] = chance.randint(0, 2) * 24 * HOUR
        else:
            times = [chance.randint(0, 72) * HOUR for _ in range(rows)]
            columns["timestamp"] = pa.array(times, pa.timestamp("us", "UTC"))
        yield pa.RecordBatch.from_pydict(columns), known


@pytest.mark.parametrize("seed", range(60))
def test_what_is_gathered_is_counted_as_one_by_one(seed: int) -> None:
    batches = list(_batches(Random(seed)))
    one_by_one, together = (Kernel(SlotGrid(ZoneInfo("Asia/Shanghai"))) for _ in range(2))

    gathered = Gathered(together)
    for batch, known in batches:
        one_by_one.count(batch, known)
        gathered.count(batch, known)
    gathered.flush()

    assert _counts(together) == _counts(one_by_one)


def _counts(kernel: Kernel) -> dict[tuple[Any, ...], int]:
    slot, account, outcome, requests = kernel.cells.counts()
    accounts, slots, outcomes = (each.frame().rows() for each in (kernel.accounts, kernel.slots, kernel.outcomes))
    return {
        (slots[s], accounts[a], tuple(zip(OUTCOME, outcomes[o], strict=True))): n
        for s, a, o, n in zip(slot.tolist(), account.tolist(), outcome.tolist(), requests.tolist(), strict=True)
    }
