"""What each exclusion took out of the rate, and what it saved: by itself, the others standing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.judge.allocation.allocate import AllocatedCounts, AuditScope
from sla_audit.judge.breakdown.detailed import Touched
from sla_audit.judge.classification.classes import class_kinds
from sla_audit.judge.classification.covering import covering
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.classification.unsafe_splits import cutting, unsafe_splits
from sla_audit.judge.ruling import rule_on
from sla_audit.judge.totals import owed_together
from sla_audit.model.verdicts import ExclusionFinding, Owed

_NOTHING_TOUCHED = pl.DataFrame(
    schema={"exclusion": pl.Int32} | dict.fromkeys(("number", "requests", "requests_alone", *CLASSES), pl.Int64)
)
_LIFTED = ("lifted", "outcome", "covering")
_CYCLES_AT_ONCE = 1 << 18


class Effects(NamedTuple):
    """The findings on exclusions, complete, and what each changes in each cycle from which it took out requests."""

    findings: tuple[ExclusionFinding, ...]
    touched: Touched


def effects(
    allocated: AllocatedCounts,
    cycles: pl.DataFrame,
    verdicts: pl.DataFrame,
    contract: Contract,
    scope: AuditScope,
    ruled_without: Callable[[pl.DataFrame], pl.DataFrame],
) -> Effects:
    """Complete the findings on exclusions by their effects under the reading in force.

    `cycles` and, beside it, `verdicts` under that reading are as in `verdicts.Judgement`. Only the cycles that an
    exclusion touches are judged again without it; where intervals are measured, all are, by `ruled_without` of the
    counts as they would be covered.
    """
    lifted, terms = _lifted(allocated), contract.under(scope.reading).compensation
    if not lifted:
        return Effects(allocated.findings, _NOTHING_TOUCHED)
    moved = _moved(pl.concat(lifted.values()), allocated, contract, scope.reading)
    cut_by = cutting(allocated.findings, allocated.dimensions)
    terms = contract.under(scope.reading).compensation
    removed, alone = (_by_exclusion(moved, amount) for amount in ("removed", "alone"))
    if contract.measure is None:
        saved = _saved(moved, cycles, verdicts, contract, scope)
    else:
        saved = {
            at: owed_together(more_owed(verdicts, ruled_without(_without(at, counts, allocated)), terms))
            for at, counts in lifted.items()
        }
    complete, parted = [], []
    for at, finding in enumerate(allocated.findings):
        found = replace(finding, requests=removed.get(at, 0))
        if at in lifted and _is_parted(
            lifted[at], allocated, contract, {n: slots for n, slots in cut_by.items() if n != at}
        ):
            # Another exclusion would have covered a part of what a tally has added up: none knows which.
            found = replace(found, requests_alone=None, compensation_saved=None)
            parted.append(at)
        else:
            more = saved.get(at, Owed(Decimal(0), 0))
            found = replace(
                found,
                requests_alone=alone.get(at, 0),
                compensation_saved=more.compensation,
                undetermined=more.undetermined,
            )
        complete.append(found)
    return Effects(tuple(complete), _touched(moved, parted))


def counts_without(allocated: AllocatedCounts) -> Iterator[tuple[int, pl.DataFrame]]:
    """Give, for each exclusion that covers some counts, its position and all counts as covered without it."""
    for at, lifted in _lifted(allocated).items():
        yield at, _without(at, lifted, allocated)


def _without(at: int, lifted: pl.DataFrame, allocated: AllocatedCounts) -> pl.DataFrame:
    """Give all counts as they would be covered without an exclusion; `lifted` are those that it covers."""
    others = allocated.counts.filter(pl.col("covering").ne_missing(at))
    return pl.concat([others, lifted.select(others.columns)])


def _touched(moved: pl.DataFrame, parted: Sequence[int]) -> Touched:
    told = ~pl.col("lifted").is_in(list(parted))
    return moved.filter(pl.col("removed") > 0).select(
        pl.col("lifted").cast(pl.Int32).alias("exclusion"),
        pl.col("number").cast(pl.Int64),
        pl.col("removed").alias("requests"),
        pl.when(told).then("alone").alias("requests_alone"),
        *(pl.when(told).then(name).alias(name) for name in CLASSES),
    )


def _lifted(allocated: AllocatedCounts) -> dict[int, pl.DataFrame]:
    """Give for each exclusion that covers some counts these counts as they would be covered without it.

    They say in `lifted` which exclusion that is.
    """
    covered = allocated.counts.filter(pl.col("covering").is_not_null())
    otherwise = covering(covered, allocated.findings, allocated.dimensions).next
    lifted = covered.rename({"covering": "lifted"}).with_columns(covering=otherwise)
    return {at: counts for (at,), counts in lifted.partition_by("lifted", as_dict=True).items()}


def _is_parted(
    counts: pl.DataFrame, allocated: AllocatedCounts, contract: Contract, cut_by: dict[int, pl.Series]
) -> bool:
    return any(unsafe_splits(counts, allocated.dimensions, contract, allocated.findings, cut_by))


def _moved(freed: pl.DataFrame, allocated: AllocatedCounts, contract: Contract, reading: str) -> pl.DataFrame:
    """Say what each exclusion changes in each cycle, by `lifted` and the `number` of the cycle.

    `removed` counts the requests that it takes out, `alone` those that no other would. A column for each class says how
    many more requests are of it than without the exclusion: below 0, how many fewer.
    """
    many = len(allocated.findings) + 1
    covering = pl.col("covering").fill_null(many - 1)
    kind = (pl.col("outcome").cast(pl.Int64) * many + pl.col("lifted")) * many + covering
    numbered = freed.select(*_LIFTED, "requests", number=allocated.dimensions.cycle_number(), kind=kind)
    kinds = numbered.select("kind", *_LIFTED).unique("kind")
    ends = [f"{reading}/{name}" for name in ("class", "exclusion")]
    classed = (
        class_kinds(kinds.select("outcome", covering=which), allocated.dimensions, contract, allocated.findings).select(
            ends
        )
        for which in ("lifted", "covering")
    )
    (class_, exclusion), (class_then, exclusion_then) = (end.get_columns() for end in classed)
    shares = {
        "removed": (exclusion == kinds["lifted"]).fill_null(value=False).cast(pl.Int64),
        "alone": exclusion.is_not_null().cast(pl.Int64) - exclusion_then.is_not_null().cast(pl.Int64),
        **{name: (class_ == name).cast(pl.Int64) - (class_then == name).cast(pl.Int64) for name in CLASSES},
    }
    changing = kinds.select("kind", **shares).filter(pl.any_horizontal(pl.col(*shares) != 0))
    changed = numbered.join(changing, on="kind").with_columns(pl.col(*shares) * pl.col("requests"))
    return changed.group_by("lifted", "number").agg(pl.col(*shares).sum())


def _by_exclusion(rows: pl.DataFrame, amount: str) -> dict[int, Any]:
    """Add up an amount for each exclusion that is lifted."""
    return dict(rows.group_by("lifted").agg(pl.col(amount).sum()).iter_rows())


def _saved(
    moved: pl.DataFrame, cycles: pl.DataFrame, verdicts: pl.DataFrame, contract: Contract, scope: AuditScope
) -> dict[int, Owed]:
    """Tell how much more would be owed without each exclusion, and in how many cycles that cannot be told."""
    terms = contract.under(scope.reading).compensation
    rows = cycles.select("number").with_row_index("row")
    touched = moved.filter(pl.col("removed") > 0).join(rows, on="number")
    parts = [pl.DataFrame(schema={"lifted": touched.schema["lifted"], "more": pl.Decimal(38, 6)})]
    for some in touched.iter_slices(_CYCLES_AT_ONCE):
        of_touched, ruled = cycles[some["row"]], verdicts[some["row"]]
        otherwise = ruled.select(pl.col(name) - some[name] for name in CLASSES)
        again = rule_on(of_touched, otherwise, contract, scope.reading, scope.as_of)
        parts.append(some.select("lifted", more=more_owed(ruled, again, terms).cast(pl.Decimal(38, 6))))
    by_exclusion = pl.concat(parts).partition_by("lifted", as_dict=True)
    return {at: owed_together(of_one["more"]) for (at,), of_one in by_exclusion.items()}


def more_owed(ruled: pl.DataFrame, again: pl.DataFrame, terms: Compensation) -> pl.Series:
    """Subtract what is owed from what would be; null where either cannot be told.

    Whatever plan and bill are, the same tier earns the same, unless each failure is given back, or each minute of
    faults; not so while more requests may come.
    """
    same = ruled["tier"].eq_missing(again["tier"]) & (ruled["reason"] != "cycle_running")
    if not terms.is_share:
        earns = (ruled["tier"] >= 0).fill_null(value=False)
        same &= ~earns | (ruled["explicit_failure"] == again["explicit_failure"])
    return (
        (again["compensation"] - ruled["compensation"])
        .to_frame("more")
        .select(pl.when(same).then(pl.lit(0)).otherwise("more"))
        .to_series()
    )
