"""One batch of a log, as its writer spelt it, to the canonical columns that are counted."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.contract.unattributed import WithoutAccount
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.dialects.endings import either, read_endings
from sla_audit.intake.unattributed import Unattributed, unattributed
from sla_audit.intake.values import account_ids, durations, spellings, timestamps
from sla_audit.intake.values.account_ids import EXPECTED_ID, read_account_id, read_account_ids
from sla_audit.intake.values.account_pattern import AccountPattern
from sla_audit.intake.values.besides import logged, said_besides
from sla_audit.intake.values.content_flags import FLAG_VALUE, USUAL, FlagWords
from sla_audit.intake.values.dictionary import as_dictionary
from sla_audit.intake.values.request_ids import EXPECTED as EXPECTED_REQUEST_ID
from sla_audit.intake.values.request_ids import read_request_ids
from sla_audit.intake.values.time_forms import EXPECTED, DateOrder
from sla_audit.model.statuses import FIRST_STATUS, LAST_STATUS
from sla_audit.model.tally import PLACE
from sla_audit.sentence import Message, Sentence, said_by

_READERS: Mapping[str, tuple[Callable[[Any], Any], pa.DataType]] = {
    "status": (spellings.read_status, pa.int16()),
    "client_aborted": (spellings.read_client_aborted, pa.bool_()),
    "region": (spellings.read_scope, pa.string()),
    "api": (spellings.read_scope, pa.string()),
    "error_code": (spellings.read_error_code, pa.string()),
    "client": (spellings.read_scope, pa.string()),
}
_ALL_STATUSES = pa.array([code if code >= FIRST_STATUS else None for code in range(LAST_STATUS + 1)], pa.int16())
_NOTHING: Mapping[str, Any] = {}
_Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """A row that cannot be read, by its position in the batch, and the first value that is why."""

    position: int
    column: str
    found: str
    expected: Message


class Faults:
    """The rows of a batch that cannot be read: how many by column, at which positions, and one by one."""

    def __init__(
        self,
        by_column: Counter[str] | None = None,
        positions: Sequence[int] = (),
        each: Callable[[], Iterator[Fault]] = lambda: iter(()),
    ) -> None:
        self.by_column: Counter[str] = Counter() if by_column is None else by_column
        self.positions = list(positions)
        self._each = each

    def __len__(self) -> int:
        """Count them."""
        return self.by_column.total()

    def __iter__(self) -> Iterator[Fault]:
        """Give them one by one, which takes long where they are many."""
        return self._each()


@dataclass(frozen=True)
class Canonical:
    """The readable rows of a batch in canonical columns, and where the others go.

    `rows` has `timestamp` (timestamp, UTC), `account_id` (text or a dictionary of text) and, of `status`, `no_answer`,
    `content_flag`, `client_aborted`, `region`, `api`, `error_code`, `took_over` and `client`, those that are wanted and
    that the file has, as dictionaries of what the values mean; null says nothing, as a column that is not there. A
    dictionary may hold the same meaning more than once. `flag_value`, where some flag has any, has the codes of
    `content_flag` and the spelling of each. `request_id` is text, null where there is none. `place` (64 bits) is where
    in its text a row begins, if that is told. `unattributed` counts the rows without an account that need none; rows
    that cannot be read have `faults`. `good` tells which of the batch `rows` are; None: all.

    Where rows are compared, `besides` is a number for what each says besides, `logged` one for the columns in which it
    does, and `certain` tells whose id is the gateway's own, and whose time, as the log has it, is no whole second.
    """

    rows: pa.RecordBatch
    faults: Faults
    local_time: bool
    unattributed: Unattributed = dataclasses.field(default_factory=Unattributed)
    good: _Rows | None = None


def canonical(
    batch: pa.RecordBatch,
    columns: Mapping[str, tuple[str, ...]],
    zone: ZoneInfo,
    dialect: Dialect | None = None,
    unit: durations.Unit = "s",
    *,
    flags: FlagWords = USUAL,
    own_ids: bool = False,
    account: AccountPattern | None = None,
    without_account: WithoutAccount | None = None,
    known: Mapping[str, Any] = _NOTHING,
    places: pa.Array | None = None,
    took: durations.Took | None = None,
) -> Canonical:
    """Give a batch its canonical columns; rows with a value that cannot be read become faults.

    `columns` names, for each canonical column that is wanted, where the batch has it; with a dialect, `status` are
    its fields, and tell `client_aborted` too, as a column of that name may. `flags` settle what a content flag means.
    With a `duration`, in `unit`, the time is when requests ended. An `account` pattern takes the account out of its
    column; `took` says how `took_over` is told. A row that lacks nothing but an account is no fault where it has a
    place in `without_account`; `known` is what every row says besides, and `places` where in its text each begins.
    Raises `TypeError`, with the column's name and type, where a whole column is of no use.
    """
    _refuse_nested(batch.schema, {part for name, names in columns.items() if name != "besides" for part in names})
    order = None if dialect is None else dialect.time_format
    read = _read(batch, columns, zone, dialect, unit, flags=flags, account=account, took=took)
    read.arrays |= _compared(batch, columns, zone, order, own_ids=own_ids)
    read.arrays |= {} if places is None else {PLACE: places}
    rows = pa.RecordBatch.from_arrays(list(read.arrays.values()), names=list(read.arrays))
    if not read.unreadable:
        return Canonical(rows, Faults(), read.local)
    bad = np.logical_or.reduce([rows for rows, _ in read.unreadable.values()])
    good, needless = ~bad, Unattributed()
    if read.no_account is not None and without_account is not None:
        others = [rows for name, (rows, _) in read.unreadable.items() if name != "account_id"]
        only = read.no_account & ~np.logical_or.reduce(others) if others else read.no_account
        placed, needless = unattributed(rows, np.flatnonzero(only), known, without_account)
        bad[placed] = False
    positions = np.flatnonzero(bad)

    def faults() -> Iterator[Fault]:
        return _faults(batch, columns, read.unreadable, positions.tolist(), zone, order, account=account)

    by_column = Counter({",".join(columns[name]): rows for name, rows in _first_reasons(read.unreadable, positions)})
    found = Faults(by_column, positions.tolist(), faults)
    return Canonical(rows.filter(pa.array(good)), found, read.local, needless, good)


@dataclass
class _Read:
    """The canonical columns of a batch as they were read; of each, which rows have none and what was expected.

    `no_account` are the rows that say that there is none; `local` tells whether some time carried no zone.
    """

    arrays: dict[str, pa.Array] = dataclasses.field(default_factory=dict)
    unreadable: dict[str, tuple[_Rows, Message]] = dataclasses.field(default_factory=dict)
    no_account: _Rows | None = None
    local: bool = False


def _read(
    batch: pa.RecordBatch,
    columns: Mapping[str, tuple[str, ...]],
    zone: ZoneInfo,
    dialect: Dialect | None,
    unit: durations.Unit,
    *,
    flags: FlagWords,
    account: AccountPattern | None,
    took: durations.Took | None,
) -> _Read:
    """Read each column that is wanted."""
    read = _Read()
    for name, names in columns.items():
        if name in {"duration", "besides"}:
            continue
        if name == "timestamp":
            read.arrays[name], bad_times, read.local = _times(
                batch, columns, zone, unit, None if dialect is None else dialect.time_format
            )
            read.unreadable |= bad_times
        elif name == "account_id":
            column = batch.column(names[0])
            accounts = read_account_ids(column if account is None else account.taken(column, names[0]), names[0])
            read.arrays[name], read.no_account = accounts.ids, accounts.none
            if accounts.unreadable is not None:
                read.unreadable[name] = accounts.unreadable, EXPECTED_ID
        elif name == "status" and dialect is not None:
            ended = read_endings([batch.column(part) for part in names], dialect)
            read.arrays |= ended.columns
            if ended.unreadable is not None:
                read.unreadable[name] = (
                    ended.unreadable,
                    Sentence("a status as {dialect} writes it", dialect=dialect.id),
                )
        else:
            said, bad, expected = _optional(name, batch.column(names[0]), names[0], flags, took)
            told = read.arrays.get(name)  # by the dialect
            read.arrays |= said if told is None else {name: either(told, said[name])}
            if bad is not None:
                read.unreadable[name] = bad, expected
    return read


def _first_reasons(
    unreadable: Mapping[str, tuple[_Rows, Message]], positions: npt.NDArray[np.int64]
) -> Iterator[tuple[str, int]]:
    """Tell of each column for how many rows it is the first reason why they cannot be read."""
    for name, (bad, _) in unreadable.items():
        is_bad = bad[positions]
        if found := int(np.count_nonzero(is_bad)):
            yield name, found
        positions = positions[~is_bad]


def _faults(
    batch: pa.RecordBatch,
    columns: Mapping[str, tuple[str, ...]],
    unreadable: Mapping[str, tuple[_Rows, Message]],
    positions: list[int],
    zone: ZoneInfo,
    order: DateOrder | None,
    *,
    account: AccountPattern | None,
) -> Iterator[Fault]:
    """Say of each row that cannot be read which value is the first reason."""
    for position in positions:
        name, expected = next((name, expected) for name, (bad, expected) in unreadable.items() if bad[position])
        values = [batch.column(part)[position] for part in columns[name]]
        if name == "timestamp":
            expected = timestamps.expected_of("T".join(map(_text, values)), zone, order)
        elif name == "account_id":
            expected = account_ids.expected_of(values[0].as_py()) if account is None else account.expected
        yield Fault(position, ",".join(columns[name]), " ".join(map(_shown, values)), expected)


def meaning(name: str, value: Any, flags: FlagWords = USUAL) -> Any:
    """Tell what one value of a canonical column means; `ValueError` where it cannot be read."""
    if name == "content_flag":
        return flags.read(value)
    return read_account_id(value) if name == "account_id" else _READERS[name][0](value)


def _refuse_nested(schema: pa.Schema, names: Collection[str]) -> None:
    for field in schema:
        if field.name in names and pa.types.is_nested(field.type):
            raise TypeError(
                Sentence("column {name!r} is of type {type}; expected single values", name=field.name, type=field.type)
            )


def _times(
    batch: pa.RecordBatch,
    columns: Mapping[str, tuple[str, ...]],
    zone: ZoneInfo,
    unit: durations.Unit,
    order: DateOrder | None,
) -> tuple[pa.Array, dict[str, tuple[_Rows, Message]], bool]:
    """Give the instants at which requests were submitted, the rows without, and whether some carried no zone."""
    names = columns["timestamp"]
    instants = _instants([batch.column(part) for part in names], names, zone, order)
    read = timestamps.within_reach(instants.values)
    unreadable: dict[str, tuple[_Rows, Message]] = {}
    if read.null_count:
        unreadable["timestamp"] = read.is_null().to_numpy(zero_copy_only=False), EXPECTED
    if "duration" in columns:
        starts = timestamps.within_reach(durations.started(read, batch.column(columns["duration"][0]), unit))
        if starts.null_count > read.null_count:
            unreadable["duration"] = durations.unknown(starts, read), Sentence(durations.EXPECTED, unit=unit)
        read = starts
    return read, unreadable, instants.local


def _compared(
    batch: pa.RecordBatch,
    columns: Mapping[str, tuple[str, ...]],
    zone: ZoneInfo,
    order: DateOrder | None,
    *,
    own_ids: bool,
) -> dict[str, pa.Array]:
    """Give what rows of one request id are compared by, where they are."""
    if "besides" not in columns:
        return {}
    names = columns["besides"]
    said = said_besides([batch.column(name) for name in names], batch.num_rows)
    times = columns["timestamp"]
    as_logged = _instants([batch.column(part) for part in times], times, zone, order).values
    return {
        "besides": pa.array(said),
        "logged": pa.array(np.full(batch.num_rows, logged(names), np.uint64)),
        "certain": pa.array(timestamps.finer_than_seconds(as_logged) & own_ids),
    }


def _instants(
    parts: list[pa.Array], names: tuple[str, ...], zone: ZoneInfo, order: DateOrder | None
) -> timestamps.Instants:
    try:
        if len(parts) == 2:
            return timestamps.read_date_and_time(parts[0], parts[1], zone, order)
        return timestamps.read_instants(parts[0], zone, order)
    except TypeError as error:
        raise TypeError(
            Sentence(
                "column {name!r} is of {type}; expected timestamps, epoch numbers or ISO 8601 text",
                name=names[0],
                type=said_by(error),
            )
        ) from error


def _optional(
    canonical_name: str, column: pa.Array, name: str, flags: FlagWords, took: durations.Took | None
) -> tuple[dict[str, pa.Array], _Rows | None, Message]:
    """Read a column that says something of a request, as `_meanings` does, or its id."""
    if canonical_name == "request_id":
        ids, too_long = read_request_ids(column, name)
        return {canonical_name: ids}, too_long, EXPECTED_REQUEST_ID
    if canonical_name == "content_flag":
        return _content_flags(as_dictionary(column), flags)
    if canonical_name == "took_over" and took is not None:
        over = durations.exceeded(column, took.unit, took.limits)
        return {canonical_name: over.limits}, over.unreadable, Sentence(durations.EXPECTED, unit=took.unit)
    read, bad, expected = _meanings(column, *_READERS[canonical_name])
    return {canonical_name: read}, bad, expected


def _content_flags(column: pa.DictionaryArray, flags: FlagWords) -> tuple[dict[str, pa.Array], _Rows | None, Message]:
    """Read flags, and keep beside them how they are spelt, where there are any: code by code the same dictionary."""
    read, bad, expected = _meanings(column, flags.read, pa.bool_())
    values = [flags.spelt(value) for value in column.dictionary.to_pylist()]
    if not any(values):
        return {"content_flag": read}, bad, expected
    kept = pa.DictionaryArray.from_arrays(column.indices, pa.array(values, pa.string()), safe=False)
    return {"content_flag": read, FLAG_VALUE: kept}, bad, expected


def _meanings(
    column: pa.Array, read: Callable[[Any], Any], kind: pa.DataType
) -> tuple[pa.Array, _Rows | None, Message]:
    """Settle each distinct value once: what it means, which rows have none, and what was expected."""
    if pa.types.is_integer(column.type) and kind == pa.int16():
        statuses = _statuses(column)
        if statuses is not None:
            return statuses, None, ""
    encoded = as_dictionary(column)
    values = encoded.dictionary.to_pylist()
    indices = encoded.indices  # a null in them says nothing, as a column that is not there
    meanings, bad, expected = [], np.zeros(len(values), dtype=np.bool_), Sentence("")
    for code, value in enumerate(values):
        try:
            meanings.append(read(value))
        except ValueError as error:
            meanings.append(None)
            bad[code], expected = True, said_by(error)
    unreadable = None
    if bad.any():
        rows = np.append(bad, False)[indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]
        unreadable = rows if rows.any() else None
    # The indices are those of a valid dictionary of as many values; checking them again costs as much as the rest.
    return pa.DictionaryArray.from_arrays(indices, pa.array(meanings, kind), safe=False), unreadable, expected


def _statuses(column: pa.Array) -> pa.DictionaryArray | None:
    """Take integers that are all statuses, or 0 for none, as codes into the list of all statuses.

    A column of small integers is its own dictionary. None where it holds anything else.
    """
    bounds = pc.min_max(column).as_py()
    if bounds["max"] is None or not 0 <= bounds["min"] <= bounds["max"] <= LAST_STATUS:
        return None
    codes = column.cast(pa.int16())
    if bounds["min"] < FIRST_STATUS and pc.any(pc.and_(pc.greater(codes, 0), pc.less(codes, FIRST_STATUS))).as_py():
        return None
    return pa.DictionaryArray.from_arrays(codes, _ALL_STATUSES, safe=False)


def _text(value: pa.Scalar) -> str:
    if pa.types.is_temporal(value.type):
        value = value.cast(pa.string())  # Python has no nanoseconds
    return "" if value.as_py() is None else str(value.as_py())


def _shown(value: pa.Scalar) -> str:
    text = _text(value)
    return repr(text if len(text) <= 80 else text[:77] + "...")
