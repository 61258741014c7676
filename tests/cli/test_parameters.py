"""Values that options take, and what a user is told about those that they do not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import click
import pytest

from sla_audit.cli.options.parameters import column_map, day, split_column, tolerance
from sla_audit.intake.rejects import Tolerance

SHANGHAI = ZoneInfo("Asia/Shanghai")

DAYS = {
    "a day": ("2026-11-20", date(2026, 11, 20)),
    "a leap day": ("2028-02-29", date(2028, 2, 29)),
    "a day that a config file gave": (date(2026, 11, 20), date(2026, 11, 20)),
    "the first day that can be audited": ("1970-01-01", date(1970, 1, 1)),
    "the last day that can be audited": ("2199-12-31", date(2199, 12, 31)),
    "an instant of the zone itself": ("2026-11-20T09:00:00+08:00", date(2026, 11, 20)),
    "the last second of a day": ("2026-11-30T23:59:59+08:00", date(2026, 11, 30)),
    "the last second of a day, told in UTC": ("2026-11-30T15:59:59Z", date(2026, 11, 30)),
    "midnight, told in UTC": ("2026-11-30T16:00:00Z", date(2026, 12, 1)),
    "midnight, told in another zone": ("2026-11-30T11:00:00-05:00", date(2026, 12, 1)),
    "a microsecond before midnight": ("2026-11-30T15:59:59.999999+00:00", date(2026, 11, 30)),
    "an instant with a space": ("2026-11-30 16:00:00+00:00", date(2026, 12, 1)),
    "an instant without seconds": ("2026-11-30T16:00Z", date(2026, 12, 1)),
    "an offset of half hours": ("2026-12-01T05:29:59+13:30", date(2026, 11, 30)),
    "an instant that a clock gave": (datetime(2026, 11, 30, 16, tzinfo=UTC), date(2026, 12, 1)),
    "the first instant that can be audited": ("1969-12-31T16:00:00Z", date(1970, 1, 1)),
    "the last instant that can be audited": ("2199-12-31T15:59:59Z", date(2199, 12, 31)),
}


@pytest.mark.parametrize(("written", "expected"), DAYS.values(), ids=DAYS)
def test_a_day(written: str | date, expected: date) -> None:
    assert day(written, SHANGHAI) == expected


ZONES = [
    ("UTC", date(2026, 11, 30)),
    ("America/New_York", date(2026, 11, 30)),
    ("Asia/Shanghai", date(2026, 12, 1)),
    ("Pacific/Kiritimati", date(2026, 12, 1)),
    ("Pacific/Pago_Pago", date(2026, 11, 30)),
]


@pytest.mark.parametrize(("zone", "expected"), ZONES)
def test_an_instant_falls_on_the_day_that_its_zone_has(zone: str, expected: date) -> None:
    assert day("2026-11-30T18:00:00Z", ZoneInfo(zone)) == expected
    assert day("2026-12-01T02:00:00+08:00", ZoneInfo(zone)) == expected


def test_a_day_is_the_same_day_in_every_zone() -> None:
    assert {day("2026-11-30", ZoneInfo(zone)) for zone, _ in ZONES} == {date(2026, 11, 30)}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-11",
        "2026-11-31",
        "2026-02-29",
        "2026-13-01",
        "20261120",
        "2026-W47-5",
        "2026-1-2",
        "20-11-2026",
        "today",
        "2026-11-20T00:00:00",
        " 2026-11-20",
        "0000-01-01",
        "0001-01-15",
        "1969-12-31",
        "2200-01-01",
        "9999-12-31",
        "٢٠٢٦-11-20",
        "\uff12\uff10\uff12\uff16-11-20",
        date(1969, 12, 31),
        date(2200, 1, 1),
        date.min,
        date.max,
        "2026-11-20T25:00:00Z",
        "2026-11-20T00:00:00+25:00",
        "2026-11-20T00:00:00 Asia/Shanghai",
        "2199-12-31T16:00:00Z",
        "1969-12-31T15:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        datetime(2026, 11, 20),  # noqa: DTZ001
        datetime(2199, 12, 31, 16, tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_what_is_no_day(written: str | date) -> None:
    with pytest.raises(click.BadParameter) as raised:
        day(written, SHANGHAI)

    assert raised.value.param_hint == "--as-of"
    assert raised.value.message == (
        f"{str(written)!r}: expected a day such as 2026-11-20, from 1970 to 2199, or an instant with its offset "
        "from UTC, such as 2026-11-20T09:00:00+08:00."
    )


TOLERANCES = {
    "none": ("0", Tolerance(rows=0)),
    "a number": ("12", Tolerance(rows=12)),
    "a share": ("0.1%", Tolerance(share=Fraction(1, 1000))),
    "a whole share": ("5%", Tolerance(share=Fraction(1, 20))),
    "a share is exact": ("0.000000001%", Tolerance(share=Fraction(1, 10**11))),
    "no share": ("0%", Tolerance(share=Fraction(0))),
    "everything": ("100%", Tolerance(share=Fraction(1))),
    "everything, with decimals": ("100.0%", Tolerance(share=Fraction(1))),
}


@pytest.mark.parametrize(("written", "expected"), TOLERANCES.values(), ids=TOLERANCES)
def test_a_tolerance(written: str, expected: Tolerance) -> None:
    assert tolerance(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "-1",
        "+1",
        "1.5",
        "all",
        "%",
        "-1%",
        "100.1%",
        "101%",
        "1000%",
        "5 %",
        "1e2",
        "0.0000000001%",
        ".5%",
        "5%%",
        "1,000",
        "١",
        "\uff15%",
    ],
)
def test_what_is_no_tolerance(written: str) -> None:
    with pytest.raises(click.BadParameter) as raised:
        tolerance(written)

    assert raised.value.param_hint == "--max-rejected"
    assert raised.value.message == f"{written!r}: expected a number of rows, or a share such as 0.1%."


COLUMNS = {
    "a column": ("status=code", ("status", ("code",))),
    "two columns of time": ("timestamp=date,time", ("timestamp", ("date", "time"))),
    "one column of time": ("timestamp=ts", ("timestamp", ("ts",))),
    "a name with an equals sign": ("status=a=b", ("status", ("a=b",))),
    "a comma belongs to the name of any other column": ("status=code, final", ("status", ("code, final",))),
    "a name with spaces is as it is": ("account_id= client id ", ("account_id", (" client id ",))),
}


@pytest.mark.parametrize(("written", "expected"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_and_its_name(written: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert split_column(written) == expected


@pytest.mark.parametrize("written", ["", "status", "status:code"])
def test_what_names_no_column(written: str) -> None:
    with pytest.raises(click.BadParameter) as raised:
        split_column(written)

    assert raised.value.param_hint == "--column"
    assert raised.value.message == f"{written!r}: expected canonical=name, such as status=http_status."


def test_a_map_of_columns_is_kept_as_it_is() -> None:
    named = {"timestamp": ("date", "time"), "status": ("code",), "region": ("zone",)}

    assert column_map(named.items(), "--column").named == named
    assert column_map([], "--column").named == {}


WRONG_MAPS = {
    "a column that is not canonical": (
        {"code": ("status",)},
        "'code' is not a canonical column, nor a field that a dialect reads. Canonical are: timestamp, account_id, "
        "status, content_flag, client_aborted, region, api, request_id, client, submitted. What dialects read is "
        "listed by sla-audit dialects.",
    ),
    "a time of the end, and one of the start": (
        {"timestamp": ("a",), "submitted": ("b",)},
        "both timestamp and submitted are mapped; expected one time.",
    ),
    "three columns of time": (
        {"timestamp": ("a", "b", "c")},
        "timestamp takes a column, or two (date,time), found 'a,b,c'.",
    ),
    "half a time": ({"timestamp": ("date", "")}, "timestamp takes a column, or two (date,time), found 'date,'."),
    "no time": ({"timestamp": ()}, "timestamp takes a column, or two (date,time), found ''."),
    "no name": ({"status": ("",)}, "status takes one column, found ''."),
    "two names": ({"status": ("a", "b")}, "status takes one column, found 'a,b'."),
}


@pytest.mark.parametrize("option", ["--column", "[columns]"])
@pytest.mark.parametrize(("named", "message"), WRONG_MAPS.values(), ids=WRONG_MAPS)
def test_maps_that_are_refused(named: dict[str, tuple[str, ...]], message: str, option: str) -> None:
    with pytest.raises(click.BadParameter) as raised:
        column_map(named.items(), option)

    assert raised.value.param_hint == option
    assert raised.value.message == message
