"""From counts to verdicts: every account and cycle, under every reading of the agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

import polars as pl

from sla_audit.contract.facts import Facts
from sla_audit.contract.model import Contract
from sla_audit.contract.month import Month
from sla_audit.errors import refuse
from sla_audit.judge.availability import credit_tier, success_rate
from sla_audit.judge.claims import ClaimWindow, claim_window
from sla_audit.judge.classify import CLASSES
from sla_audit.judge.compensation import award
from sla_audit.judge.cycles import service_cycles
from sla_audit.judge.decisions import decide
from sla_audit.judge.exclusions import ExclusionFinding, covering_exclusion, examine
from sla_audit.judge.fates import add_up
from sla_audit.judge.placing import place, with_days
from sla_audit.judge.tallied import parted_counts

_CYCLE = ("account_id", "cycle")


class Counted(Protocol):
    """A tally: counts of `requests` by codes, which are row numbers of the three lists beside them.

    `accounts` has `account_id`; `slots` has `starts_at` and `ends_at` (microseconds since 1970, UTC, half-open, cut
    at midnights and at the edges of every exclusion); `outcomes` has `status` (null: none), `content_flag`,
    `client_aborted`, `region`, `api`; `counts` has `account`, `slot`, `outcome` and `requests`.
    """

    @property
    def accounts(self) -> pl.DataFrame:
        """The accounts, by code."""
        ...

    @property
    def slots(self) -> pl.DataFrame:
        """The slots, by code."""
        ...

    @property
    def outcomes(self) -> pl.DataFrame:
        """The outcomes, by code."""
        ...

    @property
    def counts(self) -> pl.DataFrame:
        """The counts."""
        ...


@dataclass(frozen=True)
class Question:
    """What is asked of the counts: months (None: all that the logs touch), APIs, day and reading."""

    months: Sequence[Month] | None
    apis: Sequence[str]
    as_of: date
    reading: str


@dataclass(frozen=True)
class Totals:
    """Sums over all results, under the reading in force, except `by_reading`."""

    accounts: int
    breached: int
    owed: int
    undetermined: int
    compensation: Decimal
    by_reading: dict[str, Decimal]


@dataclass(frozen=True)
class Judgement:
    """All verdicts.

    `cycles` has one row per account and cycle, by account and then month (see
    `cycles.service_cycles`), with `service_fee` and `cash_paid`, null where no bill is known. `verdicts` has one
    row per cycle and reading: `requests`, one column per class, `success_rate` in millionths (cut),
    `credit_rate`, `decision`, `reason`, `compensation` (null where undetermined) and `capped`. `by_clause`
    splits the excluded requests of each verdict by `clause`. `rows` says where every request went.
    """

    cycles: pl.DataFrame
    verdicts: pl.DataFrame
    by_clause: pl.DataFrame
    exclusions: tuple[ExclusionFinding, ...]
    claims: dict[str, ClaimWindow]
    rows: dict[str, int]
    totals: Totals


def judge(tally: Counted, contract: Contract, facts: Facts, question: Question) -> Judgement:
    """Judge a tally by a contract and the facts that the parties assert.

    Raises `InputError` where the counts are too coarse for an exclusion (see `tallied`).
    """
    slots = with_days(tally.slots, contract.time_zone)
    service = _service(tally.accounts, facts)
    placed = place(tally.counts, slots, tally.outcomes, service, question.months, question.apis)

    findings = tuple(examine(exclusion, contract) for exclusion in facts.exclusions)
    covering = covering_exclusion(findings, tally.accounts["account_id"], slots, tally.outcomes)
    counts = placed.counts.with_columns(covering=covering)
    refuse(parted_counts(counts, tally.accounts["account_id"], slots, tally.outcomes, contract, findings))
    classes = add_up(counts, tally.accounts["account_id"], slots, tally.outcomes, contract, findings)
    seen = classes.select(_CYCLE).unique()
    cycles = _billed(service_cycles(placed.months, facts.accounts, seen), facts)
    verdicts = _verdicts(cycles, classes, contract, question.as_of)
    return Judgement(
        cycles=cycles,
        verdicts=verdicts,
        by_clause=_by_clause(classes),
        exclusions=_effects(findings, classes, question.reading),
        claims={str(month): claim_window(month, contract.claim) for month in placed.months},
        rows=placed.rows,
        totals=_totals(verdicts, question.reading, list(contract.readings)),
    )


def _service(accounts: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Give the days of service of each account code; an account without facts is always in service."""
    if facts.accounts is None:
        return accounts.with_columns(applied_on=pl.lit(None, pl.Date), expires_on=pl.lit(None, pl.Date))
    return accounts.join(facts.accounts, on="account_id", how="left", maintain_order="left").select(
        "applied_on", "expires_on"
    )


