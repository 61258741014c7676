"""Tallies as files: what is written is read again, and a file that is not sound is refused with one message."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem
from sla_audit.intake.rejects import Tolerance
from sla_audit.model.tally import LOGGED, OUTCOME_FIELDS, SLOT, Tally
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.planner import Ask
from sla_audit.tally.saved.head import FIRST_SCHEMA, SCHEMA, SECOND_SCHEMA, TallyHead, TallyRows
from sla_audit.tally.saved.seal import sealed
from sla_audit.tally.saved.tally_file import TallyFile, is_tally
from sla_audit.tally.saved.write import tally_bytes
from sla_audit.tally.slots import SlotGrid
from tests.builders.old_tallies import KEY, first_version
from tests.builders.tallies import Row, rows, spelt, tally

DAY = 86_400 * 10**6
SOURCE = {
    "path": "logs/2026-10-01.csv",
    "bytes": 210,
    "rows": 6,
    "rejected": 2,
    "local_time": True,
    "columns": ["timestamp", "account_id", "status", "region"],
    "fingerprint": "ab" * 32,
    "dialect": "kong",
    "notes": ["a note"],
    "assumed_utc": True,
    "wrapper": "Docker's JSON",
    "content": "cd" * 32,
    "beginning": {"bytes": 210, "sha256": "ef" * 32},
}
ROWS: list[Row] = [("A", 0, 200, None), ("A", 0, 200, None), ("B", 0, None, "east"), ("甲", 2, 503, "east")]
AGAIN = "Count the logs again with this version of sla-audit."


def head_of(counted: Tally, **said: Any) -> TallyHead:
    rows = TallyRows(counted=counted.requests, rejected=2).model_dump()
    sources = [{**SOURCE, "rows": counted.requests + 2}]
    given = {"time_zone": "Asia/Shanghai", "tells": ("region",), "rows": rows, "sources": sources, **said}
    return TallyHead.model_validate_json(json.dumps(given))


def read(file: TallyFile, without: tuple[str, ...] = ()) -> dict[tuple[object, ...], int]:
    """Give the counts of a file by what each row says."""
    found: dict[tuple[object, ...], int] = {}
    for batch in file.read(without):
        times = [batch.column(name).cast(pa.int64()).to_pylist() for name in SLOT if name in batch.schema.names]
        names = [name for name in LOGGED if name in batch.schema.names or OUTCOME_FIELDS[name].of_some]
        nothing = pa.nulls(batch.num_rows)
        others = [(batch.column(name) if name in batch.schema.names else nothing).to_pylist() for name in names]
        columns = [batch.column("account_id").to_pylist(), *times, *others]
        for *key, requests in zip(*columns, batch.column("requests").to_pylist(), strict=True):
            assert tuple(key) not in found
            found[tuple(key)] = requests
    return found


def recoded(counted: Tally, chance: random.Random) -> Tally:
    """Give the same tally with codes and rows in another order."""

    def shuffled(listed: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
        order = chance.sample(range(listed.height), listed.height)
        return listed[order], pl.Series([order.index(code) for code in range(listed.height)], dtype=pl.UInt32)

    accounts, of_account = shuffled(counted.accounts)
    slots, of_slot = shuffled(counted.slots)
    outcomes, of_outcome = shuffled(counted.outcomes)
    codes = {"account": of_account, "slot": of_slot, "outcome": of_outcome}
    counts = counted.counts.with_columns(pl.lit(new).gather(pl.col(name)).alias(name) for name, new in codes.items())
    return Tally(accounts, slots, outcomes, shuffled(counts)[0])


class TestWhatIsWrittenIsRead:
    @given(rows)
    def test_the_counts_are_those_of_the_tally(self, listed: list[Row]) -> None:
        counted = tally(listed)
        with TemporaryDirectory() as name:
            path = Path(name) / "x.tally.parquet"
            path.write_bytes(tally_bytes(counted, head_of(counted)))
            file = TallyFile.open(path, "x")
            assert read(file) == spelt(counted)
        assert file.rows == counted.requests == len(listed)

    def test_the_head_is_what_was_said(self, tmp_path: Path) -> None:
        counted = tally(ROWS)
        path = tmp_path / "x.tally.parquet"
        path.write_bytes(tally_bytes(counted, head_of(counted, tells=("api", "region"))))

        file = TallyFile.open(path, "shown as")

        assert (file.shown, file.bytes) == ("shown as", path.stat().st_size)
        assert (file.head.time_zone, file.head.tells) == ("Asia/Shanghai", ("api", "region"))
        assert (file.head.rows.counted, file.head.rows.rejected) == (4, 2)
        assert [source.model_dump(mode="json") for source in file.head.sources] == [SOURCE]
        assert json.loads(pq.read_schema(path).metadata[KEY])["slots"] == [
            ["1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00.000010+00:00"],
            ["1970-01-01T00:00:00.000020+00:00", "1970-01-01T00:00:00.000030+00:00"],
        ]

    def test_its_times_span_all_slots(self, tmp_path: Path) -> None:
        assert TallyFile.open(good(tmp_path), "x").times == (0, 29)

    def test_its_rows_can_be_skipped_without_being_read(self, tmp_path: Path) -> None:
        file = TallyFile.open(good(tmp_path), "x")
        assert file.skip().rows == 4

    def test_a_tally_of_nothing_holds_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "x.tally.parquet"
        path.write_bytes(tally_bytes(Tally.empty(), head_of(Tally.empty())))
        file = TallyFile.open(path, "x")
        assert (read(file), file.rows, file.times) == ({}, 0, None)

    @given(rows, st.randoms(use_true_random=False))
    def test_the_bytes_do_not_depend_on_the_order_of_codes(self, listed: list[Row], chance: random.Random) -> None:
        counted = tally(listed)
        written = tally_bytes(counted, head_of(counted))
        assert tally_bytes(recoded(counted, chance), head_of(counted)) == written
        assert tally_bytes(tally(chance.sample(listed, len(listed))), head_of(counted)) == written


def good(folder: Path) -> Path:
    path = folder / "x.tally.parquet"
    counted = tally(ROWS)
    path.write_bytes(tally_bytes(counted, head_of(counted)))
    return path


Broken = Callable[[pa.Table], pa.Table]


class TestTheFirstVersion:
    @pytest.mark.parametrize(("dialect", "lost"), [("kong", None), (None, False)])
    def test_it_is_read_and_says_what_it_cannot_tell(
        self, dialect: str | None, lost: bool | None, tmp_path: Path
    ) -> None:
        """A null status is one that a dialect may have taken away, or none where no dialect was read."""
        path = tmp_path / "x.tally.parquet"
        counted = tally([("A", 0, 200, None), ("A", 0, 503, None), ("B", 0, None, None), ("B", 0, None, None)])
        path.write_bytes(tally_bytes(counted, head_of(counted, sources=[{**SOURCE, "dialect": dialect}])))
        spoil(path, first_version)
        grid = SlotGrid(ZoneInfo("Asia/Shanghai"))

        found = LocalThreads().count([TallyFile.open(path, "x")], Ask(grid)).tally

        said = {(key[0], key[3], key[4]): requests for key, requests in spelt(found).items()}
        assert said == {("A", 200, False): 1, ("A", None, lost): 1, ("B", None, lost): 2}
        again = tmp_path / "again.tally.parquet"
        again.write_bytes(tally_bytes(found, head_of(found)))
        assert spelt(LocalThreads().count([TallyFile.open(again, "x")], Ask(grid)).tally) == spelt(found)


def with_head(**changes: Any) -> Broken:
    """Change what a tally says of itself; a change to None leaves the key out."""

    def broken(table: pa.Table) -> pa.Table:
        said = {**json.loads(table.schema.metadata[KEY]), **changes}
        kept = {name: value for name, value in said.items() if value is not None}
        return table.replace_schema_metadata({KEY: json.dumps(kept)})

    return broken


def with_raw_head(text: str | bytes) -> Broken:
    return lambda table: table.replace_schema_metadata({KEY: text})


def with_column(name: str, values: list[Any], kind: pa.DataType | None = None) -> Broken:
    """Put other values, or those of another type, in the place of a column."""

    def broken(table: pa.Table) -> pa.Table:
        at = table.schema.get_field_index(name)
        field = pa.field(name, kind or table.schema.field(name).type)
        return table.set_column(at, field, pa.array(values, field.type))

    return broken


def with_name(name: str, other: str) -> Broken:
    """Give a column another name."""

    def broken(table: pa.Table) -> pa.Table:
        at = table.schema.get_field_index(name)
        return table.remove_column(at).add_column(at, other, table.column(at))

    return broken


@dataclass(frozen=True)
class Case:
    """What is wrong with a tally of three rows, which count 2, 1 and 1 requests, and the message it gets."""

    sentence: str
    broken: Broken
    what: str


UNREADABLE_HEAD = "not a sound tally: what it says of itself cannot be read"
WRONG_COLUMNS = "not a sound tally; expected the columns account_id (string), starts_at (timestamp[us, tz=UTC]), "
CHANGED = "not a sound tally: changed or damaged after it was made, as its digest tells"
DIGEST = b"sla-audit-digest"
COUNTS = {"read": 6, "counted": 4, "rejected": 2}

AT_SIGHT = [
    Case(
        "a later version",
        with_head(schema="sla-audit/tally/4"),
        f"a tally of the schema 'sla-audit/tally/4'; expected {FIRST_SCHEMA!r} or {SECOND_SCHEMA!r} or {SCHEMA!r}",
    ),
    Case("no version", with_head(schema=None), UNREADABLE_HEAD),
    Case("a report's version", with_head(schema="sla-audit/report/1"), "a tally of the schema 'sla-audit/report/1'"),
    Case("a head that is not JSON", with_raw_head("{"), UNREADABLE_HEAD),
    Case("a head that is empty", with_raw_head(""), UNREADABLE_HEAD),
    Case("a head that is not UTF-8", with_raw_head(b"\xb8\xf6"), UNREADABLE_HEAD),
    Case("a head that is a list", with_raw_head("[]"), UNREADABLE_HEAD),
    Case("a head that is null", with_raw_head("null"), UNREADABLE_HEAD),
    *(
        Case(f"no {name}", with_head(**{name: None}), UNREADABLE_HEAD)
        for name in ("time_zone", "tells", "rows", "sources")
    ),
    Case("rows that are no number", with_head(rows={**COUNTS, "counted": "many"}), UNREADABLE_HEAD),
    Case("rows without the rejected", with_head(rows={"read": 6, "counted": 4}), UNREADABLE_HEAD),
    Case("rejected rows below 0", with_head(rows={**COUNTS, "rejected": -1}), UNREADABLE_HEAD),
    Case("rows without end", with_head(rows={**COUNTS, "counted": float("inf")}), UNREADABLE_HEAD),
    Case("columns that are lists", with_head(tells=[[]]), UNREADABLE_HEAD),
    Case("a source that says nothing", with_head(sources=[{}]), UNREADABLE_HEAD),
    Case("a source that is text", with_head(sources=["abc"]), UNREADABLE_HEAD),
    Case("a source whose columns are a number", with_head(sources=[{**SOURCE, "columns": 5}]), UNREADABLE_HEAD),
    Case("a head of brackets", with_raw_head("[" * 100_000), UNREADABLE_HEAD),
    Case("sources that are a number", with_head(sources=5), UNREADABLE_HEAD),
    Case("a count that is text", with_head(rows={**COUNTS, "counted": "4"}), f"{UNREADABLE_HEAD}: rows.counted: "),
    Case("a count that is true", with_head(rows={**COUNTS, "rejected": True}), f"{UNREADABLE_HEAD}: rows.rejected: "),
    Case(
        "a zone that is a folder",
        with_head(time_zone="Asia"),
        f"{UNREADABLE_HEAD}: time_zone: 'Asia' is not an IANA time zone",
    ),
    Case("a zone that is none", with_head(time_zone="\0"), f"{UNREADABLE_HEAD}: time_zone: "),
    Case("a fingerprint that is none", with_head(sources=[{**SOURCE, "fingerprint": "x"}]), UNREADABLE_HEAD),
    Case("slots without a zone", with_head(slots=[["2026-10-01T00:00:00"] * 2]), f"{UNREADABLE_HEAD}: slots.1.1: "),
    Case(
        "a month that no run judges",
        with_head(content_flags=[{"month": "2200-01", "value": "x", "rows": 1, "flagged": True}]),
        f"{UNREADABLE_HEAD}: content_flags.1.month: '2200-01' is not a month",
    ),
    Case(
        "half a character", with_raw_head(b'{"schema": "sla-audit/tally/3", "time_zone": "\\ud800"}'), UNREADABLE_HEAD
    ),
    Case(
        "a source with more rows than there are",
        with_head(sources=[{**SOURCE, "rows": 7}]),
        "not a sound tally: its logs have 7 rows, of which 2 are rejected; it accounts for 6 and 2",
    ),
    Case(
        "a source with fewer rejected rows",
        with_head(sources=[{**SOURCE, "rejected": 1}]),
        "not a sound tally: its logs have 6 rows, of which 1 are rejected; it accounts for 6 and 2",
    ),
    Case(
        "a duplicate row that no log has",
        with_head(rows={**COUNTS, "duplicate": 1}),
        "not a sound tally: its logs have 6 rows, of which 2 are rejected; it accounts for 7 and 2",
    ),
    Case(
        "a log twice",
        with_head(sources=[{**SOURCE, "rows": 3, "rejected": 1}] * 2),
        "not a sound tally: counts the log logs/2026-10-01.csv twice",
    ),
    Case("a column missing", lambda table: table.drop_columns(["region"]), WRONG_COLUMNS),
    Case("a column more", lambda table: table.append_column("latency", pa.array([1, 2, 3])), WRONG_COLUMNS),
    Case("a column of the second version in one of the first", with_head(schema=FIRST_SCHEMA), WRONG_COLUMNS),
    Case("a column of the second version missing", lambda table: table.drop_columns(["no_answer"]), WRONG_COLUMNS),
    Case("columns in another order", lambda table: table.select(table.column_names[::-1]), WRONG_COLUMNS),
    Case("a column renamed", with_name("requests", "count"), WRONG_COLUMNS),
    Case("counts of another type", with_column("requests", [2, 1, 1], pa.int32()), WRONG_COLUMNS),
    Case("times of another unit", with_column("ends_at", [1, 2, 3], pa.timestamp("ms", "UTC")), WRONG_COLUMNS),
]

NOT_ABOVE_0 = "not a sound tally: a count is not above 0"
ENDS_BEFORE = "not a sound tally: a slot ends before it starts"

NO_STATUS = "not a sound tally: a status is not from 100 to 599"
NO_ACCOUNT = "not a sound tally: an account is empty"
TWO_DAYS = "not a sound tally: a slot is not of one day"

WHEN_READ = [
    Case("a status below 100", with_column("status", [-5, 200, 503], pa.int16()), NO_STATUS),
    Case("a status above 599", with_column("status", [200, 600, 503], pa.int16()), NO_STATUS),
    Case("an empty account", with_column("account_id", ["A", "", "B"], pa.string()), NO_ACCOUNT),
    Case("a slot of two days", with_column("ends_at", [10, 10, 3 * DAY]), TWO_DAYS),
    Case(
        "fewer requests than the head says",
        with_head(rows={**COUNTS, "counted": 5}, sources=[{**SOURCE, "rows": 7}]),
        "not a sound tally: holds 4 requests and says that it counts 5",
    ),
    Case(
        "more requests than the head says",
        with_column("requests", [2, 1, 3]),
        "not a sound tally: holds 6 requests and says that it counts 4",
    ),
    Case(
        "no rows at all", lambda table: table.slice(0, 0), "not a sound tally: holds 0 requests and says that it counts"
    ),
    Case("a count of 0", with_column("requests", [4, 0, 0]), NOT_ABOVE_0),
    Case("a count below 0", with_column("requests", [5, 1, -2]), NOT_ABOVE_0),
    Case("a count that is null", with_column("requests", [4, None, None]), "not a sound tally: requests is null"),
    Case("an account that is null", with_column("account_id", ["A", None, "B"]), "not a sound tally: account_id is"),
    Case("no account at all", with_column("account_id", [None] * 3), "not a sound tally: account_id is null in some"),
    Case("a flag that is null", with_column("content_flag", [None, True, False]), "not a sound tally: content_flag is"),
    Case(
        "a silence that is null, beside a status", with_column("no_answer", [None] * 3), "not a sound tally: no_answer"
    ),
    Case("an abort that is null", with_column("client_aborted", [True, None, False]), "not a sound tally: client_abor"),
]

OF_SLOTS = [
    Case("a start that is null", with_column("starts_at", [0, None, 20]), "not a sound tally: starts_at is null"),
    Case("an end that is null", with_column("ends_at", [None] * 3), "not a sound tally: ends_at is null in some row"),
    Case("a slot that ends before it starts", with_column("starts_at", [0, 11, 20]), ENDS_BEFORE),
    Case("a slot that ends as it starts", with_column("ends_at", [10, 10, 20]), ENDS_BEFORE),
]


def the_problem(act: Callable[[], Any]) -> Problem:
    with pytest.raises(InputError) as caught:
        act()
    (problem,) = caught.value.problems
    return problem


def spoil(path: Path, broken: Broken) -> None:
    """Make a file again that is broken, with the digests that it then has."""
    table = broken(pq.read_table(path))
    path.write_bytes(sealed(table.replace_schema_metadata(None), (table.schema.metadata or {})[KEY], ["account_id"]))


class TestNotSound:
    @pytest.mark.parametrize("case", AT_SIGHT, ids=lambda case: case.sentence)
    def test_what_the_footer_shows_is_refused_before_a_row_is_read(self, case: Case, tmp_path: Path) -> None:
        path = good(tmp_path)
        spoil(path, case.broken)

        problem = the_problem(lambda: TallyFile.open(path, "x.tally.parquet"))

        assert (problem.where, str(problem.remedy)) == ("x.tally.parquet", AGAIN)
        assert str(problem.what).startswith(case.what)

    @pytest.mark.parametrize("case", [*WHEN_READ, *OF_SLOTS], ids=lambda case: case.sentence)
    def test_what_the_rows_show_is_refused_when_they_are_read(self, case: Case, tmp_path: Path) -> None:
        path = good(tmp_path)
        spoil(path, case.broken)
        file = TallyFile.open(path, "x.tally.parquet")

        problem = the_problem(lambda: read(file))

        assert (problem.where, str(problem.remedy)) == ("x.tally.parquet", AGAIN)
        assert str(problem.what).startswith(case.what)

    def test_the_same_file_made_again_unchanged_is_sound(self, tmp_path: Path) -> None:
        """Without this, a file that is refused for having been written by another hand would pass all the above."""
        path = good(tmp_path)
        spoil(path, lambda table: table)
        assert read(TallyFile.open(path, "x")) == spelt(tally(ROWS))

    @pytest.mark.parametrize("case", [*AT_SIGHT, *WHEN_READ], ids=lambda case: case.sentence)
    def test_a_run_refuses_it_whoever_finds_it(self, case: Case, tmp_path: Path, contract: Contract) -> None:
        path = good(tmp_path)
        spoil(path, case.broken)

        problem = the_problem(lambda: count_one(path, contract))

        assert str(problem.what).startswith(case.what)

    def test_a_slot_turned_around_within_a_day_is_refused_in_a_run(self, tmp_path: Path, contract: Contract) -> None:
        path = good(tmp_path)
        spoil(path, with_column("starts_at", [0, 11, 20]))
        assert str(the_problem(lambda: count_one(path, contract)).what) == ENDS_BEFORE

    def test_a_slot_turned_around_among_those_of_many_days_is_refused_in_a_run(
        self, tmp_path: Path, contract: Contract
    ) -> None:
        path = good(tmp_path)
        spoil(path, with_column("starts_at", [0, 20 * DAY, 20 * DAY]))
        spoil(path, with_column("ends_at", [DAY, DAY, 21 * DAY]))
        assert str(the_problem(lambda: count_one(path, contract)).what) == ENDS_BEFORE

    @pytest.mark.parametrize("kept", [0, 3, 4, 100, -1, -4, -8, -100])
    def test_a_file_cut_off_anywhere_is_refused(self, kept: int, tmp_path: Path, contract: Contract) -> None:
        path = good(tmp_path)
        path.write_bytes(path.read_bytes()[:kept])

        problem = the_problem(lambda: count_one(path, contract))

        assert str(problem.where).endswith("x.tally.parquet")
        assert str(problem.what).startswith("cannot be read as Parquet")

    def test_a_file_whose_rows_are_damaged_is_refused(self, tmp_path: Path, contract: Contract) -> None:
        path = good(tmp_path)
        content = bytearray(path.read_bytes())
        content[4:200] = b"\xff" * 196
        path.write_bytes(content)

        problem = the_problem(lambda: count_one(path, contract))

        assert str(problem.what).startswith("cannot be read: the header of a page of column 'account_id'")
        assert str(problem.remedy) == AGAIN

    @pytest.mark.parametrize("name", ["account_id", "starts_at", "status", "requests"])
    @pytest.mark.parametrize("bit", [0, 7])
    def test_one_flipped_bit_of_any_column_is_refused(
        self, name: str, bit: int, tmp_path: Path, contract: Contract
    ) -> None:
        path = good(tmp_path)
        metadata = pq.read_metadata(path)
        chunk = metadata.row_group(0).column(metadata.schema.names.index(name))
        start = chunk.data_page_offset if chunk.dictionary_page_offset is None else chunk.dictionary_page_offset
        content = bytearray(path.read_bytes())
        content[start + chunk.total_compressed_size - 1] ^= 1 << bit
        path.write_bytes(content)

        problem = the_problem(lambda: count_one(path, contract))

        assert (problem.what, str(problem.remedy)) == (CHANGED, AGAIN)


class TestTheDigest:
    """What is changed by another hand is told, though each part of it may be sound."""

    def test_rows_that_were_edited_are_refused(self, tmp_path: Path, contract: Contract) -> None:
        path = good(tmp_path)
        table = with_column("account_id", ["C", "B", "A"])(pq.read_table(path))
        resealed = sealed(table.replace_schema_metadata(None), pq.read_metadata(path).metadata[KEY], ["account_id"])
        genuine = pq.read_metadata(path).metadata[b"sla-audit-digest"]
        path.write_bytes(resealed.replace(pq.read_metadata(pa.BufferReader(resealed)).metadata[DIGEST], genuine))
        assert str(the_problem(lambda: count_one(path, contract)).what) == CHANGED

    def test_a_head_that_was_edited_is_refused(self, tmp_path: Path) -> None:
        path = good(tmp_path)
        path.write_bytes(path.read_bytes().replace(b"logs/2026-10-01.csv", b"logs/2026-10-02.csv"))
        assert str(the_problem(lambda: TallyFile.open(path, "x")).what) == CHANGED

    def test_a_file_written_again_without_its_digest_is_refused(self, tmp_path: Path) -> None:
        path = good(tmp_path)
        pq.write_table(pq.read_table(path), path)
        assert str(the_problem(lambda: TallyFile.open(path, "x")).what) == CHANGED

    @pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{}", b'{"head": 1, "rows": 2}', b"\xff", b"[" * 100_000])
    def test_a_digest_that_is_none_is_refused(self, text: bytes, tmp_path: Path) -> None:
        path = good(tmp_path)
        table = pq.read_table(path)
        pq.write_table(table.replace_schema_metadata({**table.schema.metadata, DIGEST: text}), path)
        assert str(the_problem(lambda: TallyFile.open(path, "x")).what) in (CHANGED, UNREADABLE_HEAD)

    def test_other_slots_than_it_names_are_refused(self, tmp_path: Path, contract: Contract) -> None:
        path = good(tmp_path)
        spoil(path, with_head(slots=[["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000010Z"]]))
        assert str(the_problem(lambda: count_one(path, contract)).what) == (
            "not a sound tally: holds other slots than the 1 that it names"
        )

    @pytest.mark.parametrize("schema", [FIRST_SCHEMA, SECOND_SCHEMA])
    def test_an_earlier_version_is_read_and_said_to_have_none(
        self, schema: str, tmp_path: Path, contract: Contract
    ) -> None:
        path = good(tmp_path)
        table = pq.read_table(path)
        old = first_version(table) if schema == FIRST_SCHEMA else with_head(schema=schema, slots=None)(table)
        pq.write_table(old, path)
        counted = count(
            Logs((str(path),), tolerance=Tolerance(rows=2)), contract, SlotGrid(contract.zone), CountOptions()
        )
        assert counted.tally.requests == len(ROWS)
        told = [str(notice) for notice in counted.untold]
        assert any(each.startswith("tallies of an earlier version have no digest") for each in told)

    def test_this_version_has_one(self, tmp_path: Path, contract: Contract) -> None:
        logs = Logs((str(good(tmp_path)),), tolerance=Tolerance(rows=2))
        assert count(logs, contract, SlotGrid(contract.zone), CountOptions()).untold == ()


class TestDaysThatNoRunJudges:
    """By the days of the time zone: what a run would refuse to read is not made."""

    @pytest.mark.parametrize(
        ("zone", "starts_at", "day"),
        [
            ("America/New_York", 0, "1969-12-31"),
            ("Asia/Shanghai", 7_258_089_600 * 10**6, "2200-01-01"),
            ("UTC", 7_258_118_400 * 10**6, "2200-01-01"),
        ],
    )
    def test_they_are_refused_when_the_tally_is_made(self, zone: str, starts_at: int, day: str) -> None:
        with pytest.raises(InputError, match=f"requests of {day}, by the days of {zone}, which no run judges"):
            tally_bytes(at(starts_at), head_of(at(starts_at), time_zone=zone))

    @pytest.mark.parametrize(
        ("zone", "starts_at"),
        [("Asia/Shanghai", 0), ("Asia/Shanghai", -8 * 3600 * 10**6), ("America/New_York", 7_258_118_400 * 10**6)],
    )
    def test_the_first_and_the_last_day_are_made_and_read(self, zone: str, starts_at: int, tmp_path: Path) -> None:
        path = tmp_path / "x.tally.parquet"
        path.write_bytes(tally_bytes(at(starts_at), head_of(at(starts_at), time_zone=zone)))
        assert list(read(TallyFile.open(path, "x")).values()) == [1]


def at(starts_at: int) -> Tally:
    """Give a tally of one request in the first ten microseconds of a slot."""
    counted = tally([("A", 0, 200, None)])
    return replace(counted, slots=counted.slots + starts_at)


def count_one(path: Path, contract: Contract) -> int:
    """Count a file as a run does, without regard for the rows that were rejected when its log was counted."""
    logs = Logs((str(path),), tolerance=Tolerance(share=Fraction(1)))
    return count(logs, contract, SlotGrid(contract.zone), CountOptions()).tally.requests


class TestTellingTalliesApart:
    @pytest.mark.parametrize("name", ["x.tally.parquet", "x.parquet", "X.PQ", "x.csv", "x"])
    def test_a_tally_is_one_under_any_name(self, name: str, tmp_path: Path) -> None:
        assert is_tally(good(tmp_path).rename(tmp_path / name))

    def test_a_tally_that_is_not_sound_is_one(self, tmp_path: Path) -> None:
        path = good(tmp_path)
        spoil(path, with_raw_head("{"))
        assert is_tally(path)

    @pytest.mark.parametrize("name", ["log.parquet", "log.tally.parquet"])
    @pytest.mark.parametrize("metadata", [None, {b"writer": b"a gateway"}])
    def test_a_log_is_none_whatever_its_name(
        self, name: str, metadata: dict[bytes, bytes] | None, tmp_path: Path
    ) -> None:
        table = pa.table({"timestamp": [1_790_831_167], "account_id": ["A"], "status": [200]})
        pq.write_table(table.replace_schema_metadata(metadata), tmp_path / name)
        assert not is_tally(tmp_path / name)

    @pytest.mark.parametrize("content", [b"", b"timestamp,account_id,status\n", b"PAR1PAR1", b"PAR1" * 9])
    def test_a_file_that_is_no_parquet_is_none_whatever_its_name(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "x.tally.parquet"
        path.write_bytes(content)
        assert not is_tally(path)

    def test_a_file_that_is_not_there_is_none(self, tmp_path: Path) -> None:
        assert not is_tally(tmp_path / "gone.tally.parquet")

    def test_a_folder_is_none(self, tmp_path: Path) -> None:
        assert not is_tally(tmp_path)
