"""Tallies as earlier versions wrote them."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.tally.saved.head import FIRST_SCHEMA

KEY = b"sla-audit"


def first_version(table: pa.Table) -> pa.Table:
    """Write a tally as the first version did: no status where the gateway says that the service did not answer."""
    answered = pc.if_else(table.column("no_answer"), None, table.column("status"))
    old = table.set_column(table.schema.get_field_index("status"), "status", answered).drop_columns(["no_answer"])
    said = {**json.loads(table.schema.metadata[KEY]), "schema": FIRST_SCHEMA}
    return old.replace_schema_metadata({KEY: json.dumps(said)})
