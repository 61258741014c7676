"""Rows of a log that are kept one by one, as a table: what stands behind a figure."""

from __future__ import annotations

import polars as pl

from sla_audit.model.tally import CLIENT, OUTCOME, REQUEST_ID

PLACE, INSTANT, KEY = "place", "instant", "key"
"""Columns: the line of a text, or the row of a Parquet file, from 1; microseconds since 1970; whose the row is."""

LOGGED_TIME, LOGGED_STATUS = "time_as_logged", "status_as_logged"
"""Columns: what stands in the log, of several columns one after the other; null where nothing does."""

TRACED = {
    PLACE: pl.Int64(),
    INSTANT: pl.Int64(),
    LOGGED_TIME: pl.String(),
    KEY: pl.String(),
    REQUEST_ID: pl.String(),
    LOGGED_STATUS: pl.String(),
    CLIENT: pl.String(),
    **OUTCOME,
}
"""The columns of rows of one log, in its order; those of `OUTCOME` as they are counted, but that none is `repeated`."""
