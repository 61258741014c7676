"""Exclusions laid over the days of a tally."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sla_audit.commands.audit import take_tally
from sla_audit.commands.count import Logs
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.model import Contract
from sla_audit.intake.rejects import Tolerance

CONTRACT = load_contract(BUILT_IN)


HEADER = "timestamp,account_id,status,content_flag,client_aborted,region,api\n"


DAYS = {
    # A 500 fails under the broad reading only; the last request of the day is of the month before in UTC.
    "day1.csv": HEADER
    + "2026-10-01T09:00:00+08:00,A,200,,,north,/v1\n"
    + "2026-10-01T12:00:00+08:00,A,499,,,north,/v1\n"
    + "2026-10-01T18:00:00+08:00,B,500,,,east,/v2\n"
    + "2026-10-01T00:00:00+08:00,B,200,,,east,/v2\n",
    "day2.csv": HEADER
    + "2026-10-02T10:00:00+08:00,A,502,,,north,/v1\n"
    + "2026-10-02T10:30:00+08:00,A,200,,,north,/v1\n"
    + "2026-10-02T15:00:00+08:00,B,-,,,east,/v2\n"
    + "2026-10-02T16:00:00+08:00,B,503,gambling,,east,/v1\n"
    + "2026-10-02T17:00:00+08:00,A,504,,true,north,/v2\n",
    "day3.csv": HEADER
    + "2026-10-03T10:00:00+08:00,A,200,,,north,/v1\n" * 3
    + "2026-10-03T11:00:00+08:00,B,302,,,east,/v2\n"
    + "2026-10-03T12:00:00+08:00,B,429,,,,/v2\n",
    "november.csv": HEADER + "2026-11-01T00:00:00+08:00,A,502,,,north,/v1\n",
}


EVERY_DAY = tuple(DAYS)


BILLING = "account_id,cycle,service_fee,cash_paid\nA,2026-10,1000.00,100.00\nB,2026-10,1000.00,900.00\n"


EXCLUSIONS = "id,clause,starts_at,ends_at,notified_at,accounts,regions\n"


def tally_of(
    *logs: str, to: str, exclusions: str | None = None, keep: tuple[str, ...] = (), contract: Contract = CONTRACT
) -> str:
    """Count logs into a file, and give its name."""
    taken = take_tally(Logs(logs, tolerance=Tolerance(rows=9)), contract, exclusions and Path(exclusions), keep)
    Path(to).write_bytes(taken.content)
    return to


def asserted(*windows: str) -> str:
    """Write exclusions down as W0, W1 and so on, and give the name of their file."""
    Path("exclusions.csv").write_text(EXCLUSIONS + "".join(f"W{at},{line}\n" for at, line in enumerate(windows)))
    return "exclusions.csv"


@dataclass(frozen=True)
class Case:
    """Windows that come after the tally: clause, start, end, notice, accounts, regions; and the ids of the refused."""

    sentence: str
    windows: tuple[str, ...]
    refused: tuple[str, ...] = ()


WHOLE_DAY_2 = "2026-10-02T00:00:00+08:00,2026-10-03T00:00:00+08:00"


TWO_HOURS = "2026-10-02T09:00:00+08:00,2026-10-02T11:00:00+08:00"


PARTED = [
    Case("hours of a day with failures", (f"11,{TWO_HOURS},,,",), ("W0",)),
    Case(
        "hours without the failures of the day", ("11,2026-10-02T01:00:00+08:00,2026-10-02T02:00:00+08:00,,,",), ("W0",)
    ),
    Case("from some hour on", ("11,2026-10-02T09:00:00+08:00,2026-10-03T00:00:00+08:00,,,",), ("W0",)),
    Case("up to some hour", ("11,2026-10-01T00:00:00+08:00,2026-10-02T09:00:00+08:00,,,",), ("W0",)),
    Case("up to some hour of a day after", ("11,2026-10-02T00:00:00+08:00,2026-11-01T00:00:01+08:00,,,",), ("W0",)),
    Case("all of a day but a thousandth", ("11,2026-10-02T00:00:00.001+08:00,2026-10-03T00:00:00+08:00,,,",), ("W0",)),
    Case("a day of UTC", ("11,2026-10-02T00:00:00Z,2026-10-03T00:00:00Z,,,",), ("W0",)),
    Case("hours for an account with failures", (f"11,{TWO_HOURS},,A,",), ("W0",)),
    Case("hours for a region with failures", (f"11,{TWO_HOURS},,,east;west",), ("W0",)),
    Case("hours announced in time", (f"1,{TWO_HOURS},2026-10-01T09:00:00+08:00,,",), ("W0",)),
    Case(
        "hours of a day on which requests fail under another reading",
        ("11,2026-10-01T09:00:00+08:00,2026-10-01T11:00:00+08:00,,B,",),
        ("W0",),
    ),
    Case(
        "two windows that cover a day together, as no single one does",
        (
            "11,2026-10-02T00:00:00+08:00,2026-10-02T12:00:00+08:00,,,",
            "11,2026-10-02T12:00:00+08:00,2026-10-03T00:00:00+08:00,,,",
        ),
        ("W0", "W1"),
    ),
    Case("hours that come before what covers the day", (f"11,{WHOLE_DAY_2},,,", f"2,{TWO_HOURS},,,"), ("W1",)),
    Case("hours that stand before the same clause for the day", (f"2,{TWO_HOURS},,,", f"2,{WHOLE_DAY_2},,,"), ("W0",)),
    Case("hours of which another covers one account", (f"2,{WHOLE_DAY_2},,A,", f"11,{TWO_HOURS},,,"), ("W1",)),
    Case(
        "hours that a refused one would cover",
        (f"1,{WHOLE_DAY_2},,,", f"11,{TWO_HOURS},,,"),
        ("W1",),
    ),
]


WHOLE = [
    Case("a whole day", (f"11,{WHOLE_DAY_2},,,",)),
    Case("many whole days", ("11,2026-09-01T00:00:00+08:00,2026-12-01T00:00:00+08:00,,,",)),
    Case("hours of a day of successes", ("11,2026-10-03T09:00:00+08:00,2026-10-03T10:30:00+08:00,,,",)),
    Case("whole days, and hours of a day of successes", ("3,2026-10-02T00:00:00+08:00,2026-10-03T10:30:00+08:00,,,",)),
    Case("hours of a day without a log", ("11,2026-10-14T09:00:00+08:00,2026-10-14T10:30:00+08:00,,,",)),
    Case("hours for an account that is not there", (f"11,{TWO_HOURS},,C,",)),
    Case("hours for an account that did not fail that day", ("11,2026-10-01T01:00:00Z,2026-10-01T02:00:00Z,,A,",)),
    Case("hours for a region that is not there", (f"11,{TWO_HOURS},,,west",)),
    Case("hours for the region of another account", (f"11,{TWO_HOURS},,A,east",)),
    Case("hours that were not announced", (f"1,{TWO_HOURS},,,", f"1,{TWO_HOURS},2026-10-02T09:00:00+08:00,,")),
    Case("hours of a day that a lower clause covers", (f"11,{TWO_HOURS},,,", f"2,{WHOLE_DAY_2},,,")),
    Case("hours of a day that the same clause covers before", (f"2,{WHOLE_DAY_2},,,", f"2,{TWO_HOURS},,,")),
    Case("hours for one account that a lower clause covers", (f"2,{WHOLE_DAY_2},,A,", f"11,{TWO_HOURS},,A,")),
]
