"""What no run can have counted, in the rows of a tally."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.limits import MOST_ID_BYTES
from sla_audit.model.month import FIRST_DAY, LAST_DAY
from sla_audit.model.statuses import FIRST_STATUS, HTTP_0_9, LAST_STATUS
from sla_audit.model.tally import OUTCOME_FIELDS, REQUESTS
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.tally.saved.columns import TEXTS
from sla_audit.tally.saved.head import can_be_audited, within_a_day
from sla_audit.tally.slot_runs import slot_runs

_MAY_BE_NULL = {name for name, field in OUTCOME_FIELDS.items() if field.absent is None or field.may_be_unknown}


def faults(batch: pa.RecordBatch, zone: ZoneInfo, limits: Sequence[int] = ()) -> Iterator[Message]:
    """Say what in a batch of a tally by the days of a zone, which tells of some limits, cannot have been counted."""
    for name in batch.schema.names:
        if name not in _MAY_BE_NULL and batch.column(name).null_count:
            yield Sentence("{name} is null in some row", name=name)
    if not batch.num_rows:
        return
    if pc.min(batch.column(REQUESTS)).as_py() <= 0:
        yield to_say("a count is not above 0")
    if pc.any(pc.equal(batch.column("account_id").dictionary, "")).as_py():
        yield to_say("an account is empty")
    texts = [batch.column(name).dictionary for name in TEXTS if name in batch.schema.names]
    if any((pc.max(pc.binary_length(text)).as_py() or 0) > MOST_ID_BYTES for text in texts):
        yield Sentence("an account, a region or an API has more than {most} bytes", most=MOST_ID_BYTES)
    yield from _faults_of_statuses(batch)
    yield from _faults_of_limits(batch, limits)
    slots = set(slot_runs(batch).slots())
    if any(starts_at >= ends_at for starts_at, ends_at in slots):
        yield to_say("a slot ends before it starts")
    elif not all(can_be_audited(slot, zone) for slot in slots):
        yield Sentence("a slot is not of the years {first} to {last}", first=FIRST_DAY.year, last=LAST_DAY.year)
    elif not all(within_a_day(slot, zone) for slot in slots):
        yield to_say("a slot is not of one day")


def _faults_of_limits(batch: pa.RecordBatch, limits: Sequence[int]) -> Iterator[Message]:
    if "took_over" in batch.schema.names:
        found = pc.unique(batch.column("took_over").drop_null()).to_pylist()
        if not {*limits}.issuperset(found):
            yield to_say("took_over is none of the limits that it names")


def _faults_of_statuses(batch: pa.RecordBatch) -> Iterator[Message]:
    status = batch.column("status")
    bounds = pc.min_max(status.filter(pc.not_equal(status, HTTP_0_9))).as_py()
    if bounds["min"] is not None and not FIRST_STATUS <= bounds["min"] <= bounds["max"] <= LAST_STATUS:
        yield Sentence("a status is not from {first} to {last}", first=FIRST_STATUS, last=LAST_STATUS)
    if "no_answer" in batch.schema.names:
        unknown = pc.is_null(batch.column("no_answer"))
        if pc.any(pc.and_(unknown, pc.is_valid(status))).as_py():
            yield to_say("no_answer is null in some row that has a status")
