"""Requests that came too soon after errors, of any logs on any engine, against a walk through those of each caller."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.contract.intervals import step_of
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.model.instant import midnight
from sla_audit.model.tally import Tally
from sla_audit.tally.engine import Engine
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.slots import SlotGrid
from tests.builders.callers import ALIASES, FIRST, TERMS, ZONE, Row, contract_of, repeated, rows, write
from tests.builders.elsewhere import small_tasks
from tests.builders.worlds import SLOW
from tests.oracles import repeats as oracle


@contextmanager
def small(chance: random.Random) -> Iterator[Engine]:
    """Let logs be cut into parts of a few rows, and count them on threads or elsewhere."""
    with mock.patch.multiple(csv_log, _BYTES_A_RANGE=chance.choice([100, 1 << 20])):
        yield LocalThreads(2) if chance.random() < 0.7 else small_tasks()


def spelt(tally: Tally) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for account, _, outcome, requests in tally.counts.iter_rows():
        said = tally.outcomes.row(outcome, named=True)
        key = tally.accounts.row(account)[0], said["status"], said["api"], said["repeated"]
        found[key] += requests
    return found


@SLOW
@given(
    rows(),
    st.sampled_from(TERMS),
    st.sampled_from([(), ("client",), ("api", "client")]),
    st.sampled_from([None, "1min", "1h"]),
    st.booleans(),
    st.booleans(),
    st.lists(st.tuples(st.integers(-100, 4000), st.integers(1, 4000)), max_size=2),
    st.randoms(use_true_random=False),
)
def test_what_came_too_soon_after_an_error_of_its_caller_is_repeated(
    tmp_path_factory: pytest.TempPathFactory,
    listed: list[Row],
    terms: oracle.Terms,
    same: tuple[str, ...],
    interval: str | None,
    aliases: bool,
    again: bool,
    spans: list[tuple[int, int]],
    chance: random.Random,
) -> None:
    folder, contract = tmp_path_factory.mktemp("logs"), contract_of(terms, same, interval)
    start = midnight(FIRST, ZONE)
    windows = [(start + timedelta(seconds=at), start + timedelta(seconds=at + long)) for at, long in spans]
    grid = SlotGrid(ZONE, [], windows, daily=chance.random() < 0.5, step=step_of(contract))
    write(folder, listed, chance, again=again)
    with small(chance) as engine:
        options = CountOptions(columns={"api", *contract.columns}, aliases=ALIASES if aliases else None)
        found = count(Logs((str(folder),), engine=engine), contract, grid, options)
    told = repeated(listed, terms, same, aliases=aliases)
    expected = Counter((row.account, row.status, row.api, is_one) for row, is_one in zip(listed, told, strict=True))
    assert spelt(found.tally) == expected
