"""A stretch of time is complete once nothing unread reaches into it, and not before."""

from __future__ import annotations

import random
from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.tally.dedup import watermark as stretches
from sla_audit.tally.dedup.watermark import Watermark


def test_parts_that_follow_each_other_are_complete_one_by_one() -> None:
    with mock.patch.multiple(stretches, _ROWS_A_STRETCH=10):
        found = Watermark([0, 100, 200], [10, 10, 10])
    assert found.stretches.of(np.array([0, 99, 100, 199, 200, 10**9])).tolist() == [0, 0, 1, 1, 2, 2]
    assert [list(found.read(part)) for part in (0, 2, 1)] == [[0], [], [1, 2]]


def test_a_part_that_may_hold_any_time_keeps_all_stretches_open() -> None:
    with mock.patch.multiple(stretches, _ROWS_A_STRETCH=10):
        found = Watermark([None, 0, 100], [None, 10, 10])
    assert [list(found.read(part)) for part in (1, 2, 0)] == [[], [], [0, 1]]


def test_small_parts_share_a_stretch() -> None:
    with mock.patch.multiple(stretches, _ROWS_A_STRETCH=10):
        found = Watermark([0, 1, 2, 3, 4], [4, 4, 4, 4, 4])
    assert found.stretches.of(np.arange(5)).tolist() == [0, 0, 0, 1, 1]


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 20), st.none() | st.integers(0, 9))),
    st.randoms(use_true_random=False),
)
def test_every_stretch_is_complete_once_and_when_no_unread_part_reaches_into_it(
    parts: list[tuple[int | None, int | None]], chance: random.Random
) -> None:
    parts.sort(key=lambda part: -1 if part[0] is None else part[0])
    with mock.patch.multiple(stretches, _ROWS_A_STRETCH=5):
        found = Watermark([begins for begins, _ in parts], [rows for _, rows in parts])
    unread = dict(enumerate(parts))
    seen: list[int] = []
    for part in chance.sample(sorted(unread), len(unread)):
        del unread[part]
        for complete in found.read(part):
            seen.append(complete)
            reach = [0 if begins is None else begins for begins, _ in unread.values()]
            assert all(complete < stretch for stretch in found.stretches.of(np.array(reach, np.int64)).tolist())
    if parts:
        assert seen == list(range(int(found.stretches.of(np.array([10**18]))[0]) + 1))
