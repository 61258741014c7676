"""Facts files that are refused with what they most likely mean, so that a person can mend them at the first try."""

from __future__ import annotations

from pathlib import Path

import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError
from sla_audit.intake.facts.accounts import read_accounts
from sla_audit.intake.facts.billing import read_billing
from sla_audit.intake.facts.read import read_facts

BILL = "account_id,cycle,service_fee,cash_paid\na1,2026-10,1000.00,900.00\n"
REFUSED: dict[str, tuple[str, bytes, list[str]]] = {
    "tabs": (
        "billing.csv",
        BILL.replace(",", "\t").encode(),
        ["a tab seems to stand between its fields; expected ','", 'Set delimiter = "tab" in [facts.billing]'],
    ),
    "semicolons and decimal commas": (
        "billing.csv",
        b"account_id;cycle;service_fee;cash_paid\na1;2026-10;1000,00;900,00\n",
        ["';' seems to stand between its fields", 'Set delimiter = ";" and numbers = "1.000,00" in [facts.billing]'],
    ),
    "full-width commas": (
        "billing.csv",
        BILL.replace(",", "\uff0c").encode(),
        ["'\uff0c' seems to stand between its fields"],
    ),
    "a title above the names": (
        "billing.csv",
        f"十月账单,,,\n\n{BILL}".encode(),
        [
            "line 1 seems to be a title, '十月账单'",
            "Set header_row = 3 in [facts.billing] of the config. That line has account_id, cycle",
        ],
    ),
    "a title in a single field": (
        "billing.csv",
        f"Bill of October\n{BILL}".encode(),
        [
            "line 1 seems to be a title, 'Bill of October'",
            "Set header_row = 2 in [facts.billing] of the config. That line has account_id, cycle",
        ],
    ),
    "UTF-16": (
        "billing.csv",
        BILL.encode("utf-16"),
        ["not UTF-8", "it seems to be UTF-16", 'set encoding = "utf-16" in [facts.billing]'],
    ),
    "GBK": (
        "billing.csv",
        f"{BILL}客户,,,\n".encode("gbk"),
        ["it seems to be GB18030 (GBK)", 'set encoding = "gb18030" in [facts.billing]'],
    ),
    "no encoding of text": (
        "billing.csv",
        BILL.encode() + b"\xff\xff\n",
        ["not UTF-8", "Save the file as 'CSV UTF-8'."],
    ),
    "an old workbook": (
        "billing.xls",
        b"\xd0\xcf\x11\xe0",
        ["a workbook (.xls)", "Save it as .xlsx, or as 'CSV UTF-8'"],
    ),
    "a broken workbook": ("billing.xlsx", b"PK\x03\x04", ["no .xlsx that can be read: File is not a zip file"]),
    "names in Chinese": (
        "billing.csv",
        BILL.replace("account_id,cycle,service_fee,cash_paid", "客户账号,账期,应付金额,现金支付").encode(),
        [
            "the file has: 客户账号, 账期, 应付金额, 现金支付",
            *(
                f"If '{found}' is that, set columns = {{ {name} = \"{found}\" }} in [facts.billing] of the config"
                for found, name in (("客户账号", "account_id"), ("应付金额", "service_fee"))
            ),
        ],
    ),
    "a row of totals": (
        "billing.csv",
        f"{BILL}合计,,1000.00,900.00\n".encode(),
        [
            "line 3: cycle is empty",
            "It seems to be a row of totals: remove it, or set total_rows = true in [facts.billing]",
        ],
    ),
    "a month in another form": (
        "billing.csv",
        BILL.replace("2026-10", "2026年10月").encode(),
        ["cycle is '2026年10月'; expected a month such as 2026-10: write 2026-10, or set dates = \"2026年10月31日\""],
    ),
}


@pytest.mark.parametrize(("name", "content", "said"), REFUSED.values(), ids=REFUSED)
def test_what_a_file_seems_to_be_is_told(tmp_path: Path, name: str, content: bytes, said: list[str]) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_billing(tmp_path / name)
    assert [each for each in said if each not in str(refused.value)] == []


def test_dates_with_slashes(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text("account_id,plan,applied_on,expires_on\na1,paid,2026/3/2,2026年12月1日\na2,paid,03/02/2026,\n")
    with pytest.raises(InputError) as refused:
        read_accounts(path)
    said = str(refused.value)
    assert "applied_on is '2026/3/2'; expected a date such as 2026-10-09: write 2026-03-02" in said
    assert "write 2026-12-01" in said
    assert "applied_on is '03/02/2026'; expected a date such as 2026-10-09: write the year first" in said
    assert 'dates = "31/10/2026" or dates = "10/31/2026"' in said  # March or February?


def test_an_account_named_as_totals_are_is_read_where_its_row_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "billing.csv"
    path.write_text(BILL + "total,2026-10,1.00,1.00\n")
    assert read_billing(path)["account_id"].to_list() == ["a1", "total"]


def test_an_account_with_a_comma_may_be_named_where_other_facts_have_it(tmp_path: Path) -> None:
    contract = load_contract(BUILT_IN)
    exclusions, billing = tmp_path / "exclusions.csv", tmp_path / "billing.csv"
    exclusions.write_text(
        'id,clause,starts_at,ends_at,accounts\nN1,3,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,"CN=a,O=b;a2"\n'
    )
    billing.write_text('account_id,cycle,service_fee,cash_paid\n"CN=a,O=b",2026-10,1.00,1.00\n')
    (exclusion,) = read_facts(None, billing, exclusions, contract).exclusions
    assert exclusion.accounts == {"CN=a,O=b", "a2"}
    with pytest.raises(InputError, match="names separated by ';'"):
        read_facts(None, None, exclusions, contract)
