"""When a request was submitted, in every form that a log may write it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.values import time_forms
from sla_audit.intake.values.time_forms import DateOrder
from sla_audit.intake.values.timestamps import (
    csv_type,
    expected_of,
    instant_of,
    read_date_and_time,
    read_instants,
    within_reach,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")

# 2026-10-01T05:06:07 in UTC, as wall-clock time in Shanghai, and in New York: seconds since 1970 in UTC.
UTC_05_06_07 = 1_790_831_167
SHANGHAI_05_06_07 = 1_790_802_367
NEW_YORK_05_06_07 = 1_790_845_567
PLUS_0430 = 1_790_814_967
MICROSECONDS = 1_000_000


def microseconds(column: pa.Array) -> list[int | None]:
    """Bring instants of any unit to whole microseconds, by hand."""
    factor, divisor = {"s": (1_000_000, 1), "ms": (1_000, 1), "us": (1, 1), "ns": (1, 1_000)}[column.type.unit]
    return [value and value * factor // divisor for value in column.cast(pa.int64()).to_pylist()]


TEXTS: list[tuple[str, str, int, bool]] = [
    ("ISO with Z", "2026-10-01T05:06:07Z", UTC_05_06_07 * MICROSECONDS, False),
    ("ISO with a small z", "2026-10-01T05:06:07z", UTC_05_06_07 * MICROSECONDS, False),
    ("a space instead of T", "2026-10-01 05:06:07Z", UTC_05_06_07 * MICROSECONDS, False),
    ("a space before the zone", "2026-10-01 05:06:07 Z", UTC_05_06_07 * MICROSECONDS, False),
    ("an offset with a colon", "2026-10-01T05:06:07+08:00", SHANGHAI_05_06_07 * MICROSECONDS, False),
    ("an offset without a colon", "2026-10-01T05:06:07+0800", SHANGHAI_05_06_07 * MICROSECONDS, False),
    ("an offset of hours alone", "2026-10-01T05:06:07+08", SHANGHAI_05_06_07 * MICROSECONDS, False),
    ("a space before the offset", "2026-10-01 05:06:07 +0800", SHANGHAI_05_06_07 * MICROSECONDS, False),
    ("an offset of half hours", "2026-10-01T05:06:07+0430", PLUS_0430 * MICROSECONDS, False),
    ("an offset of half hours, with a colon", "2026-10-01T05:06:07+04:30", PLUS_0430 * MICROSECONDS, False),
    ("a western offset", "2026-10-01T05:06:07-04:00", NEW_YORK_05_06_07 * MICROSECONDS, False),
    ("an offset of nothing, from below", "2026-10-01T05:06:07-00:00", UTC_05_06_07 * MICROSECONDS, False),
    ("no zone: the contract's", "2026-10-01T05:06:07", SHANGHAI_05_06_07 * MICROSECONDS, True),
    ("no zone, a space", "2026-10-01 05:06:07", SHANGHAI_05_06_07 * MICROSECONDS, True),
    ("no seconds", "2026-10-01T05:06Z", 1_790_831_160 * MICROSECONDS, False),
    ("space around it", " 2026-10-01T05:06:07Z ", UTC_05_06_07 * MICROSECONDS, False),
    ("a fraction of 1 digit", "2026-10-01T05:06:07.1Z", 1_790_831_167_100_000, False),
    ("a fraction of 2 digits", "2026-10-01T05:06:07.12Z", 1_790_831_167_120_000, False),
    ("a fraction of 3 digits", "2026-10-01T05:06:07.123Z", 1_790_831_167_123_000, False),
    ("a fraction of 4 digits", "2026-10-01T05:06:07.1234Z", 1_790_831_167_123_400, False),
    ("a fraction of 5 digits", "2026-10-01T05:06:07.12345Z", 1_790_831_167_123_450, False),
    ("a fraction of 6 digits", "2026-10-01T05:06:07.123456Z", 1_790_831_167_123_456, False),
    ("a fraction of 7 digits", "2026-10-01T05:06:07.1234567Z", 1_790_831_167_123_456, False),
    ("a fraction of 8 digits", "2026-10-01T05:06:07.12345678Z", 1_790_831_167_123_456, False),
    ("a fraction of 9 digits", "2026-10-01T05:06:07.123456789Z", 1_790_831_167_123_456, False),
    ("nines are cut, not rounded up", "2026-10-01T05:06:07.999999999Z", 1_790_831_167_999_999, False),
    ("a fraction without a zone", "2026-10-01T05:06:07.5", 1_790_802_367_500_000, True),
    ("a fraction with an offset", "2026-10-01T05:06:07.5+08:00", 1_790_802_367_500_000, False),
    ("common log format", "01/Oct/2026:05:06:07 +0800", 1_790_802_367_000_000, False),
    ("common log format in UTC", "01/Oct/2026:05:06:07 +0000", UTC_05_06_07 * MICROSECONDS, False),
    ("common log format without an offset", "01/Oct/2026:05:06:07.5", 1_790_802_367_500_000, True),
    ("common log format on a leap day", "29/Feb/2028:00:00:00 +0000", 1_835_395_200 * MICROSECONDS, False),
    ("epoch seconds", "1790831167", UTC_05_06_07 * MICROSECONDS, False),
    ("epoch milliseconds", "1790831167123", 1_790_831_167_123_000, False),
    ("epoch microseconds", "1790831167123456", 1_790_831_167_123_456, False),
    ("epoch nanoseconds", "1790831167123456789", 1_790_831_167_123_456, False),
    ("epoch seconds with a fraction", "1790831167.123", 1_790_831_167_123_000, False),
    ("epoch seconds with a bare point", "1790831167.", UTC_05_06_07 * MICROSECONDS, False),
    ("epoch milliseconds with a fraction", "1790831167123.5", 1_790_831_167_123_500, False),
    ("epoch seconds with a sign", "+1790831167", UTC_05_06_07 * MICROSECONDS, False),
    ("epoch seconds as Java writes a double", "1.790831167123E9", 1_790_831_167_123_000, False),
    ("epoch seconds with a negative exponent", "17908311671239999999e-10", 1_790_831_167_123_999, False),
    ("epoch seconds with a thousand digits", f"1790831167.{'9' * 1000}", 1_790_831_167_999_999, False),
    ("epoch milliseconds with many digits", f"1790831167123.{'9' * 99}", 1_790_831_167_123_999, False),
    ("epoch nanoseconds with many digits", f"1790831167123456999.{'9' * 99}", 1_790_831_167_123_456, False),
    ("a finer fraction of epoch seconds is cut", "1790831167.9999999", 1_790_831_167_999_999, False),
    ("the first epoch second that is read", "946684800", 946_684_800_000_000, False),
    ("the last epoch second that is read", "4102444799", 4_102_444_799_000_000, False),
    ("the first epoch millisecond that is read", "946684800000", 946_684_800_000_000, False),
    ("the last epoch nanosecond that is read", "4102444799999999999", 4_102_444_799_999_999, False),
    ("a leap day", "2028-02-29T00:00:00Z", 1_835_395_200 * MICROSECONDS, False),
    ("an hour alone, in UTC", "2026-10-01T05Z", 1_790_830_800 * MICROSECONDS, False),
    ("an hour alone, with an offset", "2026-10-01 05+08:00", 1_790_802_000 * MICROSECONDS, False),
    ("the first moment that can be audited", "1970-01-02T00:00:00Z", 86_400_000_000, False),
    ("the same further west", "1970-01-01T16:00:00-08:00", 86_400_000_000, False),
    ("the last moment that can be audited", "2199-12-30T23:59:59.999999Z", 7_258_031_999_999_999, False),
    ("a small t", "2026-10-01t05:06:07z", UTC_05_06_07 * MICROSECONDS, False),
    ("an hour of one digit", "2026-10-01 5:06:07", SHANGHAI_05_06_07 * MICROSECONDS, True),
    ("a comma before the fraction", "2026-10-01T05:06:07,123+08:00", 1_790_802_367_123_000, False),
    ("UTC by its name", "2026-10-01 05:06:07.000 UTC", UTC_05_06_07 * MICROSECONDS, False),
    ("GMT by its name", "2026-10-01 05:06:07 GMT", UTC_05_06_07 * MICROSECONDS, False),
    ("hours of an offset after a fraction", "2026-10-01 05:06:07.123456+00", 1_790_831_167_123_456, False),
    ("an offset and the zone that has it", "2026-10-01T05:06:07+08:00[Asia/Shanghai]", 1_790_802_367_000_000, False),
    ("an offset of seconds", "2026-10-01T05:06:07+08:00:00", SHANGHAI_05_06_07 * MICROSECONDS, False),
    ("an offset before there were zones", "2026-10-01T05:06:07+08:05:43", 1_790_802_024 * MICROSECONDS, False),
    ("a minus that is no hyphen", "2026-10-01T05:06:07\u221204:00", NEW_YORK_05_06_07 * MICROSECONDS, False),
    ("hour 24 ends the day", "2026-09-30T24:00:00+08:00", 1_790_784_000 * MICROSECONDS, False),
    ("hour 24 ends the year", "2026-12-31T24:00:00Z", 1_798_761_600 * MICROSECONDS, False),
    ("a leap second stays in its day", "2016-12-31T23:59:60Z", 1_483_228_799_999_999, False),
    ("a leap second, in Shanghai", "2017-01-01T07:59:60.5+08:00", 1_483_228_799_999_999, False),
    ("the basic form of ISO", "20261001T050607Z", UTC_05_06_07 * MICROSECONDS, False),
    ("the basic form, with all its parts", "20261001T050607.123+0800", 1_790_802_367_123_000, False),
    ("slashes, the year first", "2026/10/01 05:06:07", SHANGHAI_05_06_07 * MICROSECONDS, True),
    ("slashes and single digits", "2026/10/1 5:06:07.123", 1_790_802_367_123_000, True),
    ("common log format in its brackets", "[01/Oct/2026:05:06:07 +0800]", SHANGHAI_05_06_07 * MICROSECONDS, False),
    ("common log format in small letters", "01/oct/2026:05:06:07 +0800", SHANGHAI_05_06_07 * MICROSECONDS, False),
    ("RFC 1123", "Thu, 01 Oct 2026 05:06:07 GMT", UTC_05_06_07 * MICROSECONDS, False),
    ("RFC 5322", "Thu, 1 Oct 2026 05:06:07 +0800", SHANGHAI_05_06_07 * MICROSECONDS, False),
    ("as C writes it", "Thu Oct  1 05:06:07 2026", SHANGHAI_05_06_07 * MICROSECONDS, True),
    ("as Apache's error log writes it", "Thu Oct 01 05:06:07.5 2026", 1_790_802_367_500_000, True),
    ("as Kibana shows it", "Oct 1, 2026 @ 05:06:07.123", 1_790_802_367_123_000, True),
]


@pytest.mark.parametrize(("text", "expected", "local"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_one_timestamp_as_text(text: str, expected: int, local: bool) -> None:
    assert instant_of(text, SHANGHAI) == (expected, local)


def test_a_column_of_text_may_mix_every_form() -> None:
    column = pa.array([text for _, text, _, _ in TEXTS])

    instants = read_instants(column, SHANGHAI)

    assert instants.values.type == pa.timestamp("us", "UTC")
    assert microseconds(instants.values) == [expected for _, _, expected, _ in TEXTS]
    assert instants.local


UNREADABLE = {
    "nothing": "",
    "a dash": "-",
    "a word": "yesterday",
    "a date without a time of day": "2026-10-01",
    "an hour without minutes or offset": "2026-10-01T05",
    "an hour after a space, without minutes or offset": "2026-10-01 05",
    "a date and a zone without a time of day": "2026-10-01Z",
    "seconds of one digit": "2026-10-01T05:06:7Z",
    "a time without a date": "05:06:07",
    "a fraction of 10 digits": "2026-10-01T05:06:07.1234567890Z",
    "a point without a fraction": "2026-10-01T05:06:07.Z",
    "a day that the month lacks": "2026-02-29T00:00:00Z",
    "month 13": "2026-13-01T00:00:00Z",
    "minute 60": "2026-10-01T05:60:00Z",
    "an offset of 24 hours": "2026-10-01T05:06:07+24:00",
    "an offset of 60 minutes": "2026-10-01T05:06:07+08:60",
    "an offset of one digit": "2026-10-01T05:06:07+8",
    "a zone by name": "2026-10-01T05:06:07 CST",
    "two zones": "2026-10-01T05:06:07Z+08:00",
    "the day first": "01/10/2026 05:06:07",
    "common log format with a month that is none": "01/Okt/2026:05:06:07 +0800",
    "common log format on a day that is none": "31/Sep/2026:05:06:07 +0800",
    "common log format without a time": "01/Oct/2026",
    "digits that are not ASCII": "٢٠٢٦-10-01T05:06:07Z",
    "full-width digits in the seconds": "2026-10-01T05:06:\uff10\uff17Z",
    "digits of an offset that are not ASCII": "2026-10-01T05:06:07+٠٨:00",
    "digits of a fraction that are not ASCII": "2026-10-01T05:06:07.٥Z",
    "an epoch in digits that are not ASCII": "١٧٩٠٨٣١١٦٧",
    "an epoch whose fraction is not ASCII": "1790831167.٥",
    "superscript digits": "179083116⁷",
    "the last moment of the first day of 1970": "1970-01-01T23:59:59.999999Z",
    "the first moment of the last day of 2199": "2199-12-31T00:00:00Z",
    "before the first moment there is, in UTC": "0001-01-01T00:00:00+08:00",
    "after the last moment there is, in UTC": "9999-12-31T23:59:59-08:00",
    "epoch 0": "0",
    "a second before 2000": "946684799",
    "the year 2100 in seconds": "4102444800",
    "between seconds and milliseconds": "10000000000",
    "the year 2100 in nanoseconds": "4102444800000000000",
    "too many digits": "17908311671234567890",
    "a negative epoch of milliseconds": "-1790831167000",
    "a negative epoch": "-1790831167",
    "an epoch in exponent form without all its digits": "1.79083116E9",
    "an epoch with an exponent of many digits": "1790831167E-13038",
    "one far from all times": "1E-84000000",
    "an epoch with separators": "1,790,831,167",
    "hexadecimal": "0x6ABE1B3F",
    "hexadecimal in capitals": "0X6ABE1B3F",
    "hexadecimal without a prefix": "6ABE1B3F",
    "infinity": "inf",
    "not a number": "NaN",
}


# What is no instant without a guess, and what is said of it.
NAMED = {
    "the day or the month first": ("10/05/2026 05:06:07", "which of 10 and 05 is the day"),
    "the same, as a portal exports it": ("10/5/2026, 5:06:07.000 AM", "which of 10 and 5 is the day"),
    "the same, with points": ("05.10.2026 05:06:07", "which of 05 and 10 is the day"),
    "a date alone": ("2026-10-05", "a time of day"),
    "no year": ("Oct  5 13:06:07", "a time with its year"),
    "a zone of several meanings": ("2026-10-05 13:06:07 CST", "CST is the name of several zones"),
    "a month in another language": ("05/Okt/2026:13:06:07 +0800", "an English month, such as Oct, not 'Okt'"),
    "separators of thousands": ("1,791,176,767", "without separators"),
    "digits that a spreadsheet has lost": ("1.79118E+12", "scientific notation"),
    "another day of the week": ("Fri, 01 Oct 2026 05:06:07 GMT", "a day of the week that goes with the date"),
    "a leap second where none can be": ("2026-10-05T05:06:60Z", "a leap second comes at the end of a day"),
    "an hour past 24": ("2026-10-05T24:00:01Z", "ISO 8601 with a time of day"),
    "a zone without its offset": ("2026-10-05T13:06:07[Asia/Shanghai]", "ISO 8601 with a time of day"),
    "a bracket that is not closed": ("[05/Oct/2026:13:06:07 +0800", "ISO 8601 with a time of day"),
    "before 1970": ("1969-12-31T23:59:59Z", "the years 1970 to 2199"),
}


@pytest.mark.parametrize(("text", "said"), NAMED.values(), ids=NAMED)
def test_what_is_no_instant_without_a_guess_is_refused_by_its_name(text: str, said: str) -> None:
    assert instant_of(text, SHANGHAI) == (None, False)
    assert said in str(expected_of(text, SHANGHAI))


@pytest.mark.parametrize(("text", "does"), [("2026-11-01T01:30:00", "repeat"), ("2026-03-08T02:30:00", "skip")])
def test_an_hour_that_clocks_repeat_or_skip_is_refused_by_that_name(text: str, does: str) -> None:
    assert f"the clocks of America/New_York {does} this hour (daylight saving)" in str(expected_of(text, NEW_YORK))


# With the order of day and month known, as a dialect states it.
ORDERED = [
    ("month/day/year", "10/1/2026, 5:06:07.000 AM", SHANGHAI_05_06_07),
    ("day/month/year", "01/10/2026 05:06:07", SHANGHAI_05_06_07),
    ("day/month/year", "01.10.2026 05:06:07", SHANGHAI_05_06_07),
    ("month/day/year", "9/30/2026, 12:00:00 AM", 1_790_697_600),
    ("month/day/year", "9/30/2026, 12:00:00 PM", 1_790_697_600 + 12 * 3600),
]


@pytest.mark.parametrize(("order", "text", "second"), ORDERED)
def test_a_date_whose_order_is_known(order: DateOrder, text: str, second: int) -> None:
    assert time_forms.read(text, SHANGHAI, order) == (second * MICROSECONDS, True)


@pytest.mark.parametrize("text", ["30/9/2026 05:06:07", "9/30/2026, 13:00:00 PM", "9/30/2026, 0:30:00 AM"])
def test_a_date_that_the_order_does_not_fit(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        time_forms.read(text, SHANGHAI, "month/day/year")


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_text_that_is_no_timestamp(text: str) -> None:
    assert instant_of(text, SHANGHAI) == (None, False)


@pytest.mark.parametrize(
    "text",
    ["1970-01-02T07:59:59.999999", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "2199-12-31T08:00:00"],
    ids=["still the first day in UTC", "the first there is", "the last there is", "the last day in UTC"],
)
def test_local_times_outside_the_years_that_can_be_audited(text: str) -> None:
    assert instant_of(text, SHANGHAI)[0] is None


def test_the_last_local_moment_that_can_be_audited() -> None:
    assert instant_of("2199-12-31T07:59:59.999999", SHANGHAI) == (7_258_031_999_999_999, True)


def test_what_is_unreadable_in_a_column_is_null_and_the_rest_is_read() -> None:
    column = pa.array(["2026-10-01T05:06:07Z", "yesterday", None, "1790831167", ""])

    instants = read_instants(column, SHANGHAI)

    assert microseconds(instants.values) == [1_790_831_167_000_000, None, None, 1_790_831_167_000_000, None]
    assert not instants.local


TYPED: list[tuple[str, list[Any], pa.DataType, list[int | None], bool]] = [
    ("zoned, s", [UTC_05_06_07], pa.timestamp("s", "UTC"), [1_790_831_167_000_000], False),
    ("zoned, ms", [UTC_05_06_07 * 10**3 + 123], pa.timestamp("ms", "UTC"), [1_790_831_167_123_000], False),
    ("zoned, us", [UTC_05_06_07 * 10**6 + 123_456], pa.timestamp("us", "UTC"), [1_790_831_167_123_456], False),
    ("zoned, ns", [UTC_05_06_07 * 10**9 + 123_456_789], pa.timestamp("ns", "UTC"), [1_790_831_167_123_456], False),
    (
        "zoned elsewhere, the same instant",
        [UTC_05_06_07],
        pa.timestamp("s", "America/New_York"),
        [1_790_831_167_000_000],
        False,
    ),
    ("zoned by an offset", [UTC_05_06_07 * 10**3], pa.timestamp("ms", "+04:30"), [1_790_831_167_000_000], False),
    ("naive, s", [UTC_05_06_07], pa.timestamp("s"), [1_790_802_367_000_000], True),
    ("naive, ms", [UTC_05_06_07 * 10**3 + 123], pa.timestamp("ms"), [1_790_802_367_123_000], True),
    ("naive, us", [UTC_05_06_07 * 10**6 + 123_456], pa.timestamp("us"), [1_790_802_367_123_456], True),
    ("naive, ns", [UTC_05_06_07 * 10**9 + 123_456_789], pa.timestamp("ns"), [1_790_802_367_123_456], True),
    ("zoned with nulls", [None, UTC_05_06_07], pa.timestamp("s", "UTC"), [None, 1_790_831_167_000_000], False),
    ("naive with nulls", [None, UTC_05_06_07], pa.timestamp("s"), [None, 1_790_802_367_000_000], True),
    ("epoch s, int64", [UTC_05_06_07, None], pa.int64(), [1_790_831_167_000_000, None], False),
    ("epoch s, int32", [UTC_05_06_07], pa.int32(), [1_790_831_167_000_000], False),
    ("epoch s, uint32", [UTC_05_06_07], pa.uint32(), [1_790_831_167_000_000], False),
    ("epoch ms, int64", [1_790_831_167_123], pa.int64(), [1_790_831_167_123_000], False),
    ("epoch us, int64", [1_790_831_167_123_456], pa.int64(), [1_790_831_167_123_456], False),
    ("epoch ns, int64", [1_790_831_167_123_456_789], pa.int64(), [1_790_831_167_123_456], False),
    ("epoch ns, uint64", [1_790_831_167_123_456_789], pa.uint64(), [1_790_831_167_123_456], False),
    (
        "epoch integers of mixed units",
        [1_790_831_167, 1_790_831_167_123, 1_790_831_167_123_456, 1_790_831_167_123_456_789, None, 5, -1],
        pa.int64(),
        [1_790_831_167_000_000, 1_790_831_167_123_000, 1_790_831_167_123_456, 1_790_831_167_123_456, None, None, None],
        False,
    ),
    ("integers that are no epoch", [0, 946_684_799], pa.int64(), [None, None], False),
    ("nothing but nulls", [None, None], pa.int64(), [None, None], False),
    (
        "epoch s, float64",
        [1_790_831_167.0, 1_790_831_167.5],
        pa.float64(),
        [1_790_831_167_000_000, 1_790_831_167_500_000],
        False,
    ),
    (
        "epoch ms, float64",
        [1_790_831_167_123.0, 1_790_831_167_123.5],
        pa.float64(),
        [1_790_831_167_123_000, 1_790_831_167_123_500],
        False,
    ),
    ("a float means the decimal that it prints as", [1_790_831_167.123], pa.float64(), [1_790_831_167_123_000], False),
    ("epoch ns, float64", [1.5e18], pa.float64(), [1_500_000_000_000_000], False),
    (
        "floats that are none",
        [float("nan"), float("inf"), -1.0, None, 0.0],
        pa.float64(),
        [None, None, None, None, None],
        False,
    ),
    ("epoch s, decimal", [Decimal("1790831167.123456")], pa.decimal128(20, 6), [1_790_831_167_123_456], False),
    (
        "epoch ms, decimal",
        [Decimal("1790831167123.25"), None],
        pa.decimal128(20, 2),
        [1_790_831_167_123_250, None],
        False,
    ),
    (
        "decimals of many digits, cut",
        [Decimal("1790831167.9999999999999999999999999999")],
        pa.decimal256(60, 28),
        [1_790_831_167_999_999],
        False,
    ),
    ("text of many digits, cut", ["1790831167." + "9" * 40], pa.string(), [1_790_831_167_999_999], False),
    ("large text", ["2026-10-01T05:06:07Z"], pa.large_string(), [1_790_831_167_000_000], False),
    (
        "text as a dictionary",
        ["1790831167", "x", "1790831167"],
        pa.dictionary(pa.int32(), pa.string()),
        [1_790_831_167_000_000, None, 1_790_831_167_000_000],
        False,
    ),
    ("text of epoch ms with fractions", ["1790831167123.999"], pa.string(), [1_790_831_167_123_999], False),
    ("no rows", [], pa.string(), [], False),
]


@pytest.mark.parametrize(
    ("values", "kind", "expected", "local"), [case[1:] for case in TYPED], ids=[case[0] for case in TYPED]
)
def test_one_column_of_any_type(values: list[Any], kind: pa.DataType, expected: list[int | None], local: bool) -> None:
    instants = read_instants(pa.array(values, kind), SHANGHAI)

    assert microseconds(instants.values) == expected
    assert instants.values.type.tz == "UTC"
    assert instants.local is local


@pytest.mark.parametrize("kind", [pa.timestamp("ms", "UTC"), pa.timestamp("ms"), pa.int64()], ids=str)
def test_a_dictionary_of_instants_is_read_as_its_values(kind: pa.DataType) -> None:
    plain = pa.array([1_790_831_167_000, None, 1_790_831_167_000], pa.int64()).cast(kind)

    as_dictionary = read_instants(plain.dictionary_encode(), SHANGHAI)

    seconds = 1_790_802_367 if kind == pa.timestamp("ms") else 1_790_831_167
    assert microseconds(as_dictionary.values) == [seconds * MICROSECONDS, None, seconds * MICROSECONDS]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_zoned_timestamps_and_epoch_numbers_keep_their_unit(unit: str) -> None:
    count = 1_790_831_167 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit] + (unit != "s") * 7
    for kind in (pa.timestamp(unit, "America/New_York"), pa.int64()):
        values = read_instants(pa.array([count], pa.int64()).cast(kind), SHANGHAI).values

        assert values.type == pa.timestamp(unit, "UTC")
        assert values.cast(pa.int64()).to_pylist() == [count]


@pytest.mark.parametrize(
    "kind",
    [
        pa.date32(),
        pa.date64(),
        pa.time64("us"),
        pa.bool_(),
        pa.duration("s"),
        pa.binary(),
        pa.list_(pa.int64()),
        pa.null(),
    ],
    ids=str,
)
def test_a_type_that_holds_no_instants_is_refused(kind: pa.DataType) -> None:
    with pytest.raises(TypeError, match=rf"^type {kind.__str__().replace('[', '.').replace(']', '.')}"):
        read_instants(pa.array([None], kind), SHANGHAI)


COARSE: list[tuple[pa.DataType, list[float | None], str]] = [
    (pa.float32(), [None, 1_793_462_399.0], "type float32, which holds times only in steps of 128 s"),
    (pa.float32(), [1_793_462_399_000.0], "type float32, which holds times only in steps of 131.072 s"),
    (pa.float32(), [float("nan"), None], "type float32, which has 24 binary digits, too few for a time"),
    (pa.float16(), [60000.0], "type float16, which ends at 65504, before any time of the years 2000 to 2100"),
]


@pytest.mark.parametrize(("kind", "values", "expected"), COARSE)
@pytest.mark.parametrize("dictionary", [False, True])
def test_floats_too_small_for_a_time_are_refused(
    kind: pa.DataType, values: list[Any], expected: str, *, dictionary: bool
) -> None:
    small = np.float16 if kind == pa.float16() else np.float32
    column = pa.array([None if value is None else small(value) for value in values], kind)
    if dictionary and kind != pa.float16():  # of which Arrow makes none
        column = column.dictionary_encode()
    with pytest.raises(TypeError) as refused:
        read_instants(column, SHANGHAI)
    assert str(refused.value) == expected


# New York puts its clocks forward at 02:00 on 2026-03-08 and back at 02:00 on 2026-11-01.
CLOCK_CHANGES: list[tuple[str, str, int | None]] = [
    ("the last microsecond before the skipped hour", "2026-03-08T01:59:59.999999", 1_772_953_199_999_999),
    ("the first moment of the skipped hour", "2026-03-08T02:00:00.000000", None),
    ("in the middle of the skipped hour", "2026-03-08T02:30:00.000000", None),
    ("the last microsecond of the skipped hour", "2026-03-08T02:59:59.999999", None),
    ("the first moment after the skipped hour", "2026-03-08T03:00:00.000000", 1_772_953_200_000_000),
    ("the last microsecond before the repeated hour", "2026-11-01T00:59:59.999999", 1_793_509_199_999_999),
    ("the first moment of the repeated hour", "2026-11-01T01:00:00.000000", None),
    ("in the middle of the repeated hour", "2026-11-01T01:30:00.000000", None),
    ("the last microsecond of the repeated hour", "2026-11-01T01:59:59.999999", None),
    ("the first moment after the repeated hour", "2026-11-01T02:00:00.000000", 1_793_516_400_000_000),
    ("an ordinary day", "2026-10-01T05:06:07.000000", NEW_YORK_05_06_07 * MICROSECONDS),
]


@pytest.mark.parametrize("form", ["text", "s", "ms", "us", "ns", "two columns"])
def test_an_hour_that_the_clock_skips_or_repeats_is_not_one_instant(form: str) -> None:
    texts = [text for _, text, _ in CLOCK_CHANGES]
    expected = [instant for _, _, instant in CLOCK_CHANGES]
    if form == "text":
        instants = read_instants(pa.array(texts), NEW_YORK)
    elif form == "two columns":
        days, clocks = zip(*(text.split("T") for text in texts), strict=True)
        instants = read_date_and_time(pa.array(days), pa.array(clocks), NEW_YORK)
    else:
        column = pa.array(texts).cast(pa.timestamp("us")).cast(pa.timestamp(form), safe=False)
        coarse = {"s": MICROSECONDS, "ms": 1_000, "us": 1, "ns": 1}[form]
        expected = [instant and instant // coarse * coarse for instant in expected]
        instants = read_instants(column, NEW_YORK)

    assert microseconds(instants.values) == expected
    assert instants.local


def test_an_offset_settles_the_hour_that_the_clock_repeats() -> None:
    assert instant_of("2026-11-01T01:30:00-04:00", NEW_YORK) == (1_793_511_000_000_000, False)
    assert instant_of("2026-11-01T01:30:00-05:00", NEW_YORK) == (1_793_514_600_000_000, False)


TWO_COLUMNS: list[tuple[str, pa.Array, pa.Array, list[int | None], bool]] = [
    (
        "text",
        pa.array(["2026-10-01", "2026-10-02", "2026-10-01"]),
        pa.array(["05:06:07", "05:06:07", "05:06:08"]),
        [1_790_802_367_000_000, 1_790_888_767_000_000, 1_790_802_368_000_000],
        True,
    ),
    ("text without seconds", pa.array(["2026-10-01"]), pa.array(["05:06"]), [1_790_802_360_000_000], True),
    ("text with a fraction", pa.array(["2026-10-01"]), pa.array(["05:06:07.25"]), [1_790_802_367_250_000], True),
    ("text with a zone in the time", pa.array(["2026-10-01"]), pa.array(["05:06:07Z"]), [1_790_831_167_000_000], False),
    (
        "text with an offset in the time",
        pa.array(["2026-10-01"]),
        pa.array(["05:06:07+0430"]),
        [PLUS_0430 * MICROSECONDS],
        False,
    ),
    (
        "date32 and time64[us]",
        pa.array([date(2026, 10, 1)]),
        pa.array([time(5, 6, 7, 123_456)]),
        [1_790_802_367_123_456],
        True,
    ),
    (
        "date32 and time64[ns], whole microseconds",
        pa.array([date(2026, 10, 1)]),
        pa.array([18_367_123_456_000], pa.time64("ns")),
        [1_790_802_367_123_456],
        True,
    ),
    (
        "date32 and time32[s]",
        pa.array([date(2026, 10, 1)]),
        pa.array([18_367], pa.time32("s")),
        [1_790_802_367_000_000],
        True,
    ),
    (
        "date32 and time32[ms]",
        pa.array([date(2026, 10, 1)]),
        pa.array([18_367_123], pa.time32("ms")),
        [1_790_802_367_123_000],
        True,
    ),
    ("date32 and text", pa.array([date(2026, 10, 1)]), pa.array(["05:06:07"]), [1_790_802_367_000_000], True),
    ("midnight", pa.array([date(2026, 10, 1)]), pa.array([time(0, 0)]), [1_790_784_000_000_000], True),
    (
        "a missing or unreadable half",
        pa.array(["2026-10-01", None, "2026-10-01", "", "1 October"]),
        pa.array([None, "05:06:07", "noon", "05:06:07", "05:06:07"]),
        [None, None, None, None, None],
        False,
    ),
    (
        "dictionaries",
        pa.array(["2026-10-01", "2026-10-02", None]).dictionary_encode(),
        pa.array(["05:06:07", "05:06:07", "05:06:07"]).dictionary_encode(),
        [1_790_802_367_000_000, 1_790_888_767_000_000, None],
        True,
    ),
    ("no rows", pa.array([], pa.string()), pa.array([], pa.string()), [], False),
]


@pytest.mark.parametrize(
    ("dates", "times", "expected", "local"), [case[1:] for case in TWO_COLUMNS], ids=[case[0] for case in TWO_COLUMNS]
)
def test_two_columns_date_and_time(dates: pa.Array, times: pa.Array, expected: list[int | None], local: bool) -> None:
    instants = read_date_and_time(dates, times, SHANGHAI)

    assert microseconds(instants.values) == expected
    assert instants.local is local


CSV_TYPES = [
    ("2026-10-01T05:06:07Z", pa.timestamp("ns", "UTC")),
    ("2026-10-01 05:06:07+08:00", pa.timestamp("ns", "UTC")),
    ("2026-10-01T05:06:07.123", pa.string()),
    ("2026-10-01T05Z", pa.timestamp("ns", "UTC")),
    ("2026-10-01", pa.string()),
    ("2026-10-01Z", pa.string()),
    ("1790831167", pa.string()),  # Arrow would take hexadecimal, or an exponent, in a later row
    ("0x6ABE1B3F", pa.string()),
    ("1790831167.5", pa.string()),
    ("01/Oct/2026:05:06:07 +0800", pa.string()),
    ("", pa.string()),
    ("-", pa.string()),
    ("١٧٩٠٨٣١١٦٧", pa.string()),
]


@pytest.mark.parametrize(("sample", "expected"), CSV_TYPES, ids=[repr(sample) for sample, _ in CSV_TYPES])
def test_the_first_value_tells_how_arrow_may_read_a_csv_column(sample: str, expected: pa.DataType) -> None:
    assert csv_type(sample) == expected


# Every moment from 2000 to 2100 in whole microseconds, and every offset that a clock on earth may have.
MOMENTS = st.integers(946_684_800_000_000, 4_102_444_799_999_999)
OFFSETS = st.integers(-14 * 60, 14 * 60)


@given(MOMENTS, OFFSETS, st.sampled_from("T "), st.booleans())
def test_the_same_instant_under_any_offset_is_the_same(moment: int, offset: int, separator: str, colon: bool) -> None:
    written = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)
    text = written.astimezone(timezone(timedelta(minutes=offset))).isoformat(separator, "microseconds")
    if not colon:
        text = text[:-3] + text[-2:]

    assert instant_of(text, SHANGHAI) == (moment, False)


@given(MOMENTS)
def test_an_epoch_number_is_the_same_in_every_unit_that_holds_it(moment: int) -> None:
    assert instant_of(moment, SHANGHAI) == (moment, False)
    assert instant_of(moment * 1_000, SHANGHAI) == (moment, False)
    assert instant_of(f"{moment // 1_000}.{moment % 1_000:03}", SHANGHAI) == (moment, False)
    assert instant_of(f"{moment // 1_000_000}.{moment % 1_000_000:06}", SHANGHAI) == (moment, False)


FAR = {
    "the first second there is": (-62_135_596_800, False),
    "the last second of the first day of 1970": (86_399, False),
    "the first second": (86_400, True),
    "the last second": (7_258_031_999, True),
    "the first second of the last day of 2199": (7_258_032_000, False),
    "the last second there is": (253_402_300_799, False),
    "the first second that Python has no date for": (253_402_300_800, False),
}


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize(("second", "sound"), FAR.values(), ids=FAR)
def test_instants_beyond_the_years_that_can_be_audited_become_null(unit: str, second: int, sound: bool) -> None:
    count = second * {"s": 1, "ms": 10**3, "us": 10**6}[unit]
    other = 10**9 * {"s": 1, "ms": 10**3, "us": 10**6}[unit]
    column = pa.array([count, other, None], pa.timestamp(unit, "UTC"))

    assert within_reach(column).cast(pa.int64()).to_pylist() == [count if sound else None, other, None]


@pytest.mark.parametrize("count", [-(2**63), 2**63 - 1], ids=["the least", "the greatest"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_ends_of_what_arrow_can_hold_are_out_of_reach(count: int, unit: str, zone: str) -> None:
    other = 10**9 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    column = pa.array([count, other], pa.timestamp(unit, zone))

    assert within_reach(read_instants(column, SHANGHAI).values).cast(pa.int64()).to_pylist() == [None, other]
