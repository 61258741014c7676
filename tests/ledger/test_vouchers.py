"""Vouchers of a bill, each to its claim: by reference, by account and amount, and never to one of several."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.intake.facts.vouchers import read_vouchers
from sla_audit.ledger import entering
from sla_audit.ledger.database import transaction
from sla_audit.ledger.entering import Said
from sla_audit.ledger.rows import Book
from sla_audit.ledger.vouchers import Matched, credit_vouchers
from sla_audit.model.ledger import Voucher
from tests.builders.ledgers import CONTRACT, TODAY, found, histories, note

SAID = Said(TODAY, TODAY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make a ledger: claims 1 and 2 are of one account and one amount, 3 of another; all were filed."""
    path = tmp_path / "claims.db"
    september = found("acct-1")
    note(path, found("acct-1"), september._replace(key=replace(september.key, cycle="2026-09")), found("acct-2"))
    with transaction(path) as connection:
        book = Book(connection, path)
        for history, reference in zip(book.histories(CONTRACT), ("MAIL-1", "MAIL-2", "MAIL-3"), strict=True):
            entering.file(book, history, replace(SAID, day=date(2026, 11, 10), reference=reference))
    return path


def credit(path: Path, *vouchers: Voucher, said: Said = SAID) -> list[Matched]:
    with transaction(path) as connection:
        return credit_vouchers(Book(connection, path), CONTRACT, vouchers, said)


def told(matched: list[Matched]) -> list[tuple[str, list[int]]]:
    return [(each.outcome, [claim.number for claim in each.claims]) for each in matched]


def voucher(account: str, amount: str, reference: str | None = None) -> Voucher:
    return Voucher("bill.csv, line 2", account, Decimal(amount), reference)


def test_by_account_and_amount(path: Path) -> None:
    assert told(credit(path, voucher("acct-2", "360.00", "V-1"))) == [("credited", [3])]
    assert told(credit(path, voucher("acct-2", "360.00", "V-1"))) == [("was_there", [3])]
    assert [len(each.entries) for each in histories(path)] == [1, 1, 2]


def test_one_that_may_belong_to_several_is_credited_to_none(path: Path) -> None:
    assert told(credit(path, voucher("acct-1", "360.00", "V-1"))) == [("several", [1, 2])]
    assert [len(each.entries) for each in histories(path)] == [1, 1, 1]


def test_the_reference_of_the_filing_decides_between_several(path: Path) -> None:
    vouchers = (voucher("acct-1", "360.00", "MAIL-2"), voucher("acct-1", "360.00", "V-2"))
    assert told(credit(path, *vouchers)) == [("credited", [2]), ("credited", [1])]  # the second has one left


def test_what_matches_nothing_names_what_is_awaited(path: Path) -> None:
    vouchers = (voucher("acct-2", "100.00"), voucher("acct-9", "360.00"))
    assert told(credit(path, *vouchers)) == [("nothing", [3]), ("nothing", [])]


def test_too_much_by_reference_is_refused_with_its_place_and_nothing_is_noted(path: Path) -> None:
    with pytest.raises(InputError) as error:
        credit(path, voucher("acct-2", "360.00", "V-1"), voucher("acct-1", "999.00", "MAIL-1"))
    assert str(error.value).startswith("bill.csv, line 2: claim 1 (acct-1, 2026-10): 999.00 would be credited in all")
    assert [len(each.entries) for each in histories(path)] == [1, 1, 1]


BILL = """account_id,cycle,service_fee,cash_paid,代金券,代金券编号,credited_on
acct-1,2026-11,10.00,10.00,,,
acct-2,2026-11,900.00,540.00,360.00,V-1,2026-11-19
acct-3,2026-11,900.00,900.00,0,,
"""


def test_a_bill_has_them_in_columns_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_text(BILL, encoding="utf-8")
    (found_one,) = read_vouchers(tmp_path / "bill.csv")
    assert found_one == Voucher(
        f"{(tmp_path / 'bill.csv').as_posix()}, line 3", "acct-2", Decimal("360.00"), "V-1", date(2026, 11, 19)
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("acct-1,1e3,,", "voucher is '1e3'; expected an amount of 0 or more"),
        ("acct-1,-5,,", "voucher is '-5'"),
        ("acct-1,5,V,2026-13-01", "credited_on is '2026-13-01'; expected a date"),
        (",5,V,", "account_id is empty"),
    ],
)
def test_mistakes_are_named_by_their_row(tmp_path: Path, row: str, said: str) -> None:
    bill = tmp_path / "bill.csv"
    bill.write_text(f"account_id,voucher,voucher_id,credited_on\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2") as error:
        read_vouchers(bill)
    assert said in str(error.value)
