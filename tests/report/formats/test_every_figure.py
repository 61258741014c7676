"""Every figure that a format shows is that of the JSON, or a sum of its figures: for reports drawn at random."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

import icalendar
import openpyxl
import polars as pl
import pytest
from rich.console import Console

from sla_audit.commands.claims import claims_of
from sla_audit.model.calendar import INSTALLED
from sla_audit.report.document import Report
from sla_audit.report.formats.html.data import page_data
from sla_audit.report.formats.ics import render_calendar
from sla_audit.report.formats.json_file import render_json
from sla_audit.report.formats.markdown import render_markdown
from sla_audit.report.formats.prometheus import render_metrics
from sla_audit.report.formats.xlsx.workbook import render_workbook
from sla_audit.report.language import ENGLISH
from sla_audit.report.terminal.report import print_report
from tests.builders.reports.by_hand import BROAD, CONTRACT, LITERAL, NOT_OWED, UNDETERMINED, a_report

CYCLES = {
    "2026-08": {"opens_on": "2026-09-04", "closes_on": "2026-09-30"},
    "2026-09": {"opens_on": "2026-10-13", "closes_on": "2026-10-31"},
    "2026-10": {"opens_on": "2026-11-05", "closes_on": "2026-11-30"},
    "2026-11": {"opens_on": "2026-12-04", "closes_on": "2026-12-31"},
}
MONEY = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})*\.\d{2}(?!\d|[.,]\d)")
Row = dict[str, Any]
Figures = dict[tuple[str, str], tuple[int, int, str | None, Decimal | None]]
"""Of each account and cycle: requests counted, failures, the rate in percent, and what is owed."""


def drawn(seed: int) -> Report:
    """Draw a report of a few cycles, the last of which may run; more results than any list for people has."""
    chance = random.Random(seed)
    cycles = chance.sample(list(CYCLES), chance.randint(1, 4))
    rows = [_row(chance, f"a{number:03}", cycle) for cycle in cycles for number in range(chance.choice((1, 20, 70)))]
    readings = {name: _together(row[f"{name}/compensation"] for row in rows) for name in ("literal", "broad")}
    totals = {
        "accounts": len({row["account_id"] for row in rows}),
        "breached": sum(row["credit_rate"] != "0" for row in rows),
        "owed": sum(row["decision"] == "owed" for row in rows),
        **readings["literal"],
        "readings": readings,
    }
    return a_report(*sorted(rows, key=lambda row: (row["account_id"], row["cycle"])), totals=totals)


def _row(chance: random.Random, account: str, cycle: str) -> Row:
    success, failed, fee = chance.randint(0, 10**7), chance.randint(1, 10**5), Decimal(chance.randint(1, 10**8)) / 100
    rate = f"{Decimal(success * 10**6 // (success + failed)) / 10**6:.6f}"
    figures = {"success": success, "explicit_failure": failed, "success_rate": rate, "requests": success + failed + 20}
    amount = {"service_fee": f"{fee:.2f}", "cash_paid": f"{fee:.2f}", "compensation": f"{fee * 3 / 20:.2f}"}
    kind: Row = chance.choice(({}, {}, NOT_OWED, UNDETERMINED))
    if cycle == "2026-11":
        estimate = chance.choice((None, f"{fee / 7:.2f}"))
        kind = UNDETERMINED | {"reason": "cycle_running", "estimate": estimate}
    row = LITERAL | amount | kind | figures | CYCLES[cycle] | {"account_id": account, "cycle": cycle}
    other = {name: row[name] for name in BROAD} | ({} if kind else {"compensation": f"{fee * 6 / 10:.2f}"})
    own = {f"literal/{name}": row[name] for name in LITERAL}
    return row | own | {f"broad/{name}": value for name, value in other.items()}


def _together(amounts: Iterable[str | None]) -> Row:
    known = list(amounts)
    total = sum((Decimal(each) for each in known if each is not None), Decimal(0))
    unknown = known.count(None)
    return {"compensation": None if unknown and not total else f"{total:.2f}", "undetermined": unknown}


def in_json(report: Report) -> list[Row]:
    results: list[Row] = json.loads(render_json(report))["results"]
    return results


def figures(results: Iterable[Row]) -> Figures:
    return {
        (each["account_id"], each["cycle"]): (
            each["success"] + each["explicit_failure"],
            each["explicit_failure"],
            f"{Decimal(each['success_rate']) * 100:.4f}",
            None if each["compensation"] is None else Decimal(each["compensation"]),
        )
        for each in results
    }


def sums(results: Iterable[Row]) -> dict[str, tuple[int, int, Decimal | None]]:
    """Add up by cycle and, under "", all; nothing of one result alone, and by cycle only where there are several."""
    listed = list(results)
    parts = {cycle: [each for each in listed if each["cycle"] == cycle] for cycle in {each["cycle"] for each in listed}}
    wanted = {"": listed} | (parts if len(parts) > 1 else {})
    return {cycle: _summed(part) for cycle, part in wanted.items()} if len(listed) > 1 else {}


def _summed(part: list[Row]) -> tuple[int, int, Decimal | None]:
    failed = sum(each["explicit_failure"] for each in part)
    owed = _together(each["compensation"] for each in part)["compensation"]
    return sum(each["success"] for each in part) + failed, failed, None if owed is None else Decimal(owed)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def owed(text: str) -> Decimal | None:
    return None if text == "?" else Decimal(text.removeprefix("at least ").replace(",", ""))


def markdown(report: Report) -> str:
    return render_markdown(report, CONTRACT).decode()


def printed(report: Report, width: int, show: Any = "all") -> str:
    file = io.StringIO()
    print_report(report, CONTRACT, show, Console(file=file, width=width))
    return file.getvalue()


def below(results: list[Row]) -> list[Row]:
    return [each for each in results if each["credit_rate"] != "0" or each["readings_differ"]]


@pytest.fixture(params=range(6))
def report(request: pytest.FixtureRequest) -> Report:
    return drawn(request.param)


def test_markdown(report: Report) -> None:
    results = below(in_json(report))
    text = markdown(report).split("\n## Results\n")[1].split("\n## ")[0].replace("**", "")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")][2:]
    of_accounts = [row for row in rows if row[0] != "Total"]
    found = {(row[0].strip("`"), row[1]): (number(row[2]), number(row[3]), row[4], owed(row[5])) for row in of_accounts}
    assert len(found) == min(len(results), 200)
    assert found.items() <= figures(results).items()
    totals = {row[1].strip(): (number(row[2]), number(row[3]), owed(row[5])) for row in rows if row[0] == "Total"}
    assert totals == sums(results)
    cut = len(results) - len(found)
    left = [each for each in results if (each["account_id"], each["cycle"]) not in found]
    assert f"and {cut:,} more, " in text if cut else "more, " not in text
    amount = _together(each["compensation"] for each in left)["compensation"]
    assert amount is None or not cut or f"{Decimal(amount):,} CNY" in text


def test_the_workbook(report: Report) -> None:
    results, book = in_json(report), openpyxl.load_workbook(io.BytesIO(render_workbook(report, CONTRACT)))
    header, *rows = book["results"].iter_rows(values_only=True)
    named = [dict(zip([str(title).split("\n")[0] for title in header], row, strict=True)) for row in rows]
    found = {
        (row["Account"], row["Cycle"]): (
            row["Success"] + row["Failures"],
            row["Failures"],
            f"{Decimal(str(row['Success rate'])) * 100:.4f}",
            None if row["Compensation"] is None else Decimal(str(row["Compensation"])),
        )
        for row in named
        if row["Account"] != "Total"
    }
    assert found == figures(results)
    last = len(results) if len({each["cycle"] for each in results}) == 1 else None
    totals = {
        ("" if last or row["Cycle"] is None else row["Cycle"]): (
            row["Success"] + row["Failures"],
            row["Failures"],
            None if row["Compensation"] is None else Decimal(str(row["Compensation"])),
        )
        for row in named
        if row["Account"] == "Total"
    }
    assert totals == sums(results)


@pytest.mark.parametrize("width", [45, 80, 200])
def test_the_terminal(report: Report, width: int) -> None:
    text, results = printed(report, width), in_json(report)
    assert max(len(line) for line in text.splitlines() if line.startswith("a0")) <= width
    lines: dict[str, list[str]] = {}
    for line in text.splitlines():
        lines.setdefault(line[:4], []).append(line)
    for (account, cycle), (counted, failed, rate, amount) in figures(results).items():
        shown = "?" if amount is None else f"{amount:,}"
        several = rf".*?\b{cycle}" if len({each["cycle"] for each in results}) > 1 else ""
        if width == 200:
            figures_said = rf"{counted:,} +{failed:,} +{re.escape(rate or '-')}"
            row = rf"{account}{several} +{figures_said} .*? {re.escape(shown)}(?!\S)"
        else:
            row = rf"{account} .*{re.escape(shown)}(?!\S)"
        assert any(re.match(row, line) for line in lines[account]), (account, cycle)
    for cycle, (_, _, total) in sums(results).items():
        amount_said = "?" if total is None else f"{total:,}"
        assert re.search(rf"(?m)^Total\b.*{re.escape(amount_said)}(?!\S)", text), cycle


def test_the_data_of_the_page(report: Report) -> None:
    columns = page_data(report, CONTRACT, 3, ENGLISH)["columns"]
    names = ("account", "cycle", "counted", "explicit_failure", "success_rate", "compensation")
    rows = zip(*(_whole(columns[name]) for name in names), strict=True)
    found = {
        (account, cycle): (
            counted,
            failed,
            f"{Decimal(rate) * 100:.4f}",
            None if amount is None else Decimal(amount),
        )
        for account, cycle, counted, failed, rate, amount in rows
    }
    assert found == figures(in_json(report))


def _whole(column: Any) -> list[Any]:
    """Give a column of the page's data, of which each value may stand once, with the places of them."""
    return [column["values"][at] for at in column["places"]] if isinstance(column, dict) else column


