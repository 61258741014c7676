"""What once crashed the program, or was read wrongly without a word: each is refused with a message."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.contract.load import BUILT_IN, contract_file

TIME = "2026-10-01T05:06:07Z"
HEADER = "timestamp,account_id,status\n"
ACCOUNTS = "account_id,plan,applied_on\n"
EXCLUSIONS = "id,clause,starts_at,ends_at,note\n"
WINDOW = "2026-10-01T00:00:00Z,2026-10-02T00:00:00Z"


def csv_log(body: str) -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        (folder / "log.csv").write_text(HEADER + body)
        return ["log.csv"]

    return write


def parquet_log(**columns: Any) -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        usual = {"timestamp": pa.array([0], pa.timestamp("ms", "UTC")), "account_id": ["A"], "status": [200]}
        pq.write_table(pa.table(usual | columns), folder / "log.parquet")
        return ["log.parquet"]

    return write


def facts(name: str, content: str) -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        (folder / "log.csv").write_text(f"{HEADER}{TIME},A,200\n")
        (folder / "facts.csv").write_text(content)
        return ["log.csv", f"--{name}", "facts.csv"]

    return write


def parquet_facts(name: str, **columns: Any) -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        (folder / "log.csv").write_text(f"{HEADER}{TIME},A,200\n")
        pq.write_table(pa.table(columns), folder / "facts.parquet")
        return ["log.csv", f"--{name}", "facts.parquet"]

    return write


def options(*arguments: str) -> Callable[[Path], list[str]]:
    def write(folder: Path) -> list[str]:
        (folder / "log.csv").write_text(f"{HEADER}{TIME},A,200\n")
        (folder / "accounts.d").mkdir()
        return ["log.csv", *arguments]

    return write


def undecodable_name(folder: Path) -> list[str]:
    Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.csv")).write_text(f"{HEADER}{TIME},A,200\n")
    return ["bad*.csv"]


NANOSECONDS = pa.array([1_790_831_167_123_456_789], pa.timestamp("ns"))
CASES: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "an unclosed quote in the last column": (
        csv_log(f'{TIME},A,200\n{TIME},B,"200\n{TIME},C,502\n'),
        "log.csv, line 3: not CSV: unexpected end of data, on line 4",
    ),
    "two unclosed quotes": (
        csv_log(f'{TIME},A,"200\n{TIME},B,502\n{TIME},C,"502\n'),
        "log.csv, line 2: not CSV",
    ),
    "an unclosed quote in the exclusions": (
        facts("exclusions", f'{EXCLUSIONS}X,3,{WINDOW},"cut\nY,3,{WINDOW},\n'),
        "facts.csv, line 2: not CSV: unexpected end of data, on line 3",
    ),
    "a month that no calendar has": (options("--cycle", "9999-12"), "'9999-12': expected YYYY-MM"),
    "the month before the first": (
        options("--cycle", "last", "--as-of", "0001-01-15"),
        "'0001-01-15': expected a day such as 2026-11-20, from 1970 to 2199",
    ),
    "a log file whose name is not UTF-8": (undecodable_name, "its name is not UTF-8"),
    "a name of 300 characters": (options("x" * 300 + ".csv"), "cannot be read: File name too long"),
    "an empty pattern": (options(""), "expected the name of a file, found an empty one"),
    "a directory of accounts": (options("--accounts", "accounts.d"), "accounts.d: is a directory; expected one file"),
    "a time at the end of the calendar": (csv_log("9999-12-31T23:59:59Z,A,200\n"), "line 2: timestamp is '9999"),
    "a time at its start": (csv_log("0001-01-01T00:00:00,A,200\n"), "line 2: timestamp is '0001"),
    "the same in Parquet": (
        parquet_log(timestamp=pa.array([253_402_300_799], pa.timestamp("s", "UTC"))),
        "row 1: timestamp is '9999-12-31 23:59:59",
    ),
    "nanoseconds in an hour that the clock repeats": (
        lambda folder: [*_in_new_york(folder), *csv_log("2026-11-01T01:30:00.123456789,A,200\n")(folder)],
        "line 2: timestamp is '2026-11-01T01:30:00.123456789'",
    ),
    "the same in Parquet, by nanosecond": (
        lambda folder: [
            *_in_new_york(folder),
            *parquet_log(timestamp=pa.array([1_793_496_600_123_456_789], pa.timestamp("ns")))(folder),
        ],
        "row 1: timestamp is '2026-11-01 01:30:00.123456789'",
    ),
    "an exclusion that ends with the calendar": (
        facts("exclusions", f"{EXCLUSIONS}X,3,2026-10-01T00:00:00Z,9999-12-31T23:59:59-08:00,\n"),
        "line 2: ends_at is '9999-12-31T23:59:59-08:00'",
    ),
    "Chinese digits in an amount": (
        facts("billing", "account_id,cycle,service_fee,cash_paid\nA,2026-10,\uff11\uff12,1.00\n"),
        "line 2: service_fee is '\uff11\uff12'; expected an amount",
    ),
    "Chinese digits in a cycle": (
        facts("billing", "account_id,cycle,service_fee,cash_paid\nA,2\uff1026-10,1.00,1.00\n"),
        "line 2: cycle is",
    ),
    "Chinese digits in a status": (csv_log(f"{TIME},A,\uff12\uff10\uff10\n"), "line 2: status is"),
    "a list of numbers for accounts": (
        parquet_facts("exclusions", id=["X"], clause=[3], starts_at=[TIME], ends_at=[TIME], accounts=[[1, 2]]),
        "column 'accounts' holds values of type List(Int64)",
    ),
    "a duration for a plan": (
        parquet_facts("accounts", account_id=["A"], plan=pa.array([1], pa.duration("s")), applied_on=["2026-10-01"]),
        "column 'plan' holds values of type Duration",
    ),
    "a header of facts that is twice the same": (facts("accounts", "account_id,plan,plan\nA,paid,paid\n"), "'plan'"),
}


def _in_new_york(folder: Path) -> list[str]:
    text = contract_file(BUILT_IN).decode().replace('"Asia/Shanghai"', '"America/New_York"')
    (folder / "contract.toml").write_text(text, "utf-8")
    return ["--contract", "contract.toml"]


@pytest.mark.parametrize(("write", "message"), CASES.values(), ids=CASES)
def test_it_is_refused_with_a_message_and_nothing_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    write: Callable[[Path], list[str]],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code = run(["compute", *write(tmp_path), "-o", "report.json"])
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err
    assert (code, printed.out) == (2, "")
    assert not (tmp_path / "report.json").exists()


def test_two_columns_of_time_by_the_nanosecond_are_cut_to_microseconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    clock = pa.array([18_367_123_456_789], pa.time64("ns"))
    columns = {"d": pa.array([datetime(2026, 10, 1).date()]), "t": clock, "account_id": ["A"], "status": [200]}  # noqa: DTZ001
    pq.write_table(pa.table(columns), "log.parquet")
    assert run(["compute", "log.parquet", "--column", "timestamp=d,t"]) == 0
    assert "1 read = 1 counted" in capsys.readouterr().out


def test_an_account_cannot_draw_a_row_of_its_own_in_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    forged = "A\nB    1    0    100.0000"
    pq.write_table(
        pa.table({"timestamp": [1_790_831_167], "account_id": [forged], "status": [200]}), tmp_path / "log.parquet"
    )
    assert run(["compute", "log.parquet", "--show", "all"]) == 0
    assert not any(line.startswith("B ") for line in capsys.readouterr().out.splitlines())


def test_names_that_look_like_globs_and_columns_named_place_are_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log[1].csv").write_text(f"{HEADER}{TIME},A,200\n")
    applied = {"account_id": ["A"], "plan": ["paid"], "applied_on": ["2026-01-01"], "place": ["here"]}
    pq.write_table(pa.table(applied), tmp_path / "sub[1].parquet")
    assert run(["compute", "log[1].csv", "--accounts", "sub[1].parquet"]) == 0
    assert "1 read = 1 counted" in capsys.readouterr().out


def test_a_facts_file_of_a_header_without_line_end_has_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(f"{HEADER}{TIME},A,200\n")
    (tmp_path / "accounts.csv").write_text(ACCOUNTS.rstrip("\n"))
    assert run(["compute", "log.csv", "--accounts", "accounts.csv", "--show", "all"]) == 0
    assert "objective met" in capsys.readouterr().out


SWALLOWED = "timestamp,account_id,status,note\n" + "".join(
    f"{TIME},{account},{status},{note}\n"
    for account, status, note in [("A", 200, '"x'), ("B", 502, "y"), ("C", 200, '"z'), ("D", 502, "")]
)


def test_quotes_in_a_column_that_is_not_needed_swallow_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(SWALLOWED)
    assert run(["compute", "log.csv"]) == 2
    assert "log.csv, line 2: not CSV: ',' expected after '\"', on line 4" in capsys.readouterr().err


@pytest.mark.parametrize("times", [[1790831167, 4000000000, 1790831167000], [1790831167, 946684800000]])
def test_epoch_numbers_of_several_units_are_counted_where_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], times: list[int]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = len(times)
    table = pa.table({"timestamp": times, "account_id": ["A"] * rows, "status": [200] * rows})
    pq.write_table(table, tmp_path / "log.parquet")
    printed = []
    for option in ([], ["--no-statistics"]):
        assert run(["compute", "log.parquet", "--show", "all", *option]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


@pytest.mark.parametrize("option", [[], ["--no-statistics"]])
def test_accounts_that_are_booleans_are_refused_whatever_the_statistics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(
        pa.table({"timestamp": [1_790_831_167], "account_id": [True], "status": [200]}), tmp_path / "log.parquet"
    )
    assert run(["compute", "log.parquet", *option]) == 2
    assert "expected account ids as text or whole numbers" in capsys.readouterr().err


@pytest.mark.parametrize("written", ["csv", "parquet"])
def test_a_number_too_large_for_any_instant_is_one_rejected_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    monkeypatch.chdir(tmp_path)
    times = [1_790_831_167, 9_999_999_999_999_999_999]
    table = pa.table({"timestamp": pa.array(times, pa.uint64()), "account_id": ["A", "A"], "status": [200, 200]})
    if written == "csv":
        (tmp_path / "log.csv").write_text(HEADER + "".join(f"{time},A,200\n" for time in times))
    else:
        pq.write_table(table, tmp_path / "log.parquet")
    assert run(["compute", "log.*", "--max-rejected", "1"]) == 0
    assert "2 read = 1 counted + 1 unreadable" in capsys.readouterr().out


def test_an_api_column_that_names_every_request_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{TIME},A,200,/v1/compose/{number}\n" for number in range(5000))
    (tmp_path / "log.csv").write_text("timestamp,account_id,status,api\n" + rows)
    assert run(["compute", "log.csv"]) == 0
    capsys.readouterr()
    assert run(["compute", "log.csv", "--api", "/v1/*"]) == 2
    assert "more than 4,096 combinations of status, flags, region and api" in capsys.readouterr().err


def test_a_folder_whose_name_is_a_glob_is_that_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder, account in (("d[1]", "RIGHT"), ("d1", "WRONG")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "log.csv").write_text(f"{HEADER}{TIME},{account},200\n")
    (tmp_path / "d[1]" / "sla-audit.toml").write_text('logs = "*.csv"\nshow = "all"\n')
    assert run(["compute", "--config", "d[1]/sla-audit.toml"]) == 0
    printed = capsys.readouterr().out
    assert "RIGHT" in printed
    assert "WRONG" not in printed


def test_no_results_make_a_csv_of_a_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(f"{HEADER}{TIME},A,200\n")
    assert run(["compute", "log.csv", "--cycle", "2026-08", "-o", "report.csv", "--quiet"]) == 0
    (header,) = (tmp_path / "report.csv").read_text().splitlines()
    assert header.startswith("account_id,cycle,")
    assert header.endswith("broad_compensation,billed_calls,estimate")


def test_a_service_that_ends_with_the_calendar_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(f"{HEADER}{TIME},A,200\n")
    (tmp_path / "accounts.csv").write_text(f"{ACCOUNTS.strip()},expires_on\nA,paid,2026-09-01,9999-12-31\n")
    assert run(["compute", "log.csv", "--accounts", "accounts.csv", "-o", "report.csv", "--quiet"]) == 0
    assert "A,2026-10,2026-10-01,2026-10-31,paid,1" in (tmp_path / "report.csv").read_text()


@pytest.mark.parametrize("taken", ["sla-audit.toml", "contract.toml"])
def test_settings_are_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], taken: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _in_new_york(tmp_path)
    (tmp_path / "log.csv").write_text(f"{HEADER}{TIME},A,200\n")
    (tmp_path / "sla-audit.toml").write_text('logs = "log.csv"\ncontract = "contract.toml"\n')
    before = (tmp_path / taken).read_bytes()
    assert run(["compute", "--config", "sla-audit.toml", "--rejects", taken]) == 2
    assert f"{taken}: is an input of this run" in capsys.readouterr().err
    assert (tmp_path / taken).read_bytes() == before


@pytest.mark.parametrize("last", ["2199-12-30T23:59:59Z", "1970-01-02T00:00:00Z"])
def test_the_first_and_the_last_hours_that_can_be_read_can_be_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(f"{HEADER}{last},A,200\n")
    assert run(["compute", "log.csv", "--quiet", "-o", "page.html", "-o", "report.json"]) == 0
    assert run(["render", "report.json", "-o", "again.html"]) == 0


@pytest.mark.parametrize("beyond", ["2199-12-31T20:00:00Z", "2200-01-01T00:00:00+08:00", "1970-01-01T00:00:00Z"])
def test_hours_that_are_of_another_year_in_some_zone_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], beyond: str
) -> None:
    """A row of 2200-01 in Shanghai ended the drawing of the page."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(f"{HEADER}{beyond},A,200\n")
    assert run(["compute", "log.csv", "--quiet", "-o", "page.html"]) == 2
    assert "expected a time of the years 1970 to 2199, but for" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("indices", [pa.int8(), pa.uint64(), pa.int64()])
