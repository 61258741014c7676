"""What the results of a sheet come to, by cycle and together."""

from __future__ import annotations

import polars as pl

from sla_audit.report.document import amount
from sla_audit.report.formats.xlsx.sheet import Kind
from sla_audit.report.language import Words
from sla_audit.report.sums import sum_of


def parts_of(results: pl.DataFrame) -> list[pl.DataFrame]:
    """Give the results of each cycle, where there are several, then all; nothing where there is one result."""
    if results.height < 2:
        return []
    by_cycle = results.sort("cycle").partition_by("cycle", maintain_order=True)
    return [*(by_cycle if len(by_cycle) > 1 else ()), results]


def cycle_of(part: pl.DataFrame) -> str | None:
    """Give the cycle of a part; None of all."""
    cycles = part["cycle"].unique()
    return cycles[0] if len(cycles) == 1 else None


def total_of(kind: Kind, name: str, part: pl.DataFrame) -> str | int | None:
    """Add a column up: counts, or amounts as far as they are known; None where no amount is."""
    if kind == "count":
        return int(part[name].sum())
    return amount(sum_of(part[name]).known) if part[name].null_count() < part.height else None


def unknown_in_words(words: Words, part: pl.DataFrame) -> str | None:
    """Say of how many results what is owed is not known; None where it is known of all."""
    unknown = sum_of(part["compensation"]).unknown
    return words.say("undetermined: {count}", count=f"{unknown:,}") if unknown else None
