"""Tallies written down as files. The format is documented in the README."""

from __future__ import annotations

import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.model.instant import moment
from sla_audit.model.tally import LOGGED, SLOT, Tally
from sla_audit.sentence import Sentence
from sla_audit.tally.saved.columns import COLUMNS, TEXTS
from sla_audit.tally.saved.head import TallyHead, can_be_audited
from sla_audit.tally.saved.seal import sealed
from sla_audit.tally.spelt import spelt

SUFFIX = ".tally.parquet"

_CODED = (*TEXTS, *SLOT, "status")


def tally_bytes(tally: Tally, head: TallyHead) -> bytes:
    """Write a tally down, a row for each count; the same tally gives the same bytes.

    Raises `InputError` where it counts requests of days that no run judges.
    """
    rows = _in_order(tally)
    columns = [array.cast(kind) for array, kind in zip(spelt(tally, rows), COLUMNS.types, strict=True)]
    slots = tally.slots.gather(rows["slot"].unique()).sort(*SLOT).rows()
    _refuse_days(slots, ZoneInfo(head.time_zone))
    said = head.model_dump(mode="json", by_alias=True)
    if head.intervals is None:
        del said["intervals"]  # so a tally by days is the same to the byte as one of an earlier version
    said["slots"] = [[moment(edge).isoformat() for edge in slot] for slot in slots]
    return sealed(pa.Table.from_arrays(columns, schema=COLUMNS), json.dumps(said, ensure_ascii=False), _CODED)


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
