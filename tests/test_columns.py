"""Which column of a log holds what."""

from __future__ import annotations

import pytest

from sla_audit.intake.columns import ColumnMap, LogColumns, resolve_columns

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
        LogColumns(("timestamp",), "account_id", "status", "content_flag", "client_aborted"),
    ),
    "a needed region": (
        {},
        FULL,
        {"region"},
        LogColumns(("timestamp",), "account_id", "status", "content_flag", "client_aborted", region="region"),
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
