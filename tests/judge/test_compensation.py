"""The amount owed: a share of the fee, capped at the cash paid, rounded once (clause 2.10.1)."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.judge.compensation import Award, award

TERMS = load_contract(BUILT_IN).compensation


def awarded(fee: str, cash: str, rate: str) -> tuple[str, bool]:
    found = award(Decimal(fee), Decimal(cash), Decimal(rate), TERMS)
    return str(found.amount), found.capped


SHARES = [
    ("15 % of the fee", ("1200.00", "1200.00", "0.15"), "180.00"),
    ("30 % of the fee", ("1200.00", "1200.00", "0.30"), "360.00"),
    ("60 % of the fee", ("1200.00", "1200.00", "0.60"), "720.00"),
    ("the smallest fee that owes a cent at 15 %", ("0.034", "1.00", "0.15"), "0.01"),
    ("a fee that owes less than half a cent", ("0.033", "1.00", "0.15"), "0.00"),
    ("nothing charged", ("0.00", "1.00", "0.60"), "0.00"),
    ("18 digits of fee stay exact", ("999999999999999999.99", "1e18", "0.60"), "599999999999999999.99"),
    ("18 digits and six decimals", ("999999999999999999.999999", "1e18", "0.15"), "150000000000000000.00"),
]  # fmt: skip


@pytest.mark.parametrize(("bill", "amount"), [case[1:] for case in SHARES], ids=[case[0] for case in SHARES])
def test_the_tiers_share_of_the_fee_is_owed(bill: tuple[str, str, str], amount: str) -> None:
    assert awarded(*bill) == (amount, False)


ROUNDING = [
    ("0.0149999985 is under half a cent", ("0.09999999", "1.00", "0.15"), "0.01"),
    ("0.0149 is under half a cent", ("0.0149", "1.00", "1"), "0.01"),
    ("0.015 goes up to the even cent", ("0.10", "1.00", "0.15"), "0.02"),
    ("0.045 goes up to the odd cent", ("0.30", "1.00", "0.15"), "0.05"),
    ("0.005 goes up", ("0.005", "1.00", "1"), "0.01"),
    ("0.004999 goes down", ("0.004999", "1.00", "1"), "0.00"),
    ("0.045 at 60 %", ("0.075", "1.00", "0.60"), "0.05"),
    ("0.015 at 30 %", ("0.05", "1.00", "0.30"), "0.02"),
    ("61.665 of a partial month", ("411.10", "411.10", "0.15"), "61.67"),
    ("61.6635 of a partial month", ("411.09", "411.09", "0.15"), "61.66"),
    ("0.995 reaches the whole", ("0.995", "1.00", "1"), "1.00"),
]


@pytest.mark.parametrize(("bill", "amount"), [case[1:] for case in ROUNDING], ids=[case[0] for case in ROUNDING])
def test_an_amount_is_rounded_half_up_and_once(bill: tuple[str, str, str], amount: str) -> None:
    assert awarded(*bill) == (amount, False)


CAP = [
    ("cash above the share", ("1200.00", "180.01", "0.15"), ("180.00", False)),
    ("cash equal to the share", ("1200.00", "180.00", "0.15"), ("180.00", False)),
    ("cash a cent below the share", ("1200.00", "179.99", "0.15"), ("179.99", True)),
    ("cash above the fee changes nothing", ("1200.00", "5000.00", "0.15"), ("180.00", False)),
    ("a cent paid in cash, the rest by voucher", ("1200.00", "0.01", "0.60"), ("0.01", True)),
    ("all paid by voucher", ("1200.00", "0.00", "0.60"), ("0.00", True)),
    ("cash of one and a half cents: rounding up would pass it", ("0.10", "0.015", "0.15"), ("0.01", True)),
    ("cash of less than a cent", ("1200.00", "0.009999", "0.15"), ("0.00", True)),
    ("cash a millionth below a whole cent", ("1200.00", "99.999999", "0.15"), ("99.99", True)),
    ("cash a millionth above a whole cent", ("1200.00", "100.000001", "0.15"), ("100.00", True)),
    ("cash of a cent under a share of one and a half", ("0.10", "0.01", "0.15"), ("0.01", True)),
    ("cash that rounding alone would pass", ("0.10", "0.014", "0.15"), ("0.01", True)),
    ("cash of two cents above a share of one and a half", ("0.10", "0.02", "0.15"), ("0.02", False)),
]


@pytest.mark.parametrize(("bill", "expected"), [case[1:] for case in CAP], ids=[case[0] for case in CAP])
def test_no_more_than_the_cash_paid_is_owed_and_vouchers_do_not_count(
    bill: tuple[str, str, str], expected: tuple[str, bool]
) -> None:
    assert awarded(*bill) == expected


def test_the_number_of_digits_that_the_caller_works_with_changes_nothing() -> None:
    with localcontext(prec=3):
        assert awarded("123456.70", "123456.70", "0.15") == ("18518.51", False)


def test_another_quantum_is_followed() -> None:
    terms = TERMS.model_copy(update={"quantum": Decimal("0.001")})
    assert award(Decimal("0.10"), Decimal(1), Decimal("0.15"), terms) == Award(Decimal("0.015"), capped=False)
    terms = TERMS.model_copy(update={"quantum": Decimal(1)})
    assert award(Decimal("3.00"), Decimal(3), Decimal("0.50"), terms) == Award(Decimal(2), capped=False)


cents = st.integers(0, 10**15).map(lambda number: Decimal(number).scaleb(-2))
millionths = st.integers(0, 10**10).map(lambda number: Decimal(number).scaleb(-6))


@given(cents, cents, st.sampled_from([Decimal("0.15"), Decimal("0.30"), Decimal("0.60")]))
def test_an_amount_is_whole_cents_within_half_a_cent_of_the_share_and_never_above_the_cash(
    fee: Decimal, cash: Decimal, rate: Decimal
) -> None:
    found = award(fee, cash, rate, TERMS)
    assert found.amount.as_tuple().exponent == -2
    assert found.amount <= cash
    if found.capped:
        assert found.amount == cash
    else:
        assert -Decimal("0.005") < found.amount - fee * rate <= Decimal("0.005")


@given(millionths, millionths, st.sampled_from([Decimal("0.15"), Decimal("0.30"), Decimal("0.60")]))
def test_cash_with_a_fraction_of_a_cent_is_never_passed(fee: Decimal, cash: Decimal, rate: Decimal) -> None:
    found = award(fee, cash, rate, TERMS)
    assert found.amount.as_tuple().exponent == -2
    assert found.amount <= cash
    assert found.amount - fee * rate <= Decimal("0.005")
    assert min(cash, fee * rate) - found.amount < Decimal("0.01")
