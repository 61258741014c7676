"""Whole judgements of agreements of every kind, against a slow oracle that shares nothing with the program."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts, AuditScope, allocate
from sla_audit.judge.intervals.counted import intervals_in
from sla_audit.judge.intervals.listed import failing_intervals
from sla_audit.judge.intervals.measured import Measured, measure
from sla_audit.judge.verdicts import judge, without_each
from sla_audit.model.facts import Facts
from sla_audit.model.instant import moment
from sla_audit.model.verdicts import Judgement
from tests.builders.examples import costly
from tests.builders.measured import Case, cases, contract_of, facts_of, tally_of
from tests.oracles.measures import Edge, Result, Terms, World, edges_of, judged

SCOPE = AuditScope(cycles=None, apis=(), as_of=date(2030, 1, 1), reading="literal")


def judge_it(
    world: World, contract: Contract, terms: Terms, *, coarse: bool
) -> tuple[AllocatedCounts, Facts, Judgement]:
    facts = facts_of(world)
    allocated = allocate(tally_of(world, terms, coarse=coarse), contract, facts, SCOPE)
    return allocated, facts, judge(allocated, contract, facts, SCOPE)


def verdict_of(row: dict[str, Any]) -> dict[str, Any]:
    """Say what a verdict says, as the oracle has it."""
    return {
        "rate": row["success_rate"],
        "credit": None if row["credit_rate"] is None else Fraction(row["credit_rate"]),
        "decision": row["decision"],
        "reason": row["reason"],
        "amount": None if row["compensation"] is None else Fraction(row["compensation"]),
        "capped": row["capped"],
        "requests": row["requests"],
    }


def expected_of(result: Result) -> dict[str, Any]:
    rate = result.rate
    return {
        "rate": None if rate is None else (rate * 10**6).__floor__(),
        "credit": result.credit,
        "decision": result.decision,
        "reason": result.reason,
        "amount": result.amount,
        "capped": result.capped,
        "requests": result.requests,
    }


def assert_agreement(case: Case) -> None:
    """Hold the verdicts of each reading against what the oracle says."""
    world, literal, other, coarse = case
    contract = contract_of(literal, other=other)
    allocated, facts, judgement = judge_it(world, contract, literal, coarse=coarse)
    keys = list(judgement.cycles.select("account_id", "cycle").iter_rows())
    for name, terms in {"literal": literal, "other": other}.items():
        wanted = judged(world, terms)
        rows = judgement.verdicts[name].iter_rows(named=True)
        found = {key: verdict_of(row) for key, row in zip(keys, rows, strict=True)}
        assert found == {key: expected_of(result) for key, result in wanted.items()}
        measured = measure(allocated, judgement.cycles, contract).get(name)
        if measured is not None:
            parts = zip(measured.kept, measured.total, strict=True)
            rates = [Fraction(kept, total) if total else None for kept, total in parts]
            exact = zip(rates, measured.fault_minutes, strict=True)
            assert dict(zip(keys, exact, strict=True)) == {
                key: (result.rate, result.minutes) for key, result in wanted.items()
            }
            assert_listed(allocated, contract, name, keys, measured, judgement)
    edges = judgement.verdicts["literal"].select(EDGES).iter_rows()
    asked = literal.kind == "share_of_requests"  # of intervals, it matters when requests fail
    for key, found_edges in zip(keys, edges, strict=True):
        wanted_edges = edges_of(key, world, literal) if asked else (None, None)
        assert edges_from(found_edges) == wanted_edges, key
    assert_without_each(case, judgement, without_each(judgement, allocated, contract, facts, SCOPE))


def assert_listed(
    allocated: AllocatedCounts,
    contract: Contract,
    reading: str,
    keys: list[tuple[str, str]],
    measured: Measured,
    judgement: Judgement,
) -> None:
    """Hold the intervals that are listed against what was measured: those that count make up what is lost."""
    listed = failing_intervals(allocated, contract, reading)
    read = contract.under(reading)
    assert read.measure is not None
    lost = dict.fromkeys(keys, Fraction(0))
    for row in listed.filter("counts").iter_rows(named=True):
        key = (row["account_id"], str(contract.cycles.of(moment(row["starts_at"], contract.zone).date())))
        if key in lost:  # others are beside the cycles of the audit
            lost[key] += 1 if read.measure.bad is not None else Fraction(row["failed"], row["total"])
    lengths = intervals_in(judgement.cycles, read)
    for found, kept, total, length in zip(lost.values(), measured.kept, measured.total, lengths, strict=True):
        of_all = total if read.measure.bad is not None else length
        assert found == (Fraction(total - kept, total) * of_all if total else 0)


def assert_without_each(case: Case, judgement: Judgement, without: pl.DataFrame) -> None:
    """Hold what is said of each exclusion against a world that has not got it."""
    world, literal, _, _ = case
    now = judged(world, literal)
    for at, finding in enumerate(judgement.exclusions):
        windows = [window for place, window in enumerate(world.windows) if place != at]
        then = judged(replace(world, windows=windows), literal)
        for row in without.filter(exclusion=at).iter_rows(named=True):
            wanted = expected_of(then[row["account_id"], row["cycle"]])
            found = verdict_of(row | {"reason": None, "capped": None, "requests": None})
            assert {name: found[name] for name in FOLLOWS} == {name: wanted[name] for name in FOLLOWS}
        amounts = [(then[key].amount, now[key].amount) for key in now]
        if all(None not in pair for pair in amounts):
            saved = sum((after or 0) - (before or 0) for after, before in amounts)
            assert Fraction(finding.compensation_saved or 0) == saved


FOLLOWS = ("rate", "credit", "decision", "amount")
EDGES = [f"{edge}_{name}" for edge in ("fewer", "more") for name in ("failures", "credit_rate", "compensation")]


def edges_from(row: tuple[Any, ...]) -> tuple[Edge | None, ...]:
    """Say what a verdict says of its edges, as the oracle has it."""
    return tuple(
        None if failures is None else Edge(failures, Fraction(credit), None if amount is None else Fraction(amount))
        for failures, credit, amount in (row[:3], row[3:])
    )


@pytest.mark.parametrize("kind", ["share_of_requests", "mean_of_intervals", "share_of_time"])
def test_every_verdict_is_the_oracles(kind: str) -> None:
    @costly(160)
    @given(cases(kind))
    def holds(case: Case) -> None:
        assert_agreement(case)

    holds()
