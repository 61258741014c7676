"""Tallies written down as files. The format is documented in the README."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.model.instant import moment
from sla_audit.model.tally import LOGGED, SLOT, Tally, outcome_under
from sla_audit.sentence import Sentence
from sla_audit.tally.saved.columns import TEXTS, columns_of
from sla_audit.tally.saved.head import SCHEMA, TallyHead, can_be_audited
from sla_audit.tally.saved.seal import sealed
from sla_audit.tally.spelt import spelt

SUFFIX = ".tally.parquet"

_OF_SOME_ENDINGS, _OF_SOME_INTERVALS = ("error_code", "took_over"), ("error_codes", "took_over")


def tally_bytes(tally: Tally, head: TallyHead) -> bytes:
    """Write a tally down, a row for each count; the same tally gives the same bytes.

    Raises `InputError` where it counts requests of days that no run judges.
    """
    rows = _in_order(tally)
    schema = columns_of(SCHEMA, head.tells)
    arrays = spelt(tally, rows, outcome_under(head.tells))
    columns = [array.cast(kind) for array, kind in zip(arrays, schema.types, strict=True)]
    slots = tally.slots.gather(rows["slot"].unique()).sort(*SLOT).rows()
    _refuse_days(slots, ZoneInfo(head.time_zone))
    said = _said(head)
    said["slots"] = [[moment(edge).isoformat() for edge in slot] for slot in slots]
    coded = [name for name in (*TEXTS, *SLOT, "status", "took_over") if name in schema.names]
    return sealed(pa.Table.from_arrays(columns, schema=schema), json.dumps(said, ensure_ascii=False), coded)


def _said(head: TallyHead) -> dict[str, Any]:
    """Give what a tally says of itself; what few tallies have to say is left out where there is nothing to say.

    So other tallies are the same to the byte as those of an earlier version.
    """
    said = head.model_dump(mode="json", by_alias=True)
    endings = [(each, name) for each in said["unattributed"] for name in _OF_SOME_ENDINGS]
    of_intervals = [(said["intervals"] or {}, name) for name in _OF_SOME_INTERVALS]
    for table, name in ((said, "intervals"), (said, "limits"), *endings, *of_intervals):
        if not table.get(name):
            table.pop(name, None)
    return said


def _refuse_days(slots: Sequence[tuple[int, int]], zone: ZoneInfo) -> None:
    """Refuse days that no run would take from a tally."""
    beyond = [moment(slot[0], zone).date() for slot in slots if not can_be_audited(slot, zone)]
    if beyond:
        found = Sentence(
            "requests of {time}, by the days of {zone}, which no run judges: months are from 1970 to 2199",
            time=beyond[0],
            zone=zone.key,
        )
        raise InputError(Problem(Sentence("logs"), found, "Mend the log, or leave these rows out of it."))


def _in_order(tally: Tally) -> pl.DataFrame:
    """Sort counts by what their codes stand for: codes are given out in the order in which threads come."""
    ranks = {
        "slot": tally.slots.select(pl.struct(*SLOT).rank("ordinal")).to_series(),
        "outcome": tally.outcomes.with_row_index("code").sort(*LOGGED).with_row_index("rank").sort("code")["rank"],
        "account": tally.accounts["account_id"].rank("ordinal"),
    }
    return tally.counts.sort(*(pl.lit(ranks[code]).gather(pl.col(code)) for code in ranks))
