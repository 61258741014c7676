"""When a request was submitted, where its log has when it ended and how long it took: exactly, or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.intake.dialects.dialect import built_in_dialects
from sla_audit.intake.values.durations import Unit, started, unknown
from tests.builders.runs import report

pytestmark = pytest.mark.usefixtures("folder")

MIDNIGHT = 1_790_784_000  # 1 October 2026, 00:00 in Shanghai, in seconds
END = pa.array([MIDNIGHT * 10**6], pa.timestamp("us", "UTC"))


SPELT: list[tuple[Any, Unit, int | None]] = [
    ("0.000", "s", 0),
    ("0.001", "s", 1000),
    ("12.345", "s", 12_345_000),
    (0.1, "s", 100_000),
    (0.3, "s", 300_000),
    (1e-05, "s", 10),
    (60, "s", 60_000_000),
    (Decimal("1.5"), "s", 1_500_000),
    ("0.0000019", "s", 1),
    (" 1 ", "s", 1_000_000),
    ("1.", "s", 1_000_000),
    (3, "ms", 3000),
    ("0.25", "ms", 250),
    (7, "us", 7),
    (7_999, "ns", 7),
    ("-", "s", None),
    ("", "s", None),
    (None, "s", None),
    ("-1", "s", None),
    (-0.001, "s", None),
    ("1_0", "s", None),
    ("0x1", "s", None),
    ("1, 2", "s", None),
    (float("nan"), "s", None),
    (float("inf"), "s", None),
    ("9" * 30, "s", None),
    ("1e99", "s", None),
    (True, "s", None),
]


@pytest.mark.parametrize(("written", "unit", "expected"), SPELT)
def test_it_is_taken_from_the_end_exactly(written: Any, unit: Unit, expected: int | None) -> None:
    starts = started(END, pa.array([written]), unit)
    found = starts.cast(pa.int64()).to_pylist()
    assert found == [None if expected is None else MIDNIGHT * 10**6 - expected]
    assert unknown(starts, END).tolist() == [expected is None]


@given(st.integers(0, 10**12), st.integers(0, 6), st.integers(0, 10**9))
def test_no_digit_is_lost(number: int, digits: int, after: int) -> None:
    written = f"{number // 10**digits}.{number % 10**digits:0{digits}}" if digits else str(number)
    ends = pa.array([(MIDNIGHT * 10**6 + after) * 1000], pa.timestamp("ns", "UTC"))
    (found,) = started(ends, pa.array([written]), "s").cast(pa.int64()).to_pylist()
    exact = MIDNIGHT * 10**6 + after - Fraction(number, 10**digits) * 10**6
    assert found == exact or number >= 10 ** (9 + digits)


@pytest.mark.parametrize("milliseconds", [3, 9, 123, 60_001])
def test_a_float_of_32_bits_is_the_number_that_it_prints_as(milliseconds: int) -> None:
    starts = started(END, pa.array([milliseconds / 1000], pa.float32()), "s")
    assert starts.cast(pa.int64()).to_pylist() == [MIDNIGHT * 10**6 - milliseconds * 1000]


def test_an_end_that_is_not_known_is_no_fault_of_the_duration() -> None:
    ends = pa.array([None, MIDNIGHT * 10**6], pa.timestamp("us", "UTC"))
    starts = started(ends, pa.array(["-", "-"]), "s")
    assert starts.null_count == 2
    assert unknown(starts, ends).tolist() == [False, True]


def write(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write a log in the format that its suffix says."""
    if name.endswith(".csv"):
        with Path(name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif name.endswith(".jsonl"):
        Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), name)
    return name


def months(found: dict[str, Any]) -> dict[str, int]:
    return {each["cycle"]: each["requests"] for each in found["results"]}


NAMES = ("log.csv", "log.jsonl", "log.parquet")


def nginx(msec: str, request_time: str | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"msec": msec, "status": "200", "account_id": "A"}
    return row if request_time is None else row | {"request_time": request_time}


