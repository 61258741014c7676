"""Which column of a log holds what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sla_audit.intake.columns import ColumnMap, LogColumns, resolve_columns
from sla_audit.intake.dialects.dialect import built_in_dialects
from sla_audit.intake.logs import open_logs
from sla_audit.intake.sources.source import Source
from tests.builders.opened_logs import Log

PLAIN = ("timestamp", "account_id", "status")
FULL = ("request_id", *PLAIN, "content_flag", "client_aborted", "region", "api")

RESOLVED = {
    "columns under their own names": (
        {},
        PLAIN,
        set(),
        LogColumns(("timestamp",), "account_id", "status"),
    ),
    "flags are read where they are there; region and api only where they are needed": (
        {},
        FULL,
        set(),
        LogColumns(("timestamp",), "account_id", "status", "content_flag", "client_aborted", request_id="request_id"),
    ),
    "a needed region": (
        {},
        FULL,
        {"region"},
        LogColumns(
            ("timestamp",),
            "account_id",
            "status",
            "content_flag",
            "client_aborted",
            region="region",
            request_id="request_id",
        ),
    ),
    "a needed api": (
        {},
        (*PLAIN, "api"),
        {"api"},
        LogColumns(("timestamp",), "account_id", "status", api="api"),
    ),
    "other names": (
        {"timestamp": ("ts",), "account_id": ("client",), "status": ("code",), "content_flag": ("nsfw",)},
        ("code", "client", "ts", "nsfw", "bytes"),
        set(),
        LogColumns(("ts",), "client", "code", "nsfw"),
    ),
    "date and time in two columns": (
        {"timestamp": ("date", "time")},
        ("date", "time", "account_id", "status"),
        set(),
        LogColumns(("date", "time"), "account_id", "status"),
    ),
    "a mapped name wins over the canonical one": (
        {"status": ("upstream_status",)},
        (*PLAIN, "upstream_status"),
        set(),
        LogColumns(("timestamp",), "account_id", "upstream_status"),
    ),
    "one column may serve twice": (
        {"region": ("host",), "api": ("host",)},
        (*PLAIN, "host"),
        {"region", "api"},
        LogColumns(("timestamp",), "account_id", "status", region="host", api="host"),
    ),
    "the id of a request is read where there is one": (
        {},
        (*PLAIN, "request_id"),
        set(),
        LogColumns(("timestamp",), "account_id", "status", request_id="request_id"),
    ),
    "two columns of one name do no harm where neither is read": (
        {},
        (*PLAIN, "note", "note"),
        set(),
        LogColumns(("timestamp",), "account_id", "status"),
    ),
}


@pytest.mark.parametrize(("named", "available", "needed", "expected"), RESOLVED.values(), ids=RESOLVED)
def test_columns_that_are_found(
    named: dict[str, tuple[str, ...]], available: tuple[str, ...], needed: set[str], expected: LogColumns
) -> None:
    assert resolve_columns(ColumnMap(named), available, needed, "log.csv") == expected


REFUSED = {
    "a required column is missing": (
        {},
        ("timestamp", "account_id", "code"),
        set(),
        [
            (
                "no column 'status'; the file has: timestamp, account_id, code",
                "Say which column it is: --column status=NAME, or the same under [columns] in the config.",
            )
        ],
    ),
    "a missing time may be two columns": (
        {},
        ("account_id", "status"),
        set(),
        [("no column 'timestamp'; the file has: account_id, status", "--column timestamp=NAME (or =DATE,TIME")],
    ),
    "every missing column at once": (
        {},
        ("a", "b"),
        set(),
        [
            ("no column 'timestamp'", "--column timestamp="),
            ("no column 'account_id'", "--column account_id="),
            ("no column 'status'", "--column status="),
        ],
    ),
    "a file without columns": (
        {"timestamp": ("ts",)},
        (),
        set(),
        [
            ("no column 'ts' (mapped to timestamp); the file has: none", "timestamp="),
            ("'account_id'", "account_id="),
            ("'status'", "status="),
        ],
    ),
    "a mapped column is missing, though the canonical one is there": (
        {"status": ("code",)},
        PLAIN,
        set(),
        [("no column 'code' (mapped to status); the file has: timestamp, account_id, status", "--column status=NAME")],
    ),
    "a mapped optional column is missing": (
        {"content_flag": ("nsfw",)},
        PLAIN,
        set(),
        [("no column 'nsfw' (mapped to content_flag)", "--column content_flag=NAME")],
    ),
    "both halves of the time are missing": (
        {"timestamp": ("date", "time")},
        PLAIN,
        set(),
        [("no column 'date' and 'time' (mapped to timestamp)", "--column timestamp=NAME")],
    ),
    "one half of the time is missing": (
        {"timestamp": ("date", "time")},
        ("date", *PLAIN),
        set(),
        [("no column 'time' (mapped to timestamp)", "--column timestamp=NAME")],
    ),
    "a column that the run needs is missing": (
        {},
        PLAIN,
        {"region"},
        [("no column 'region'; the file has: timestamp, account_id, status", "--column region=NAME")],
    ),
    "names are told apart by case": (
        {},
        ("timestamp", "account_id", "Status"),
        set(),
        [("no column 'status'; the file has: timestamp, account_id, Status", "--column status=NAME")],
    ),
    "two columns of the same name": (
        {},
        (*PLAIN, "status"),
        set(),
        [("two columns are named 'status'", "Rename one of them")],
    ),
}


@pytest.mark.parametrize(("named", "available", "needed", "expected"), REFUSED.values(), ids=REFUSED)
def test_columns_that_are_not_found(
    named: dict[str, tuple[str, ...]], available: tuple[str, ...], needed: set[str], expected: list[tuple[str, str]]
) -> None:
    problems = resolve_columns(ColumnMap(named), available, needed, "log.csv")

    assert isinstance(problems, list)
    assert [str(problem.where) for problem in problems] == ["log.csv"] * len(expected)
    for problem, (what, remedy) in zip(problems, expected, strict=True):
        assert what in str(problem.what)
        assert remedy in str(problem.remedy)


def test_a_column_that_is_not_named_is_looked_for_under_its_own_name() -> None:
    mapping = ColumnMap({"timestamp": ("date", "time")})

    assert mapping.names("timestamp") == ("date", "time")
    assert mapping.names("status") == ("status",)


def test_the_columns_of_a_file_are_those_that_it_has_but_some() -> None:
    columns = LogColumns(("ts",), "client", "code", client_aborted="hung_up", api="route")

    assert columns.without({"timestamp", "status"}) == {
        "account_id": ("client",),
        "client_aborted": ("hung_up",),
        "api": ("route",),
    }


ALL = {
    "timestamp": ("ts",),
    "account_id": ("client",),
    "status": ("code",),
    "client_aborted": ("hung_up",),
    "api": ("route",),
}


@pytest.mark.parametrize(
    "left_out",
    [(), ("timestamp", "account_id"), ("status", "api"), ("region", "content_flag"), tuple(ALL), ("ts", "client")],
    ids=["nothing", "two", "two others", "what the file has not", "everything", "names in the log are not canonical"],
)
def test_columns_can_be_left_out_by_their_canonical_names(left_out: tuple[str, ...]) -> None:
    columns = LogColumns(("ts",), "client", "code", client_aborted="hung_up", api="route")

    assert columns.without(left_out) == {name: names for name, names in ALL.items() if name not in left_out}


def test_two_columns_of_time_stay_together() -> None:
    columns = LogColumns(("date", "time"), "client", "code")

    assert columns.without(("status",)) == {"timestamp": ("date", "time"), "account_id": ("client",)}


def test_every_name_to_read_stands_once() -> None:
    columns = LogColumns(("date", "time"), "client", "code", content_flag="code", region="host", api="host")

    assert columns.all == ["date", "time", "client", "code", "host"]


BUILT_IN = built_in_dialects()
CLOUDFRONT, KONG, NGINX = BUILT_IN["cloudfront"], BUILT_IN["kong"], BUILT_IN["nginx"]
OF_CLOUDFRONT = ("date", "time", "sc-status", "x-edge-detailed-result-type", "cs-uri-stem")
OF_KONG = ("started_at", "consumer.username", "response.status", "latencies.proxy", "source")
OF_NGINX = ("time_iso8601", "status", "uri")
BY_CLOUDFRONT = LogColumns(("date", "time"), "account_id", "sc-status", dialect=CLOUDFRONT, time_zone="UTC")

IN_A_DIALECT = {
    "columns that fit one dialect alone": (
        None, {}, OF_KONG, set(), LogColumns(("started_at",), "consumer.username", "response.status", dialect=KONG),
    ),
    "a dialect that was named": (
        "kong", {}, OF_KONG, set(), LogColumns(("started_at",), "consumer.username", "response.status", dialect=KONG),
    ),
    "what the dialect does not know is looked for under its own name": (
        None, {}, (*OF_CLOUDFRONT, "account_id", "content_flag"), set(),
        LogColumns(("date", "time"), "account_id", "sc-status", "content_flag", dialect=CLOUDFRONT, time_zone="UTC"),
    ),
    "what the dialect does not know may be mapped": (
        None, {"account_id": ("host",)}, (*OF_CLOUDFRONT, "host"), set(),
        LogColumns(("date", "time"), "host", "sc-status", dialect=CLOUDFRONT, time_zone="UTC"),
    ),
    "a needed api has the dialect's name": (
        None, {}, (*OF_CLOUDFRONT, "account_id"), {"api"},
        LogColumns(("date", "time"), "account_id", "sc-status", api="cs-uri-stem", dialect=CLOUDFRONT, time_zone="UTC"),
    ),
    "a mapped api wins over the dialect's": (
        None, {"api": ("route",)}, (*OF_CLOUDFRONT, "account_id", "route"), {"api"},
        LogColumns(("date", "time"), "account_id", "sc-status", api="route", dialect=CLOUDFRONT, time_zone="UTC"),
    ),
    "a canonical column stands in for one of the dialect's that is not there": (
        "kong", {}, ("timestamp", "account_id", *OF_KONG[2:]), set(),
        LogColumns(("timestamp",), "account_id", "response.status", dialect=KONG),
    ),
    "who left is the dialect's to say, and a column's": (
        None, {}, (*OF_CLOUDFRONT, "account_id", "client_aborted"), set(),
        replace(BY_CLOUDFRONT, client_aborted="client_aborted"),
    ),
    "canonical columns are of no dialect": (
        None, {}, (*PLAIN, "time_iso8601"), set(), LogColumns(("timestamp",), "account_id", "status"),
    ),
    "canonical columns are of the dialect that was named": (
        "nginx", {}, (*PLAIN, "time_iso8601"), set(),
        LogColumns(("time_iso8601",), "account_id", "status", dialect=NGINX),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "named", "available", "needed", "expected"), IN_A_DIALECT.values(), ids=IN_A_DIALECT)
def test_columns_in_a_dialect(
    name: str | None,
    named: dict[str, tuple[str, ...]],
    available: tuple[str, ...],
    needed: set[str],
    expected: LogColumns,
) -> None:
    dialect = None if name is None else BUILT_IN[name]
    assert resolve_columns(ColumnMap(named), available, needed, "log.csv", dialect) == expected


RENAMED = {
    "the status": ({"status": ("code",)}, {"sc-status": "code"}),
    "the status, by the dialect's own name": ({"sc-status": ("code",)}, {"sc-status": "code"}),
    "another field": ({"x-edge-detailed-result-type": ("why",)}, {"x-edge-detailed-result-type": "why"}),
    "the time": ({"date": ("day",), "time": ("clock",)}, {"date": "day", "time": "clock"}),
    "how long it took": ({"time-taken": ("took",)}, {"time-taken": "took"}),
    "all that the rules read": (
        {"status": ("a",), "x-edge-detailed-result-type": ("b",), "timestamp": ("c", "d")},
        {"sc-status": "a", "x-edge-detailed-result-type": "b", "date": "c", "time": "d"},
    ),
}


@pytest.mark.parametrize(("named", "renamed"), RENAMED.values(), ids=RENAMED)
def test_a_mapped_name_is_where_the_dialect_finds_it(
    named: dict[str, tuple[str, ...]], renamed: dict[str, str]
) -> None:
    header = [renamed.get(name, name) for name in (*OF_CLOUDFRONT, "time-taken", "account_id")]
    found = resolve_columns(ColumnMap(named), header, (), "log.csv", CLOUDFRONT)
    assert isinstance(found, LogColumns)
    assert found.dialect is not None
    assert found.dialect.fields == tuple(renamed.get(name, name) for name in CLOUDFRONT.fields)
    assert found.status == renamed.get("sc-status", "sc-status")
    assert found.timestamp == tuple(renamed.get(name, name) for name in ("date", "time"))
    assert found.lasted is not None
    assert found.lasted.column == renamed.get("time-taken", "time-taken")
    assert [outcome.ended for outcome in found.dialect.outcomes] == [outcome.ended for outcome in CLOUDFRONT.outcomes]


TOLD_BY_MAPPING = {
    "its fields tell it, and the others are mapped": (
        {"status": ("code",), "timestamp": ("at",)}, ("at", "code", "account_id", "termination_state"), "haproxy",
    ),
    "its time tells it": ({"timestamp": ("time_local",)}, ("time_local", "status", "account_id"), "nginx"),
    "a time of any log does not": ({"timestamp": ("ts",)}, ("ts", "status", "account_id", "request_time"), None),
    "a field mapped by the dialect's name": (
        {"termination_state": ("tsc",)}, ("request_date", "status_code", "account_id", "tsc"), "haproxy",
    ),
    "canonical columns stay canonical": ({"account_id": ("uri",)}, (*OF_NGINX, "timestamp"), None),
    "@timestamp is NGINX's beside another of its names": (
        {}, ("@timestamp", "status", "account_id", "upstream_status"), "nginx",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("named", "header", "name"), TOLD_BY_MAPPING.values(), ids=TOLD_BY_MAPPING)
def test_which_dialect_is_told_where_columns_are_mapped(
    named: dict[str, tuple[str, ...]], header: tuple[str, ...], name: str | None
) -> None:
    found = resolve_columns(ColumnMap(named), header, (), "log.csv")
    assert isinstance(found, LogColumns)
    assert (None if found.dialect is None else found.dialect.id) == name


REFUSED_MAPPINGS = {
    "a field of a dialect that the log is not in": (
        None,
        {"termination_state": ("x",)},
        (*PLAIN, "x"),
        ["termination_state mapped, but it is read in no dialect"],
    ),
    "a field of another dialect": (
        "kong",
        {"termination_state": ("x",)},
        (*OF_KONG, "x"),
        ["termination_state mapped, but the dialect kong, in which it is read, has not"],
    ),
    "a field that the log has not": (
        "kong",
        {"source": ("origin",)},
        OF_KONG,
        ["no column 'origin' (mapped to source), which the dialect kong reads; the file has: started_at"],
    ),
    "two fields of one column": (
        "cloudfront",
        {"x-edge-detailed-result-type": ("sc-status",)},
        (*OF_CLOUDFRONT, "account_id"),
        ["'sc-status' and 'x-edge-detailed-result-type' are read from one column, 'sc-status'"],
    ),
    "what a rule needs, with the status mapped": (
        "cloudfront",
        {"status": ("code",)},
        ("date", "time", "account_id", "code"),
        ["no column 'x-edge-detailed-result-type', which the dialect cloudfront reads"],
    ),
    "a log that is nearly of a dialect": (
        None,
        {},
        ("started_at", "consumer.username", "response.status", "source"),
        [
            "no column 'timestamp'",
            "no column 'account_id'",
            "no column 'status'",
            "no dialect fits; the nearest is kong, which also needs latencies.proxy",
        ],
    ),
    "a log that is of no dialect": (None, {}, ("ts", "who"), ["'timestamp'", "'account_id'", "'status'"]),
}


@pytest.mark.parametrize(("name", "named", "header", "expected"), REFUSED_MAPPINGS.values(), ids=REFUSED_MAPPINGS)
def test_mappings_that_are_refused(
    name: str | None, named: dict[str, tuple[str, ...]], header: tuple[str, ...], expected: list[str]
) -> None:
    found = resolve_columns(ColumnMap(named), header, (), "log.csv", None if name is None else BUILT_IN[name])
    assert isinstance(found, list)
    for problem, what in zip(found, expected, strict=True):
        assert what in str(problem.what)


NOT_IN_A_DIALECT = {
    "a dialect that was named has other columns": (
        "cloudfront",
        OF_NGINX,
        [
            ("no column 'date' and 'time' (mapped to timestamp)", "--column timestamp=NAME"),
            ("no column 'account_id'; the file has:", "--column account_id=NAME"),
            (
                "no column 'sc-status' and 'x-edge-detailed-result-type', which the dialect cloudfront reads; the file",
                "--column sc-status=NAME, --column x-edge-detailed-result-type=NAME, or the same under [columns]",
            ),
        ],
    ),
    "a dialect that fits, and no account": (None, OF_CLOUDFRONT, [("no column 'account_id'", "account_id=NAME")]),
    "a dialect that fits but for the name of its account": (
        None,
        ("started_at", *OF_KONG[2:]),
        [("no column 'consumer.username' (mapped to account_id)", "--column account_id=NAME")],
    ),
    "columns that fit several": (
        None,
        (*OF_NGINX, *OF_CLOUDFRONT),
        [
            (
                "the columns fit several dialects: cloudfront, nginx; the file has: time_iso8601, status,",
                "Choose one with --dialect, or map the columns with --column.",
            )
        ],
    ),
    "a field of the dialect twice": (
        "cloudfront",
        (*OF_CLOUDFRONT, "account_id", "x-edge-detailed-result-type"),
        [("two columns are named 'x-edge-detailed-result-type'", "Rename one of them")],
    ),
}


@pytest.mark.parametrize(("name", "available", "expected"), NOT_IN_A_DIALECT.values(), ids=NOT_IN_A_DIALECT)
def test_columns_that_are_not_found_in_a_dialect(
    name: str | None, available: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    problems = resolve_columns(ColumnMap(), available, (), "log.csv", None if name is None else BUILT_IN[name])

    assert isinstance(problems, list)
    for problem, (what, remedy) in zip(problems, expected, strict=True):
        assert what in str(problem.what)
        assert remedy in str(problem.remedy)


def test_the_status_of_a_dialect_is_all_of_its_fields() -> None:
    assert BY_CLOUDFRONT.without(()) == {
        "timestamp": ("date", "time"),
        "account_id": ("account_id",),
        "status": ("sc-status", "x-edge-detailed-result-type"),
    }
    assert BY_CLOUDFRONT.all == ["date", "time", "account_id", "sc-status", "x-edge-detailed-result-type"]


class TestAFlagThatIsAnObject:
    @pytest.mark.parametrize("canonical", ["content_flag", "client_aborted"])
    def test_it_is_not_passed_over(self, canonical: str) -> None:
        available = ("timestamp", "account_id", "status", f"{canonical}.label", f"{canonical}.score")
        problems = resolve_columns(ColumnMap(), available, (), "log.jsonl", objects=True)
        assert isinstance(problems, list)
        (problem,) = problems
        assert (
            str(problem.what)
            == f"{canonical} is an object, with {canonical}.label, {canonical}.score; expected one value"
        )
        assert f"--column {canonical}={canonical}.label" in str(problem.remedy)

    def test_one_of_its_fields_may_be_mapped(self) -> None:
        available = ("timestamp", "account_id", "status", "content_flag.label")
        mapping = ColumnMap({"content_flag": ("content_flag.label",)})
        assert isinstance(resolve_columns(mapping, available, (), "log.jsonl", objects=True), LogColumns)

    def test_an_empty_one_is_a_row_that_cannot_be_read(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        path.write_text('{"timestamp":"2026-10-01T01:05:06Z","account_id":"a","status":200,"content_flag":{}}\n')
        (opened,) = open_logs([Source(path, "json")], ColumnMap(), (), ZoneInfo("UTC"))
        log = Log(opened)
        assert not [batch for batch in log.batches() if batch.num_rows]
        assert [(each.column, each.place) for each in log.read.rejects] == [("content_flag", "line 1")]
