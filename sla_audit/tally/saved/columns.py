"""The columns of a tally, of each version of its form."""

from __future__ import annotations

import pyarrow as pa

from sla_audit.model.tally import SLOT
from sla_audit.tally.outcomes import ARROW
from sla_audit.tally.saved.head import FIRST_SCHEMA, SCHEMA, SECOND_SCHEMA

_INSTANT = pa.timestamp("us", "UTC")
COLUMNS = pa.schema(
    {
        "account_id": pa.string(),
        **dict.fromkeys(SLOT, _INSTANT),
        **ARROW,
        "requests": pa.int64(),
    }
)
SCHEMAS = {
    FIRST_SCHEMA: pa.schema([field for field in COLUMNS if field.name != "no_answer"]),
    SECOND_SCHEMA: COLUMNS,
    SCHEMA: COLUMNS,
}
TEXTS = ["account_id", *(name for name, kind in ARROW.items() if pa.types.is_string(kind))]
