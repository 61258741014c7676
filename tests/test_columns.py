"""Which column of a log holds what."""

from __future__ import annotations

import pytest

from sla_audit.intake.columns import ColumnMap, LogColumns, resolve_columns
from sla_audit.intake.dialect import built_in_dialects

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
    assert [problem.where for problem in problems] == ["log.csv"] * len(expected)
    for problem, (what, remedy) in zip(problems, expected, strict=True):
        assert what in problem.what
        assert remedy in problem.remedy


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
    "who left is the dialect's to say": (
        None, {}, (*OF_CLOUDFRONT, "account_id", "client_aborted"), set(), BY_CLOUDFRONT,
    ),
    "a mapped status is the user's, and so is who left": (
        "cloudfront", {"status": ("code",)}, (*OF_CLOUDFRONT, "account_id", "code", "client_aborted"), set(),
        LogColumns(("date", "time"), "account_id", "code", client_aborted="client_aborted", time_zone="UTC"),
    ),
    "with a mapped status, the fields of the dialect need not be there": (
        "cloudfront", {"status": ("code",)}, ("date", "time", "account_id", "code"), set(),
        LogColumns(("date", "time"), "account_id", "code", time_zone="UTC"),
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


NOT_IN_A_DIALECT = {
    "a dialect that was named has other columns": (
        "cloudfront",
        OF_NGINX,
        [
            ("no column 'date' and 'time' (mapped to timestamp)", "--column timestamp=NAME"),
            ("no column 'account_id'; the file has:", "--column account_id=NAME"),
            ("no column 'sc-status' and 'x-edge-detailed-result-type' (mapped to status)", "--column status=NAME"),
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
        assert what in problem.what
        assert remedy in problem.remedy


def test_the_status_of_a_dialect_is_all_of_its_fields() -> None:
    assert BY_CLOUDFRONT.without(()) == {
        "timestamp": ("date", "time"),
        "account_id": ("account_id",),
        "status": ("sc-status", "x-edge-detailed-result-type"),
    }
    assert BY_CLOUDFRONT.all == ["date", "time", "account_id", "sc-status", "x-edge-detailed-result-type"]