def test_dictionaries_with_indices_of_any_width(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], indices: pa.DataType
) -> None:
    monkeypatch.chdir(tmp_path)
    ids = pa.array([f"account-{number}" for number in range(128)])
    codes = pa.array([*range(128), None], indices)
    columns = {
        "timestamp": pa.array([1_790_831_167] * 129),
        "account_id": pa.DictionaryArray.from_arrays(codes, ids),
        "status": [200] * 129,
    }
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")
    assert run(["compute", "log.parquet", "--max-rejected", "1"]) == 0
    assert "129 read = 128 counted + 1 unreadable" in capsys.readouterr().out


def test_a_comma_in_the_name_of_a_column_is_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(f'timestamp,account_id,"a,b"\n{TIME},A,200\n')
    (tmp_path / "sla-audit.toml").write_text('logs = "log.csv"\n[columns]\nstatus = "a,b"\n')
    assert run(["compute", "--config", "sla-audit.toml", "--quiet"]) == 0
    assert run(["compute", "log.csv", "--column", "status=a,b", "--quiet"]) == 0


def test_what_a_directory_holds_besides_logs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text(f"{HEADER}{TIME},A,200\n")
    for name in ("b.csv.bz2", "_SUCCESS", ".hidden"):
        (tmp_path / "logs" / name).write_bytes(b"")
    assert run(["compute", "logs"]) == 0
    left_out = "warning: left out, because they are packed in a way that is not read (unpack them): logs/b.csv.bz2\n"
    assert left_out in capsys.readouterr().err


def test_times_as_a_dictionary_of_narrow_indices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = pa.array([f"2026-10-01T05:{number // 60:02}:{number % 60:02}Z" for number in range(128)])
    times = pa.DictionaryArray.from_arrays(pa.array([*range(128), None], pa.int8()), texts)
    pq.write_table(
        pa.table({"timestamp": times, "account_id": ["A"] * 129, "status": [200] * 129}), tmp_path / "log.parquet"
    )
    assert run(["compute", "log.parquet", "--max-rejected", "1"]) == 0
    assert "129 read = 128 counted + 1 unreadable" in capsys.readouterr().out
