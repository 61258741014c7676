"""The columns of a tally, of each version of its form."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from sla_audit.model.tally import SLOT, outcome_under
from sla_audit.tally.outcomes import ARROW
from sla_audit.tally.saved.head import FIRST_SCHEMA, SCHEMA, SECOND_SCHEMA

_INSTANT = pa.timestamp("us", "UTC")
_LACKING: dict[str, frozenset[str]] = {
    FIRST_SCHEMA: frozenset({"no_answer"}),
    SECOND_SCHEMA: frozenset(),
    SCHEMA: frozenset(),
}
SCHEMAS = tuple(_LACKING)
TEXTS = ["account_id", *(name for name, kind in ARROW.items() if pa.types.is_string(kind))]


def columns_of(schema: str, tells: Collection[str]) -> pa.Schema:
    """Give the columns of a version, in a tally that tells requests apart by some optional columns of logs."""
    told = [name for name in outcome_under(tells) if name not in _LACKING[schema]]
    return pa.schema(
        {
            "account_id": pa.string(),
            **dict.fromkeys(SLOT, _INSTANT),
            **{name: ARROW[name] for name in told},
            "requests": pa.int64(),
        }
    )
