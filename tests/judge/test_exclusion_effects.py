"""What an exclusion took out by itself, and how near a rate is to another tier: against doing it over by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.audit import audit
from sla_audit.contract.model import Contract
from sla_audit.judge.availability import failures_to_edge
from sla_audit.judge.period import Period
from sla_audit.report.formats.json_file import render_json
from tests.builders.what_ifs import CONTRACTS, crowded
from tests.builders.worlds import MIDDLE, SLOW, World, request_of, worlds
from tests.oracles.judgement import Bill, Row, Window


def audited(world: World, reading: str) -> dict[str, Any]:
    """Audit a world under a reading; the exclusions keep their order."""
    with TemporaryDirectory() as name:
        request = request_of(world, Path(name), reading, Period())
        return json.loads(render_json(audit(request).report))  # type: ignore[no-any-return]


def sums(report: dict[str, Any]) -> tuple[int, dict[tuple[str, str], Decimal | None]]:
    """Add up the failures of a report; and give the amount of each result, None where it is not known."""
    failed = sum(result["explicit_failure"] for result in report["results"])
    amounts = {
        (result["account_id"], result["cycle"]): None if amount is None else Decimal(amount)
        for result in report["results"]
        for amount in [result["compensation"]]
    }
    return failed, amounts


@SLOW
@given(crowded | worlds, st.sampled_from(["literal", "broad"]), st.sampled_from([1, 1 << 18]))
def test_what_an_exclusion_did_alone_is_the_difference_to_an_audit_without_it(
    world: World, reading: str, cycles_at_once: int
) -> None:
    with patch("sla_audit.judge.breakdown.exclusion_effects._CYCLES_AT_ONCE", cycles_at_once):
        report = audited(world, reading)
    failed, owed = sums(report)
    for at, exclusion in enumerate(report["exclusions"]):
        without = replace(world, windows=[window for n, window in enumerate(world.windows) if n != at])
        failed_without, owed_without = sums(audited(without, reading))
        assert exclusion["requests_alone"] == failed_without - failed
        pairs = [(owed[cycle], owed_without[cycle]) for cycle in owed]
        saved = sum((after - before for before, after in pairs if before is not None and after is not None), Decimal(0))
        unknown = sum(None in pair for pair in pairs)
        assert 0 <= exclusion["undetermined"] <= unknown
        if exclusion["compensation_saved"] is None:
            assert (saved, exclusion["undetermined"] > 0) == (0, True)
        else:
            assert Decimal(exclusion["compensation_saved"]) == saved
        assert 0 <= exclusion["requests_alone"] <= exclusion["requests"]
        if exclusion["state"] == "refused":
            assert (exclusion["requests"], exclusion["compensation_saved"]) == (0, "0.00")


def one_account(*windows: Window, failed: int = 4, of: int = 100) -> list[tuple[int, int, str]]:
    """Give requests, requests alone and compensation saved of windows over an hour in which an account failed."""
    rows = [Row(MIDDLE, "a", 502)] * failed + [Row(MIDDLE, "a", 200)] * (of - failed)
    report = audited(World(rows, None, [Bill("a", "2026-10", "1000.00", "1000.00")], list(windows), None), "literal")
    names = ("requests", "requests_alone", "compensation_saved")
    return [tuple(exclusion[name] for name in names) for exclusion in report["exclusions"]]


def hour(clause: int, *, announced: bool = True, accounts: tuple[str, ...] = ()) -> Window:
    end, notice = MIDDLE + timedelta(hours=1), MIDDLE - timedelta(days=1 if announced else -1)
    return Window("", clause, MIDDLE, end, notice, accounts)


def test_an_exclusion_that_stands_alone_saved_all_that_it_took_out() -> None:
    assert one_account(hour(3)) == [(4, 4, "150.00")]


def test_of_two_that_cover_the_same_requests_neither_saved_anything_by_itself() -> None:
    assert one_account(hour(3), hour(2)) == [(0, 0, "0.00"), (4, 0, "0.00")]


def test_an_exclusion_that_was_refused_makes_up_for_no_other() -> None:
    assert one_account(hour(1, announced=False), hour(3)) == [(0, 0, "0.00"), (4, 4, "150.00")]


def test_an_exclusion_of_another_account_makes_up_for_none() -> None:
    assert one_account(hour(3), hour(2, accounts=("b",))) == [(4, 4, "150.00"), (0, 0, "0.00")]


def test_an_exclusion_may_take_requests_out_and_save_nothing() -> None:
    assert one_account(hour(3), failed=1) == [(1, 1, "0.00")]


@pytest.mark.parametrize(
    ("bill", "saved"),
    [(None, (None, 1)), (Bill("a", "2026-10", "1000.00", "1000.00"), ("150.00", 0))],
    ids=["no bill", "a bill"],
)
def test_what_is_not_known_to_be_owed_is_not_known_to_be_saved(
    bill: Bill | None, saved: tuple[str | None, int]
) -> None:
    rows = [Row(MIDDLE, "a", 502)] * 4 + [Row(MIDDLE, "a", 200)] * 96
    report = audited(World(rows, None, [bill] if bill else [], [hour(3)], None), "literal")
    (exclusion,) = report["exclusions"]
    assert (exclusion["compensation_saved"], exclusion["undetermined"]) == saved


def test_without_a_bill_the_same_tier_saves_nothing_all_the_same() -> None:
    outside = MIDDLE + timedelta(hours=2)
    rows = [Row(MIDDLE, "a", 502), *[Row(outside, "a", 502)] * 4, *[Row(MIDDLE, "a", 200)] * 95]
    (exclusion,) = audited(World(rows, None, [], [hour(3)], None), "literal")["exclusions"]
    assert (exclusion["requests_alone"], exclusion["compensation_saved"], exclusion["undetermined"]) == (1, "0.00", 0)


def test_taking_out_every_request_saves_what_the_failures_would_have_cost() -> None:
    assert one_account(hour(3), failed=100) == [(100, 100, "600.00")]


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_failures_to_the_edge_are_as_many_as_flipping_one_at_a_time_takes(contract: Contract) -> None:
    rates = [contract.objective.success_rate, *(tier.from_ for tier in contract.compensation.tiers)]
    edges = [Fraction(rate) for rate in rates]

    @cache
    def earned(kept: int, total: int) -> int:
        return next(at for at, edge in enumerate(edges) if Fraction(kept, total) >= edge)

    def flipped(kept: int, total: int) -> int | None:
        for flips in range(1, total + 1):
            for other in (kept - flips, kept + flips):
                if 0 <= other <= total and earned(other, total) != earned(kept, total):
                    return flips
        return None

    cases = [(kept, total) for total in range(151) for kept in range(total + 1)]
    frame = pl.DataFrame(cases, schema={"kept": pl.Int64, "total": pl.Int64}, orient="row")
    found = frame.select(edge=failures_to_edge(pl.col("kept"), pl.col("total"), contract))["edge"].to_list()
    wrong = [(*case, edge) for case, edge in zip(cases, found, strict=True) if edge != flipped(*case)]
    assert wrong == []