def _billed(cycles: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    if facts.billing is None:
        nothing = pl.lit(None, pl.Decimal(38, 6))
        return cycles.with_columns(service_fee=nothing, cash_paid=nothing)
    bills = facts.billing.select(*_CYCLE, "service_fee", "cash_paid")
    return cycles.join(bills, on=_CYCLE, how="left", maintain_order="left")


def _verdicts(cycles: pl.DataFrame, classes: pl.DataFrame, contract: Contract, as_of: date) -> pl.DataFrame:
    sums = classes.group_by(*_CYCLE, "reading").agg(
        pl.col("requests").filter(pl.col("class") == name).sum().alias(name) for name in CLASSES
    )
    readings = pl.DataFrame(
        {
            "reading": list(contract.readings),
            "denominator_has_excluded": [reading.excluded_in_denominator for reading in contract.readings.values()],
        }
    )
    decision, reason = decide(as_of, contract.compensation.uncompensated_plans)
    left_out = pl.when("denominator_has_excluded").then(pl.col("excluded")).otherwise(0)
    rates = ["0", *(f"{tier.rate:f}" for tier in contract.compensation.tiers)]
    verdicts = (
        cycles.join(readings, how="cross")
        .join(sums, on=[*_CYCLE, "reading"], how="left", maintain_order="left")
        .with_columns(pl.col(CLASSES).fill_null(0))
        .with_columns(
            requests=pl.sum_horizontal(CLASSES),
            kept=pl.col("success") + left_out,
            total=pl.col("success") + pl.col("explicit_failure") + left_out,
        )
        .with_columns(
            success_rate=success_rate(pl.col("kept"), pl.col("total")),
            tier=credit_tier(pl.col("kept"), pl.col("total"), contract),
        )
        .with_columns(
            credit_rate=pl.lit(pl.Series(rates)).gather(pl.col("tier") + 1),
            decision=decision,
            reason=reason,
        )
    )
    return _with_awards(verdicts, contract).drop("denominator_has_excluded", "kept", "total")


def _with_awards(verdicts: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Add `compensation` and `capped`. Money is exact `Decimal` arithmetic, on the rows that owe some."""
    terms = contract.compensation
    places = max(0, -int(terms.quantum.as_tuple().exponent))
    numbered = verdicts.with_row_index("row")
    owed = numbered.filter(pl.col("decision") == "owed").select("row", "service_fee", "cash_paid", "tier")
    awards = [award(fee, cash, terms.tiers[tier].rate, terms) for _, fee, cash, tier in owed.iter_rows()]
    amounts = owed.select("row").with_columns(
        pl.Series("compensation", [each.amount for each in awards], pl.Decimal(38, places)),
        pl.Series("capped", [each.capped for each in awards], pl.Boolean),
    )
    nothing = pl.lit(Decimal(0), pl.Decimal(38, places))
    return (
        numbered.join(amounts, on="row", how="left", maintain_order="left")
        .with_columns(
            compensation=pl.when(pl.col("decision") == "not_owed").then(nothing).otherwise("compensation"),
            capped=pl.col("capped").fill_null(value=False),
        )
        .drop("row")
    )


def _by_clause(classes: pl.DataFrame) -> pl.DataFrame:
    excluded = classes.filter(pl.col("class") == "excluded")
    return excluded.group_by(*_CYCLE, "reading", "clause").agg(pl.col("requests").sum()).sort("clause")


def _effects(findings: Sequence[ExclusionFinding], classes: pl.DataFrame, reading: str) -> tuple[ExclusionFinding, ...]:
    """Count what each exclusion took out of the rate under the reading in force."""
    removed = classes.filter((pl.col("reading") == reading) & pl.col("exclusion").is_not_null())
    requests = dict(removed.group_by("exclusion").agg(pl.col("requests").sum()).iter_rows())
    return tuple(replace(finding, requests=int(requests.get(at, 0))) for at, finding in enumerate(findings))


def _totals(verdicts: pl.DataFrame, reading: str, readings: Sequence[str]) -> Totals:
    in_force = verdicts.filter(pl.col("reading") == reading)
    owed = dict(verdicts.group_by("reading").agg(pl.col("compensation").sum()).iter_rows())
    decisions = in_force["decision"]
    return Totals(
        accounts=in_force["account_id"].n_unique(),
        breached=in_force.filter(pl.col("tier") >= 0).height,
        owed=int((decisions == "owed").sum()),
        undetermined=int((decisions == "undetermined").sum()),
        compensation=owed.get(reading) or Decimal(0),
        by_reading={name: owed.get(name) or Decimal(0) for name in readings},
    )