def test_metrics(report: Report) -> None:
    results, text = in_json(report), render_metrics(report, CONTRACT).decode()
    known = {(each["account_id"], each["cycle"]): each for each in results}
    for name, column in (
        ("compensation", "compensation"),
        ("compensation_estimate", "estimate"),
        ("explicit_failures", "explicit_failure"),
        ("success_ratio", "success_rate"),
    ):
        sample = rf'(?m)^sla_audit_account_{name}\{{account_id="(.*?)",cycle="(.*?)".*\}} (.*)$'
        for account, cycle, value in re.findall(sample, text):
            assert value == str(known[account, cycle][column])
    for reading in ("literal", "broad"):
        estimates = [
            each["readings"][reading].get("estimate")
            for each in results
            if each["readings"][reading]["decision"] == "undetermined"
        ]
        wanted = _together(estimates)
        found = re.search(rf'(?m)^sla_audit_compensation_estimate\{{reading="{reading}".*\}} (.*)$', text)
        assert (found and found[1]) == (wanted["compensation"] if estimates else None)
        without = re.search(rf'(?m)^sla_audit_results_without_estimate\{{reading="{reading}".*\}} (.*)$', text)
        assert without
        assert without[1] == str(wanted["undetermined"])
    assert not re.search(r"(?m)None$", text)


