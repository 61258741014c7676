"""The names and types of what a result says of its claim in a ledger, wherever it is written."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sla_audit.report.schema import Kind

LEDGER = "ledger"
"""The key of the head, and the column of the results."""

FIELDS: dict[str, tuple[Kind, str]] = {
    "number": ("count", "the number of the claim in the ledger"),
    "state": (
        "text",
        "`detected`, `ready`, `filed`, `approved`, `partly_approved`, `rejected`, `partly_credited`, `credited`, "
        "`withdrawn`, `lapsed` or `nothing_owed`",
    ),
    "file_by": ("date", "the last day to file it, inclusive, after which it lapses; null where that is not to be done"),
    "filed_on": ("date", "the day on which it was filed"),
    "filed": ("amount", "what was claimed"),
    "approved": ("amount", "what the other side approved; null without an answer"),
    "credited": ("amount", "what was credited so far"),
    "outstanding": ("amount", "what was approved, or else claimed, and is still to come"),
}
"""What is said of a claim, and what it means."""

CLAIM = pl.Struct({name: pl.Int64() if kind == "count" else pl.String() for name, (kind, _) in FIELDS.items()})
"""The type of `ledger` in the table of results; null where the ledger has no claim of the account and cycle."""


def flat(columns: Sequence[str]) -> list[tuple[str, str, Kind]]:
    """Name the columns of flat tables: the field, the name there, what it holds; none without a ledger."""
    return [(name, f"claim_{name}", kind) for name, (kind, _) in FIELDS.items()] if LEDGER in columns else []


def as_json(name: str) -> pl.Expr:
    """Write a field of `ledger`: none of them has a character that JSON escapes."""
    field = pl.col(LEDGER).struct.field(name)
    kind, _ = FIELDS[name]
    written = field.cast(pl.String) if kind == "count" else pl.concat_str(pl.lit('"'), field, pl.lit('"'))
    return written.fill_null("null")
