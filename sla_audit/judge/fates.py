"""What becomes of each kind of request under every reading, and counts added up by it.

There are few kinds, an outcome and the exclusion that covers it, and many counts: so kinds are classed, and
counts only added up.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.classify import classify
from sla_audit.judge.exclusions import ExclusionFinding
from sla_audit.judge.lists import Lists

KIND = ("outcome", "covering")
_END = ("class", "clause", "exclusion")


def add_up(
    counts: pl.DataFrame,
    lists: Lists,
    contract: Contract,
    findings: Sequence[ExclusionFinding],
) -> pl.DataFrame:
    """Add counts up by account, cycle, reading, class, clause and the exclusion that took them out, if one did.

    `counts` has codes, `requests`, and the position of the exclusion that is `covering` it. The sums have
    `account_id` and what is named above; a sum may come in several parts.
    """
    cycles = lists.slots["cycle"].unique(maintain_order=True)
    code = {cycle: at for at, cycle in enumerate(cycles)}
    cycle_of_slot = pl.Series([code[cycle] for cycle in lists.slots["cycle"]], dtype=pl.UInt16)
    kinds, fates = _fates(class_kinds(counts.select(KIND).unique(), lists, contract, findings), contract)
    sums = (
        counts.with_columns(cycle=pl.lit(cycle_of_slot).gather(pl.col("slot")))
        .join(kinds, on=KIND, nulls_equal=True)
        .group_by("account", "cycle", "fate")
        .agg(pl.col("requests").sum())
    )
    return sums.join(fates, on="fate").select(
        "requests",
        "reading",
        *_END,
        account_id=pl.lit(lists.accounts).gather(pl.col("account")),
        cycle=pl.lit(cycles).gather(pl.col("cycle")),
    )


def class_kinds(
    kinds: pl.DataFrame, lists: Lists, contract: Contract, findings: Sequence[ExclusionFinding]
) -> pl.DataFrame:
    """Add to kinds, for every reading, its `reading/class`, `reading/clause` and `reading/exclusion`."""
    causes = pl.Series([finding.exclusion.clause for finding in findings], dtype=pl.Int32)
    described = kinds.with_columns(
        pl.lit(lists.outcomes[name]).gather(pl.col("outcome")) for name in ("status", "content_flag", "client_aborted")
    ).with_columns(exclusion="covering")
    parts = [kinds]
    for name, reading in contract.readings.items():
        parts.append(classify(described, contract, reading, causes).select(pl.col(_END).name.prefix(f"{name}/")))
    return pl.concat(parts, how="horizontal")


def _fates(classed: pl.DataFrame, contract: Contract) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give kinds that end alike under all readings one fate: the fate of each kind, and each fate by reading."""
    by_reading = [name for name in classed.columns if name not in KIND]
    distinct = classed.select(by_reading).unique(maintain_order=True).with_row_index("fate")
    fates = [
        distinct.select(
            "fate", pl.lit(name).alias("reading"), *(pl.col(f"{name}/{column}").alias(column) for column in _END)
        )
        for name in contract.readings
    ]
    return classed.join(distinct, on=by_reading, nulls_equal=True).select(*KIND, "fate"), pl.concat(fates)