def test_reminders(report: Report) -> None:
    as_of = date(2026, 11, 20)
    claims = claims_of(report.results, CONTRACT, INSTALLED, as_of)
    events = icalendar.Calendar.from_ical(render_calendar(claims, CONTRACT)).walk("VEVENT")
    known = [each for each in in_json(report) if each["cycle"] == "2026-10" and each["decision"] == "owed"]
    assert len(events) == (2 if known else 0)
    total = sum((Decimal(each["compensation"]) for each in known), Decimal(0))
    for event in events:
        assert f"{total:,} CNY" in str(event["summary"])


def test_no_amount_comes_from_elsewhere(report: Report) -> None:
    """Each amount is one of the JSON, or the sum of cycles, of what has lapsed together or of what a list cuts off."""
    results = in_json(report)
    allowed = {Decimal(text) for text in re.findall(r'"(\d+\.\d{2})"', render_json(report).decode())}
    for column in ("compensation", "estimate"):
        for part in (results, below(results)):
            by_cycle = {}
            for each in part:
                by_cycle.setdefault(each["cycle"], []).append(Decimal(each.get(column) or 0))
            groups = chain.from_iterable(combinations(by_cycle.values(), count) for count in range(1, 5))
            allowed |= {sum(chain.from_iterable(group), Decimal(0)) for group in groups}
    listed = pl.DataFrame([{"account_id": each["account_id"], "cycle": each["cycle"]} for each in results])
    assert listed.height == len(results)
    for text in (markdown(report), printed(report, 120), printed(report, 50), printed(report, 120, None)):
        for line in text.splitlines():
            if not line.startswith("and "):  # what is cut off is held to the list above
                assert {Decimal(each.replace(",", "")) for each in MONEY.findall(line)} <= allowed, line
