"""Facts in .xlsx workbooks: cells are read exactly, or refused by their place."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from sla_audit.contract.load import load_contract
from sla_audit.errors import InputError
from sla_audit.intake.facts.accounts import read_accounts
from sla_audit.intake.facts.billing import read_billing
from sla_audit.intake.facts.exclusions import read_exclusions
from sla_audit.intake.facts.form import AccountsForm, BillingForm, FactsForm

BILL = ["account_id", "cycle", "service_fee", "cash_paid", "billed_calls"]
ACCOUNT = ["account_id", "plan", "applied_on", "expires_on"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
END = datetime(2026, 10, 31)  # noqa: DTZ001, a cell has no zone
TIMES = [datetime(2026, 10, 5, 9), datetime(2026, 10, 5, 12, 30)]  # noqa: DTZ001


def sheet(path: Path, *rows: list[Any], sheets: dict[str, list[list[Any]]] | None = None) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for name, content in (sheets or {}).items():
        other = workbook.create_sheet(name)
        for row in content:
            other.append(row)
    workbook.save(path)
    return path


def changed(path: Path, change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml") -> Path:
    """Write a part of a workbook anew, as another program might."""
    with zipfile.ZipFile(path) as parts:
        contents = {name: parts.read(name) for name in parts.namelist()}
    contents[part] = change(contents[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in contents.items():
            parts.writestr(name, content)
    return path


def mistakes(path: Path, read: Callable[..., Any] = read_billing, form: FactsForm | None = None) -> list[str]:
    with pytest.raises(InputError) as raised:
        read(path) if form is None else read(path, form)
    return [str(problem).replace(f"{path.parent.as_posix()}/", "") for problem in raised.value.problems]


def test_numbers_are_the_decimals_that_were_typed(tmp_path: Path) -> None:
    path = sheet(tmp_path / "b.xlsx", BILL, ["a1", "2026-10", 411.1, 0.29, 12000], [7, "2026-10", "1000.5", 1000, None])
    assert read_billing(path).rows() == [
        ("a1", "2026-10", Decimal("411.1"), Decimal("0.29"), 12000),
        ("7", "2026-10", Decimal("1000.5"), Decimal(1000), None),
    ]


def test_seventeen_digits_of_a_float_are_the_decimal_that_was_typed(tmp_path: Path) -> None:
    path = sheet(tmp_path / "b.xlsx", BILL, ["a1", "2026-10", 411.1, 1, None])
    changed(path, lambda text: text.replace("<v>411.1</v>", "<v>411.10000000000002</v>"))
    assert read_billing(path)["service_fee"].to_list() == [Decimal("411.1")]


def test_an_amount_with_more_digits_than_money_has_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "b.xlsx", BILL, ["a1", "2026-10", 0.3, 100.005, None])
    changed(path, lambda text: text.replace("<v>0.3</v>", "<v>0.30000000000000004</v>"))
    assert mistakes(path) == [
        "b.xlsx, row 2: service_fee is '0.30000000000000004'; expected an amount of 0 or more, such as 1200.00",
        "b.xlsx, row 2: cash_paid is '100.005'; expected no more than two decimals: round it in the sheet, which shows "
        "it rounded",
    ]


def test_numbers_stand_beside_texts_in_the_form_of_the_file(tmp_path: Path) -> None:
    path = sheet(tmp_path / "b.xlsx", BILL, ["a1", "2026-10", 1000.5, "1.000,50", None])
    assert read_billing(path, BillingForm(numbers="1.000,00")).row(0)[2:4] == (Decimal("1000.5"), Decimal("1000.5"))


def test_days_and_months_are_read_as_days(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ACCOUNT, ["a1", "paid", date(2026, 3, 2), END])
    assert read_accounts(path).rows() == [("a1", "paid", date(2026, 3, 2), date(2026, 10, 31))]
    path = sheet(tmp_path / "b.xlsx", BILL, ["a1", date(2026, 10, 1), 5, 5, None])
    assert read_billing(path)["cycle"].to_list() == ["2026-10"]
    path = sheet(tmp_path / "b.xlsx", BILL, ["a1", date(2026, 10, 2), 5, 5, None])
    assert mistakes(path) == ["b.xlsx, row 2: cycle is '2026-10-02'; expected a month such as 2026-10: write 2026-10"]
    path = sheet(
        tmp_path / "e.xlsx",
        ["id", "clause", "starts_at", "ends_at"],
        ["M1", 3, *TIMES],
    )
    (exclusion,) = read_exclusions(path, load_contract("jdcloud-smart-compose"))
    assert [exclusion.starts_at, exclusion.ends_at] == [time.replace(tzinfo=SHANGHAI) for time in TIMES]


def test_a_title_blank_rows_and_totals(tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "b.xlsx",
        ["2026年10月账单"],
        [],
        ["账户", "账期", "服务费用", "现金支付"],
        ["a1", "2026-10", 5.25, 5],
        [],
        ["a2", "2026-10", 6, 6],
        ["合计", None, 11.25, 11],
    )
    assert mistakes(path) == [
        "b.xlsx: row 1 seems to be a title, '2026年10月账单'; expected the names of the columns\n"
        "  Set header_row = 3 in [facts.billing] of the config. That row has 账户, 账期, 服务费用, 现金支付."
    ]
    assert read_billing(path, BillingForm(header_row=3, total_rows=True)).select(
        "account_id", "service_fee"
    ).rows() == [
        ("a1", Decimal("5.25")),
        ("a2", Decimal(6)),
    ]


def test_a_cell_with_an_error_is_not_an_empty_one(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ACCOUNT, ["a1", "paid", date(2026, 3, 2), "#N/A"])
    assert mistakes(path, read_accounts) == [
        "a.xlsx, row 2, cell D2: has the error #N/A\n  Mend the cell, or remove it."
    ]


def test_a_formula_whose_result_is_not_kept_is_not_an_empty_cell(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ACCOUNT, ["a1", "paid", date(2026, 3, 2), "=C2+1"])
    assert mistakes(path, read_accounts) == [
        "a.xlsx, row 2, cell D2: has a formula whose result is not kept in the file\n"
        "  Open and save it with the spreadsheet program."
    ]


def test_an_id_that_a_spreadsheet_has_cut_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ACCOUNT, [1234567890123456789, "paid", date(2026, 3, 2), None])
    (message,) = mistakes(path, read_accounts)
    assert message.startswith("a.xlsx, row 2, cell A2: holds 1.234567890123457e+18, which may have been cut")


def test_several_sheets_are_not_guessed_among(tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "b.xlsx", BILL, ["a1", "2026-10", 5, 5, 1], sheets={"十一月": [BILL, ["a1", "2026-11", 6, 6, 1]]}
    )
    assert mistakes(path) == [
        "b.xlsx: several sheets: 'Sheet', '十一月'\n"
        '  Say which to read: set sheet = "NAME" in [facts.billing] of the config.'
    ]
    assert read_billing(path, BillingForm(sheet="十一月"))["cycle"].to_list() == ["2026-11"]
    assert mistakes(path, form=BillingForm(sheet="十月")) == [
        "b.xlsx: no sheet '十月'; the workbook has: 'Sheet', '十一月'\n  Mend sheet in [facts.billing] of the config."
    ]


def test_a_sheet_that_is_hidden_or_empty_is_no_choice(tmp_path: Path) -> None:
    path = sheet(tmp_path / "b.xlsx", BILL, ["a1", "2026-10", 5, 5, 1], sheets={"empty": [], "old": [["x"]]})
    changed(
        path,
        lambda text: (
            text.replace('name="old"', 'name="old" state="hidden"')
            .replace('state="visible" state', "state")
            .replace('state="hidden" sheetId="3" state="visible"', 'sheetId="3" state="hidden"')
        ),
        "xl/workbook.xml",
    )
    assert read_billing(path)["account_id"].to_list() == ["a1"]


def test_a_value_beside_the_columns_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "b.xlsx", BILL[:4], ["a1", "2026-10", 5, 5, "see mail"])
    assert mistakes(path) == ["b.xlsx, row 2: a value beside the 4 columns that are named"]


BROKEN: dict[str, Callable[[Path], object]] = {
    "no zip file": lambda path: path.write_bytes(b"account_id,plan\n"),
    "a zip file of something else": lambda path: zipfile.ZipFile(path, "w").close(),
    "cut": lambda path: path.write_bytes(sheet(path, BILL).read_bytes()[:-100]),
    "no XML": lambda path: changed(sheet(path, BILL), lambda text: "<<<"),
    "a cell far below": lambda path: changed(
        sheet(path, BILL, ["a"]),
        lambda text: text.replace('<row r="2"', '<row r="99999999"').replace("A2", "A99999999"),
    ),
    "a name of a cell that is none": lambda path: changed(sheet(path, BILL), lambda text: text.replace('"A1"', '"??"')),
    "a text that is not there": lambda path: changed(
        sheet(path, BILL),
        lambda text: text.replace('t="inlineStr"', 't="s"').replace("<is><t>cycle</t></is>", "<v>99</v>"),
    ),
}


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_broken_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "b.xlsx"
    make(path)
    (message, *_) = mistakes(path)
    assert "b.xlsx" in message


def test_what_unpacks_to_very_much_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts, parts.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(260):
            part.write(bytes(1 << 20))
    assert mistakes(path)[0].startswith("b.xlsx: unpacks to more than 268,435,456 bytes")


def test_plans_in_a_sheet(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ACCOUNT, ["a1", "付费", "2026/3/2", None])
    assert read_accounts(path, AccountsForm(dates="2026/10/31"))["plan"].to_list() == ["paid"]
