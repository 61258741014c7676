"""Facts files as finance writes them: read where the config says how, else refused with the setting that would do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sla_audit.contract.load import load_contract
from sla_audit.errors import InputError
from sla_audit.intake.facts.accounts import read_accounts
from sla_audit.intake.facts.amounts import amount_form
from sla_audit.intake.facts.billing import read_billing
from sla_audit.intake.facts.dates import date_form
from sla_audit.intake.facts.exclusions import read_exclusions
from sla_audit.intake.facts.form import AccountsForm, BillingForm, ExclusionsForm

CONTRACT = load_contract("jdcloud-smart-compose")
BILLS = [("a1", "2026-10", Decimal(1000), Decimal(900)), ("a2", "2026-10", Decimal("1000.5"), Decimal(0))]
PLAIN = "account_id,cycle,service_fee,cash_paid\na1,2026-10,1000.00,900.00\na2,2026-10,1000.50,0.00\n"
LOCAL = "account_id;cycle;service_fee;cash_paid\na1;2026-10;1.000,00;900,00\na2;2026-10;1000,50;0\n"

READ: dict[str, tuple[bytes, dict[str, Any]]] = {
    "tabs": (PLAIN.replace(",", "\t").encode(), {"delimiter": "tab"}),
    "semicolons and decimal commas": (LOCAL.encode(), {"delimiter": ";", "numbers": "1.000,00"}),
    "GBK": (PLAIN.replace("\n", ",大客户\n").replace("大客户", "客户", 1).encode("gbk"), {"encoding": "gbk"}),
    "UTF-16": (PLAIN.encode("utf-16"), {"encoding": "utf-16"}),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-be"), {"encoding": "utf-16-be"}),
    "a title, a blank line and a line of dates": (
        f'"账单, 十月",,,\n\n从 2026-10-01,,,\n{PLAIN}'.encode(),
        {"header_row": 4},
    ),
    "a title with a quote": (f'5" screens\n{PLAIN}'.encode(), {"header_row": 2}),
    "thousands": (
        PLAIN.replace("1000.00", '"1,000.00"').replace("1000.50", '"1,000.5"').encode(),
        {"numbers": "1,000.00"},
    ),
    "thousands with spaces": (
        PLAIN.replace("1000.00", '"1\u00a0000,00"')
        .replace("1000.50", '"1\u202f000,5"')
        .replace("900.00", "900")
        .replace("0.00", "0")
        .encode(),
        {"numbers": "1 000,00"},
    ),
    "currency signs": (
        PLAIN.replace("1000.00", "¥1000.00")
        .replace("1000.50", "\uffe5 1000.50")
        .replace("900.00", "900.00元")
        .encode(),
        {"currency_signs": ("¥", "元")},
    ),
    "signs and thousands": (
        PLAIN.replace("1000.00", '"CNY 1,000.00"').replace("1000.50", '"1,000.50 cny"').encode(),
        {"currency_signs": ("CNY",), "numbers": "1,000.00"},
    ),
    "months with slashes, and as their first days": (
        PLAIN.replace("a1,2026-10", "a1,2026/10").replace("a2,2026-10", "a2,2026/10/1 0:00").encode(),
        {"dates": "2026/10/31"},
    ),
    "months in Chinese": (PLAIN.replace("2026-10", "2026年10月").encode(), {"dates": "2026年1月2日"}),
    "months with the year last": (PLAIN.replace("2026-10", "10/2026").encode(), {"dates": "31/10/2026"}),
    "months without a separator": (PLAIN.replace("2026-10", "202610").encode(), {"dates": "20261031"}),
    "a sum at the end": (f"{PLAIN}合计,,2000.50,900.00\n".encode(), {"total_rows": True}),
    "sums of parts and of all": (
        PLAIN.replace("a2", "小计,,1000,900.00\na2").encode() + "小计：,,1000.50,\n总计,,2000.50,900\n".encode(),
        {"total_rows": True},
    ),
    "a total without figures, in another column": (
        b"note,account_id,cycle,service_fee,cash_paid\n,a1,2026-10,1000,900\n,a2,2026-10,1000.5,0\nTotal,,,,\n",
        {"total_rows": True},
    ),
    "other names": (
        PLAIN.replace("service_fee", "应付金额").replace("account_id", "客户").encode(),
        {"columns": {"service_fee": "应付金额", "account_id": "客户"}},
    ),
    "names that another column has too": (
        PLAIN.replace("account_id", "账号,account_id")
        .replace("\na", "\nx,a")
        .replace("\nx,a1", "\na1,x")
        .replace("\nx,a2", "\na2,x")
        .encode(),
        {"columns": {"account_id": "账号"}},
    ),
    "names in Chinese": (
        PLAIN.replace("account_id,cycle,service_fee,cash_paid", "账户,账期,服务费用,现金支付").encode(),
        {},
    ),
    "names in other letters": (
        PLAIN.replace("account_id,cycle,service_fee", "Account ID,CYCLE,Service-Fee").encode(),
        {},
    ),
    "rows without anything": (PLAIN.replace("\na2", "\n,,,\n \u3000,,,\na2").encode() + b",,,\n", {}),
}


@pytest.mark.parametrize(("content", "settings"), READ.values(), ids=READ)
def test_bills_are_read_as_the_config_says(tmp_path: Path, content: bytes, settings: dict[str, Any]) -> None:
    path = tmp_path / "billing.csv"
    path.write_bytes(content)
    assert read_billing(path, BillingForm(**settings)).drop("billed_calls").rows() == BILLS
    if settings:  # and not without
        with pytest.raises(InputError):
            read_billing(path)


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a decimal point where the decimal mark is a comma": (
        "a1;2026-10;1000.50;1\n",
        {"delimiter": ";", "numbers": "1.000,00"},
        "line 2: service_fee is '1000.50'; expected an amount",
    ),
    "groups that are none": ("a1;2026-10;1,00;1\n", {"delimiter": ";", "numbers": "1,000.00"}, "service_fee is '1,00'"),
    "groups of the wrong size": (
        "a1;2026-10;12,34,567;1\n",
        {"delimiter": ";", "numbers": "1,000.00"},
        "service_fee is '12,34,567'",
    ),
    "a sign that is not named": (
        "a1;2026-10;$5;1\n",
        {"delimiter": ";", "currency_signs": ("¥",)},
        r"service_fee is '\$5'",
    ),
    "less than nothing": (
        "a1;2026-10;¥-5;1\n",
        {"delimiter": ";", "currency_signs": ("¥",)},
        "service_fee is '¥-5'",
    ),
    "a sign of another currency": (
        "a1;2026-10;5;1\n",
        {"delimiter": ";", "currency_signs": ("$",)},
        r"currency_signs has '\$', of USD; amounts are in CNY",
    ),
    "a month in the middle": (
        "a1;2026/10/2;5;1\n",
        {"delimiter": ";", "dates": "2026/10/31"},
        "cycle is '2026/10/2'",
    ),
    "one month in two forms": (
        "a1;2026/10;5;1\na1;2026-10;5;1\n",
        {"delimiter": ";", "dates": "2026/10/31"},
        "line 3: account_id and cycle 'a1', '2026-10' again; expected once; see line 2",
    ),
    "a total of rows that are not there": (
        "a1;2026-10;5;1\n合计;;7;1\n",
        {"delimiter": ";", "total_rows": True},
        "line 3: the total of service_fee is '7', but the rows above add up to 5",
    ),
    "two columns that may be one": (
        "",
        {"delimiter": ";", "columns": {"cycle": "service_fee"}},
        "no column 'service_fee'",
    ),
    "a column that is not there": (
        "",
        {"delimiter": ";", "columns": {"cycle": "month"}},
        "no column 'month', which .facts.billing.columns. has for 'cycle'",
    ),
    "a header that is not there": (
        "",
        {"delimiter": ";", "header_row": 9},
        "line 9 is blank, within a row, or not there",
    ),
    "another encoding": ("", {"encoding": "ascii"}, "not ASCII: ordinal not in range.*; it seems to be GB18030"),
}


@pytest.mark.parametrize(("rows", "settings", "said"), REFUSED.values(), ids=REFUSED)
def test_what_the_config_does_not_say_is_refused(
    tmp_path: Path, rows: str, settings: dict[str, Any], said: str
) -> None:
    path = tmp_path / "billing.csv"
    path.write_bytes(
        f"account_id;cycle;service_fee;cash_paid\n{rows}".encode()
        + ("客户".encode("gbk") if settings.get("encoding") else b"")
    )
    with pytest.raises(InputError, match=said):
        read_billing(path, BillingForm(**settings))


def test_two_columns_that_may_be_the_account_are_told(tmp_path: Path) -> None:
    path = tmp_path / "billing.csv"
    path.write_text("账户,账号,cycle,service_fee,cash_paid\na,b,2026-10,1,1\n")
    with pytest.raises(InputError, match="columns '账户' and '账号' may both be 'account_id'") as refused:
        read_billing(path)
    assert 'Say which: set columns = { account_id = "账户" } in [facts.billing]' in str(refused.value)


ACCOUNTS: dict[str, tuple[str, dict[str, Any]]] = {
    "slashes": ("a1,paid,2026/3/2,2026/03/31", {"dates": "2026/10/31"}),
    "the strict way beside it": ("a1,paid,2026-03-02,2026/3/31", {"dates": "2026/10/1"}),
    "Chinese": ("a1,paid,2026年3月2日,2026年03月31日", {"dates": "2026年10月31日"}),
    "the day first": ("a1,paid,2/3/2026,31/03/2026", {"dates": "31/10/2026"}),
    "the month first": ("a1,paid,3/2/2026,03/31/2026 00:00:00", {"dates": "10/31/2026"}),
    "points": ("a1,paid,2.3.2026,31.03.2026", {"dates": "31.10.2026"}),
    "no separator": ("a1,paid,20260302,20260331", {"dates": "20261031"}),
    "plans in other words": ("a1,商用,2026-03-02,2026-03-31", {"plans": {"商用": "paid", "Trial": "free"}}),
    "plans in other words, in any case": ("a1,STD,2026-03-02,2026-03-31", {"plans": {"std": "paid"}}),
}


@pytest.mark.parametrize(("row", "settings"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_accounts_are_read_as_the_config_says(tmp_path: Path, row: str, settings: dict[str, Any]) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(f"account_id,plan,applied_on,expires_on\n{row}\n")
    assert read_accounts(path, AccountsForm(**settings)).rows() == [("a1", "paid", date(2026, 3, 2), date(2026, 3, 31))]
    with pytest.raises(InputError):
        read_accounts(path)


def test_rows_of_totals_among_accounts(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("account_id,plan,applied_on,expires_on\na1,paid,2026-03-02,\n合计：,,,\n")
    assert read_accounts(path, AccountsForm(total_rows=True))["account_id"].to_list() == ["a1"]


def test_times_of_exclusions_with_the_year_last(tmp_path: Path) -> None:
    path = tmp_path / "exclusions.csv"
    path.write_text("编号,条款,开始时间,结束时间\nM1,3,5/10/2026 9:00,05/10/2026 12:30:15\n")
    (exclusion,) = read_exclusions(path, CONTRACT, (), ExclusionsForm(dates="31/10/2026"))
    assert exclusion.starts_at == datetime(2026, 10, 5, 1, tzinfo=UTC)
    assert exclusion.ends_at == datetime(2026, 10, 5, 4, 30, 15, tzinfo=UTC)
    with pytest.raises(InputError, match="starts_at is '5/10/2026 9:00'"):
        read_exclusions(path, CONTRACT)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"dates": "1/10/2026"}, "which of day and month comes first"),
        ({"dates": "2026/13/1"}, "expected a day as the file writes it"),
        ({"dates": "2026/10-1"}, "expected a day as the file writes it"),
        ({"dates": "tomorrow"}, "expected a day as the file writes it"),
        ({"numbers": "1,000,00"}, "expected one thousand as the file writes it"),
        ({"numbers": "1000"}, "expected one thousand as the file writes it"),
        ({"currency_signs": ("-",)}, "expected the sign of a currency"),
        ({"currency_signs": ("1",)}, "expected the sign of a currency"),
        ({"delimiter": "ab"}, "expected one ASCII character"),
        ({"encoding": "klingon"}, "expected an encoding of text"),
        ({"columns": {"fee": "x"}}, "Input should be 'account_id', 'cycle'"),
        ({"columns": {"cycle": " x"}}, "expected a name without spaces around it"),
        ({"header_row": 0}, "greater than or equal to 1"),
    ],
)
def test_settings_that_say_nothing_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        BillingForm(**settings)


@given(
    st.integers(0, 10**12),
    st.integers(0, 99),
    st.sampled_from([("1,000.00", ",", "."), ("1.000,00", ".", ","), ("1'000.00", "'", "."), ("1 000,00", " ", ",")]),
    st.booleans(),
)
def test_amounts_in_any_form_are_the_amounts_that_were_written(
    whole: int, cents: int, form: tuple[str, str, str], grouped: bool
) -> None:
    import polars as pl  # noqa: PLC0415

    sample, between, mark = form
    text = f"{whole:,}".replace(",", between) if grouped else str(whole)
    read = pl.select(amount_form(sample, ()).amounts(pl.lit(f"{text}{mark}{cents:02}"))).item()
    assert Decimal(read) == Decimal(f"{whole}.{cents:02}")


@given(
    st.dates(date(1970, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["Y/M/D", "D/M/Y", "M/D/Y", "Y年M月D日", "D.M.Y"]),
    st.booleans(),
)
def test_days_in_any_form_are_the_days_that_were_written(day: date, form: str, zeros: bool) -> None:
    import polars as pl  # noqa: PLC0415

    def written(each: date) -> str:
        parts = {
            "Y": f"{each.year}",
            "M": f"{each.month:02}" if zeros else f"{each.month}",
            "D": f"{each.day:02}" if zeros else f"{each.day}",
        }
        return "".join(parts.get(character, character) for character in form)

    sample = written(date(2026, 10, 31))
    assert pl.select(date_form(sample).days(pl.lit(written(day)))).item() == day.isoformat()
    assert date_form(sample).instant(f"{written(day)} 9:00") == f"{day.isoformat()} 09:00"
