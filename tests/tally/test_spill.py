"""What comes more than once is found, however it is spread and wherever it is kept."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.tally.dedup import spill
from sla_audit.tally.dedup.spill import SpillBuffer, repeated

numbers = st.one_of(st.integers(0, 9), st.sampled_from([0, 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1]))


@given(st.lists(st.lists(numbers)), st.sampled_from([1, 2, 7, 1 << 20]), st.sampled_from([0, 3, 100]))
def test_repeated_numbers_are_those_that_come_more_than_once(listed: list[list[int]], at_once: int, held: int) -> None:
    with mock.patch.multiple(spill, _AT_ONCE=at_once, _MOST_HELD=held), closing(SpillBuffer()) as room:
        kept = [room.keep(np.array(sorted(each), np.uint64)) for each in listed]
        shares = list(repeated([room.numbers(run) for run in kept]))
    found = [number for share in shares for number in share.tolist()]
    counts = Counter(number for each in listed for number in each)
    assert found == sorted(number for number, times in counts.items() if times > 1)
    assert all(len(share) for share in shares)


def test_memory_that_is_given_back_is_used_again() -> None:
    some = np.arange(10, dtype=np.uint64)
    with mock.patch.multiple(spill, _MOST_HELD=15), closing(SpillBuffer()) as room:
        first = room.keep(some)
        second = room.keep(some)
        room.drop(first)
        room.drop(second)
        third = room.keep(some)
        assert [run.held is not None for run in (first, second, third)] == [True, False, True]
        assert all(room.numbers(run).tolist() == list(range(10)) for run in (first, second, third))