@pytest.mark.parametrize("name", NAMES)
class TestNginx:
    def test_the_month_is_that_in_which_a_request_was_submitted(self, name: str) -> None:
        rows = [
            nginx(f"{MIDNIGHT}.000", "0.000"),
            nginx(f"{MIDNIGHT}.000", "0.001"),
            nginx(f"{MIDNIGHT + 5}.250", "5.250"),
            nginx(f"{MIDNIGHT + 5}.250", "5.251"),
        ]
        found = report(write(name, rows))
        assert months(found) == {"2026-09": 2, "2026-10": 2}
        assert not any("ended" in warning for warning in found["warnings"])
        assert months(report(name, "--no-statistics")) == {"2026-09": 2, "2026-10": 2}

    def test_a_log_that_does_not_say_how_long_is_read_by_its_end(self, name: str) -> None:
        found = report(write(name, [nginx(f"{MIDNIGHT}.000"), nginx(f"{MIDNIGHT - 1}.999")]))
        assert months(found) == {"2026-09": 1, "2026-10": 1}
        assert any("times are when the request ended, not when it was submitted" in said for said in found["warnings"])

    @pytest.mark.parametrize("dialect", [(), ("--dialect", "nginx")], ids=["told", "named"])
    def test_a_time_that_is_mapped_is_that_of_the_end_too(self, name: str, dialect: tuple[str, ...]) -> None:
        write(name, [nginx(f"{MIDNIGHT}.000", "9.000") | {"time_local": "01/Oct/2026:00:00:08 +0800"}])
        assert months(report(name, *dialect)) == {"2026-09": 1}
        for column in ("msec", "time_local"):
            ended = report(name, *dialect, "--column", f"timestamp={column}")
            assert months(ended) == {"2026-09": 1}
            assert any("is taken off the time that was mapped" in said for said in ended["warnings"])

    def test_who_says_that_it_is_the_start_is_believed(self, name: str) -> None:
        write(name, [nginx(f"{MIDNIGHT}.000", "9.000") | {"began": f"{MIDNIGHT + 1}"}])
        mapped = report(name, "--dialect", "nginx", "--column", "timestamp=began")
        assert months(mapped) == {"2026-09": 1}
        began = report(name, "--dialect", "nginx", "--column", "submitted=began")
        assert months(began) == {"2026-10": 1}
        assert not any("ended" in said or "taken off" in said for said in began["warnings"])
        Path("sla-audit.toml").write_text('[columns]\nsubmitted = "began"\n', encoding="utf-8")
        assert months(report(name, "--config", "sla-audit.toml", "--dialect", "nginx")) == {"2026-10": 1}
        assert months(report(name, "--config", "sla-audit.toml", "--column", "timestamp=msec")) == {"2026-09": 1}

    @pytest.mark.parametrize("written", ["-", "", "-0.001", "soon"])
    def test_a_row_that_does_not_say_how_long_is_rejected(
        self, name: str, written: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(name, [nginx(f"{MIDNIGHT + 60}.000", "1.000"), nginx(f"{MIDNIGHT + 60}.000", written)])
        assert run(["compute", name]) == 2
        error = " ".join(capsys.readouterr().err.split())
        assert f"request_time is {written!r}; expected how long the request took, a number in s" in error
        assert months(report(name, "--max-rejected", "1")) == {"2026-10": 1}

    def test_a_time_that_is_none_is_named_before_the_duration(
        self, name: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(name, [nginx("-", "-")])
        assert run(["compute", name]) == 2
        assert "msec is '-'" in capsys.readouterr().err


def test_statistics_of_the_end_do_not_say_when_requests_began() -> None:
    times = pa.array([(MIDNIGHT + 1) * 1000] * 4, pa.timestamp("ms", "UTC"))
    table = pa.table({"time_iso8601": times, "status": [200] * 4, "account_id": ["A"] * 4,
                      "request_time": [0.5, 1.0, 1.001, 2.0]})  # fmt: skip
    pq.write_table(table, "log.parquet")
    for options in ((), ("--cycle", "2026-09"), ("--cycle", "2026-10")):
        kept = months(report("log.parquet", *options))
        assert kept == months(report("log.parquet", *options, "--no-statistics"))
    assert months(report("log.parquet")) == {"2026-09": 2, "2026-10": 2}
    assert months(report("log.parquet", "--cycle", "2026-09")) == {"2026-09": 2}


# A request that ended a second into October and took two; and the columns that each log must have besides.
OTHERS: dict[str, dict[str, Any]] = {
    "alibaba-slb": {"time": "2026-10-01T00:00:01+08:00", "status": 200, "slbid": "lb", "request_time": "2.000"},
    "azure-front-door": {
        "Time": "2026-09-30T16:00:01Z", "HttpStatusCode": 200, "ErrorInfo": "NoError", "TimeTaken": "2.000",
    },
    "cloudfront": {
        "date": "2026-09-30", "time": "16:00:01", "sc-status": 200, "x-edge-detailed-result-type": "Hit",
        "time-taken": "2.000",
    },
    "huawei-elb": {
        "time_iso8601": "2026-10-01T00:00:01+08:00", "status": 200, "access_log_topic_id": "t", "request_time": "2.000",
    },
    "caddy": {"ts": MIDNIGHT + 1, "status": 200, "duration": "2.000"},
    "iis": {
        "date": "2026-09-30", "time": "16:00:01", "sc-status": 200, "sc-win32-status": "0", "time-taken": "2000.0",
    },
    "tencent-clb": {
        "time_local": "01/Oct/2026:00:00:01 +0800", "status": 200, "stgw_request_id": "r", "request_time": "2.000",
    },
    "nginx": {"time_iso8601": "2026-10-01T00:00:01+08:00", "status": 200, "request_time": "2.000"},
    "tencent-api-gateway": {
        "time_local": "2026-10-01T00:00:01+08:00", "rsp_st": "200", "ups_st": "200", "req_t": "2.000",
    },
}  # fmt: skip
# The same request of gateways whose time is that of the start, where another column is mapped.
OF_THE_END: dict[str, tuple[dict[str, Any], str, str]] = {
    "apache": (
        {"%t": "2026-09-30T15:59:59Z", "%{end}t": "2026-09-30T16:00:01Z", "%>s": 200, "%D": 2_000_000},
        "%{end}t", "2026-09",
    ),
    "aws-alb": (
        {"request_creation_time": "2026-09-30T15:59:59Z", "time": "2026-09-30T16:00:01Z", "elb_status_code": 200,
         "target_status_code": "200"}, "time", "2026-10",
    ),
    "cloudflare": (
        {"EdgeStartTimestamp": "2026-09-30T15:59:59Z", "EdgeEndTimestamp": "2026-09-30T16:00:01Z",
         "EdgeResponseStatus": 200, "OriginResponseStatus": 200}, "EdgeEndTimestamp", "2026-10",
    ),
    "traefik": (
        {"StartUTC": "2026-09-30T15:59:59Z", "time": "2026-09-30T16:00:01Z", "DownstreamStatus": 200,
         "Duration": 2_000_000_000}, "time", "2026-09",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dialect", OTHERS)
def test_other_gateways(name: str, dialect: str) -> None:
    row = OTHERS[dialect] | {"account_id": "A"}
    assert months(report(write(name, [row]), "--dialect", dialect)) == {"2026-09": 1}
    ended = {key: value for key, value in row.items() if value not in {"2.000", "2000.0"}}
    found = report(write(name, [ended]), "--dialect", dialect)
    assert months(found) == {"2026-10": 1}
    lasted = built_in_dialects()[dialect].lasted
    assert lasted is not None
    assert any(lasted.otherwise in warning for warning in found["warnings"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dialect", OF_THE_END)
def test_gateways_whose_other_times_are_of_the_end(name: str, dialect: str) -> None:
    row, column, month = OF_THE_END[dialect]
    log = write(name, [row | {"account_id": "A"}])
    began = report(log)
    assert months(began) == {"2026-09": 1}
    assert not any("ended" in said or "taken off" in said for said in began["warnings"])
    ended = report(log, "--column", f"timestamp={column}")
    assert months(ended) == {month: 1}
    assert any("ended" in said or "taken off" in said for said in ended["warnings"])


def test_every_dialect_with_a_duration_is_tested() -> None:
    lasting = {name for name, dialect in built_in_dialects().items() if dialect.lasted is not None}
    assert lasting == {*OTHERS, *OF_THE_END}


def test_two_columns_that_say_how_long_are_not_chosen_from(capsys: pytest.CaptureFixture[str]) -> None:
    Path("log.csv").write_text(f"msec,status,account_id,request_time,request_time\n{MIDNIGHT},200,A,1,2\n")
    assert run(["compute", "log.csv"]) == 2
    assert "log.csv: two columns are named 'request_time'" in capsys.readouterr().err


def test_a_finer_time_goes_before() -> None:
    row = {"time_iso8601": "2026-10-01T00:00:00+08:00", "msec": f"{MIDNIGHT}.999", "status": 200, "account_id": "A"}
    rows = [row | {"request_time": request_time} for request_time in ("0.999", "1.000")]
    assert months(report(write("log.csv", rows))) == {"2026-09": 1, "2026-10": 1}


def test_the_list_of_dialects_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dialects"]) == 0
    assert "submitted: the time less request_time, where the log has it" in " ".join(capsys.readouterr().out.split())
