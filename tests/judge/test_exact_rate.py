"""Exact rates as text: whole where they are short, and on the same side of every edge where they are not."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sla_audit.judge.intervals.exact_rate import PLACES, written

_MANY = 10**5000  # more digits than `str` writes of a number


def test_a_short_rate_is_written_as_it_is() -> None:
    assert written(8838, 8928) == ("8838", "8928")
    assert written(0, 10**PLACES) == ("0", f"1{'0' * PLACES}")


def test_a_long_rate_that_is_short_after_all_stays_exact() -> None:
    assert written(_MANY, 4 * _MANY) == (f"25{'0' * (PLACES - 1)}", f"1{'0' * (PLACES + 1)}")


@given(st.integers(1, 999_999), st.sampled_from([-1, 0, 1]), st.integers(_MANY, _MANY * 10**9))
def test_a_long_rate_is_on_the_same_side_of_every_edge(millionths: int, beside: int, total: int) -> None:
    total *= 10**6
    kept = millionths * (total // 10**6) + beside
    part, whole = map(int, written(kept, total))
    edge = Fraction(millionths, 10**6)
    assert (Fraction(part, whole) > edge, Fraction(part, whole) < edge) == (beside > 0, beside < 0)
    assert part * 10**PLACES // whole == kept * 10**PLACES // total
