"""What people say of a claim: how it stands then, and what is refused as it makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_audit.errors import InputError
from sla_audit.ledger import entering
from sla_audit.ledger.database import transaction
from sla_audit.ledger.entering import Noted, Said
from sla_audit.ledger.rows import Book
from sla_audit.ledger.standing import standing
from sla_audit.model.ledger import TrackedClaim
from tests.builders.ledgers import CONTRACT, TODAY, finding, found, histories, note


class Ledger:
    """A ledger with one claim, of which things are said."""

    def __init__(self, folder: Path, amount: str | None = "360.00") -> None:
        self.path = folder / "claims.db"
        note(self.path, found("acct-1", amount))

    def say(self, how: Callable[..., Noted], day: int = 10, month: int = 11, **said: Any) -> Noted:
        number = {"number": said.pop("number")} if "number" in said else {}
        nevertheless = frozenset(said.pop("nevertheless", ()))
        amount = said.pop("amount", None)
        with transaction(self.path) as connection:
            book = Book(connection, self.path)
            (history,) = book.histories(CONTRACT)
            on = date(2026, month, day)
            what = Said(on, date(2026, 12, 31), amount and Decimal(amount), nevertheless=nevertheless, **said)
            return how(book, history, what, **number)

    def refused(self, how: Callable[..., Noted], day: int = 10, month: int = 11, **said: Any) -> str:
        before = histories(self.path)
        with pytest.raises(InputError) as error:
            self.say(how, day, month, **said)
        assert histories(self.path) == before
        return str(error.value)

    def on(self, day: int, month: int = 11) -> TrackedClaim:
        (history,) = histories(self.path)
        claim = standing(history, date(2026, month, day))
        assert claim is not None
        return claim


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


class TestStates:
    def test_by_the_window_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, found("acct-1", as_of=date(2026, 11, 1)))
        (history,) = histories(path)
        days = ((10, 31), (11, 1), (11, 4), (11, 5), (11, 30), (12, 1))
        states = {day: standing(history, date(2026, *day)) for day in days}
        assert {day: claim and (claim.state, claim.file_by) for day, claim in states.items()} == {
            (10, 31): None,
            (11, 1): ("detected", date(2026, 11, 30)),
            (11, 4): ("detected", date(2026, 11, 30)),
            (11, 5): ("ready", date(2026, 11, 30)),
            (11, 30): ("ready", date(2026, 11, 30)),
            (12, 1): ("lapsed", None),
        }

    def test_from_the_filing_to_the_voucher(self, ledger: Ledger) -> None:
        ledger.say(entering.file, 22)
        assert (ledger.on(22).state, ledger.on(22).outstanding) == ("filed", Decimal("360.00"))
        assert ledger.on(1, month=12).state == "filed"  # it does not lapse
        ledger.say(entering.answer, 24)
        assert (ledger.on(24).state, ledger.on(23).state) == ("approved", "filed")
        ledger.say(entering.credit, 25, amount="100")
        assert (ledger.on(25).state, ledger.on(25).outstanding) == ("partly_credited", Decimal(260))
        ledger.say(entering.credit, 26, reference="V-2")
        assert (ledger.on(26).state, ledger.on(26).credited) == ("credited", Decimal(360))
        assert ledger.on(26).outstanding is None

    def test_a_part_approved_and_credited_is_credited(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        ledger.say(entering.answer, 24, amount="180.00")
        assert ledger.on(24).state == "partly_approved"
        ledger.say(entering.credit, 25)
        assert (ledger.on(25).state, ledger.on(25).credited) == ("credited", Decimal(180))

    def test_an_objection_may_turn_a_rejection(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        ledger.say(entering.answer, 24, amount="0")
        assert (ledger.on(24).state, ledger.on(24).outstanding) == ("rejected", None)
        ledger.say(entering.answer, 28)
        assert ledger.on(28).state == "approved"

    def test_one_that_was_withdrawn_may_be_filed_again(self, ledger: Ledger) -> None:
        ledger.say(entering.withdraw, 21)
        assert (ledger.on(21).state, ledger.on(21).file_by) == ("withdrawn", None)
        ledger.say(entering.file, 22)
        assert ledger.on(22).state == "filed"

    def test_an_unknown_amount_stays_unknown(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path, None)
        assert (ledger.on(20).state, ledger.on(20).found.amount) == ("ready", None)
        assert "what is owed cannot be told (billing_missing)" in ledger.refused(entering.file)
        ledger.say(entering.file, amount="100.00")
        claim = ledger.on(20)
        assert (claim.state, claim.outstanding, claim.found.amount) == ("filed", Decimal(100), None)


class TestRefusals:
    def test_filing_twice(self, ledger: Ledger) -> None:
        ledger.say(entering.file, reference="MAIL-1")
        said = ledger.refused(entering.file, 11, reference="MAIL-2")
        assert "claim 1 (acct-1, 2026-10): was filed on 2026-11-10 already (reference 'MAIL-1')" in said
        assert "Withdraw it first" in said

    @pytest.mark.parametrize(("month", "day", "word"), [(11, 4, "early"), (12, 1, "late")])
    def test_filing_out_of_time_unless_it_is_said(self, ledger: Ledger, month: int, day: int, word: str) -> None:
        assert f"say so: --{word}." in ledger.refused(entering.file, day, month)
        assert ledger.say(entering.file, day, month, nevertheless=(word,)).entry.nevertheless == word
        assert ledger.on(day=31, month=12).state == "filed"

    def test_what_was_in_time_is_not_marked(self, ledger: Ledger) -> None:
        assert ledger.say(entering.file, 30, nevertheless=("late", "early")).entry.nevertheless is None

    @pytest.mark.parametrize("how", [entering.answer, entering.credit])
    def test_answers_and_credits_of_what_was_not_filed(self, ledger: Ledger, how: Callable[..., Noted]) -> None:
        assert "was not filed by 2026-11-10" in ledger.refused(how, amount="1")
        ledger.say(entering.file, 15)
        assert "was not filed by 2026-11-10" in ledger.refused(how, amount="1")  # it happened before
        ledger.say(entering.withdraw, 16)
        assert "was withdrawn on 2026-11-16" in ledger.refused(how, 17, amount="1")

    def test_crediting_more_than_was_agreed_unless_it_is_said(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        assert "361 would be credited in all, more than the 360.00 that was claimed" in ledger.refused(
            entering.credit, 25, amount="361"
        )
        ledger.say(entering.answer, 24, amount="0")
        assert "more than the 0 that was approved" in ledger.refused(entering.credit, 25, amount="5")
        ledger.say(entering.credit, 25, amount="5", nevertheless=("more",))
        assert ledger.on(25).state == "credited"

    def test_approving_more_than_was_claimed_unless_it_is_said(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        assert "--more" in ledger.refused(entering.answer, 24, amount="3600.00")
        assert ledger.say(entering.answer, 24, amount="3600.00", nevertheless=("more",)).claim.state == "approved"

    def test_withdrawing_what_was_credited(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        ledger.say(entering.credit, 25)
        assert "was credited on 2026-11-25" in ledger.refused(entering.withdraw, 26)
        assert "all that was agreed was credited already" in ledger.refused(entering.credit, 26)

    def test_what_has_not_happened_yet(self, ledger: Ledger) -> None:
        with transaction(ledger.path) as connection:
            book = Book(connection, ledger.path)
            (history,) = book.histories(CONTRACT)
            with pytest.raises(InputError, match="2026-11-21 is after 2026-11-20, the day of --as-of"):
                entering.file(book, history, Said(date(2026, 11, 21), TODAY))
            with pytest.raises(InputError, match="was detected on 2026-11-20, after 2026-11-19"):
                entering.file(book, history, Said(date(2026, 11, 18), date(2026, 11, 19)))

    def test_filing_what_is_not_owed(self, ledger: Ledger) -> None:
        note(ledger.path, found("acct-1", "0.00", as_of=date(2026, 11, 25)))
        assert ledger.on(25).state == "nothing_owed"
        assert "nothing is owed (objective_met)" in ledger.refused(entering.file)
        assert ledger.say(entering.file, amount="10.00").claim.state == "filed"


class TestSaidAgain:
    def test_the_same_is_not_noted_twice(self, ledger: Ledger) -> None:
        for how, day in ((entering.file, 10), (entering.answer, 12), (entering.credit, 14)):
            first = ledger.say(how, day, reference="R")
            again = ledger.say(how, day, reference="R")
            assert (first.was_there, again.was_there) == (False, True)
        assert len(histories(ledger.path)[0].entries) == 3
        assert ledger.on(31, month=12) == again.claim

    def test_a_credit_is_known_again_also_after_others(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        for reference in ("V-1", "V-2", "V-1"):
            ledger.say(entering.credit, 14, amount="100.00", reference=reference)
        assert ledger.on(25).credited == 200

    def test_credits_of_two_references_are_two(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        for reference in ("V-1", "V-2"):
            assert not ledger.say(entering.credit, 14, amount="100.00", reference=reference).was_there

    def test_a_filing_after_a_withdrawal_is_none_that_was_there(self, ledger: Ledger) -> None:
        ledger.say(entering.file, 10)
        ledger.say(entering.withdraw, 10)
        assert not ledger.say(entering.file, 10).was_there
        assert ledger.on(31, month=12).state == "filed"


class TestCorrections:
    def test_what_is_struck_out_was_never_said_and_is_still_shown(self, ledger: Ledger) -> None:
        ledger.say(entering.file, amount="3600.00")
        ledger.say(entering.correct, 12, number=1, note="a zero too many")
        assert ledger.on(10, month=12).state == "lapsed"
        ledger.say(entering.file, amount="360.00")
        assert ledger.on(31, month=12).agreed == 360
        assert [entry.kind for entry in histories(ledger.path)[0].entries] == ["filed", "struck", "filed"]

    def test_a_credit_that_was_struck_out_may_be_said_again(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        wrong = ledger.say(entering.credit, 14, amount="100.00", reference="V-1")
        ledger.say(entering.correct, 15, number=wrong.entry.number)
        assert not ledger.say(entering.credit, 14, amount="100.00", reference="V-1").was_there
        assert ledger.on(25).credited == 100

    def test_one_on_which_others_rest_stays(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        ledger.say(entering.answer, 12)
        assert "cannot do without entry 1: then it was not filed by 2026-11-12" in ledger.refused(
            entering.correct, 13, number=1
        )

    def test_what_is_not_there_and_what_is_struck_out_already(self, ledger: Ledger) -> None:
        assert "has no entry 7" in ledger.refused(entering.correct, number=7)
        ledger.say(entering.file)
        ledger.say(entering.correct, number=1)
        assert ledger.say(entering.correct, number=1).was_there
        assert "has no entry 2" in ledger.refused(entering.correct, number=2)  # a striking is not struck out


class TestFindings:
    def test_a_run_notes_only_what_has_changed(self, ledger: Ledger) -> None:
        later = date(2026, 11, 21)
        assert note(ledger.path, found("acct-1", as_of=later), found("acct-2", as_of=later)) == 1
        assert note(ledger.path, found("acct-1", "180.00", as_of=later)) == 1
        assert (ledger.path, [len(each.findings) for each in histories(ledger.path)]) == (ledger.path, [2, 1])

    def test_what_people_said_stays(self, ledger: Ledger) -> None:
        ledger.say(entering.file)
        note(ledger.path, found("acct-1", "180.00", as_of=date(2026, 11, 21)))
        claim = ledger.on(21)
        assert (claim.state, claim.agreed, claim.found.amount) == ("filed", Decimal(360), Decimal(180))

    def test_a_run_of_an_earlier_day_does_not_take_the_place_of_a_later_one(self, ledger: Ledger) -> None:
        assert note(ledger.path, found("acct-1", "180.00", as_of=date(2026, 11, 6))) == 1
        assert (ledger.on(7).found.amount, ledger.on(20).found.amount) == (Decimal(180), Decimal(360))

    def test_what_is_no_breach_makes_no_claim(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        running = found("running", None, reason="cycle_running")
        whole = found("whole", None)._replace(breached=False)
        assert note(path, found("good", "0.00"), running, whole, found("unbilled", None), found("bad")) == 2
        assert [each.key.account_id for each in histories(path)] == ["unbilled", "bad"]


KINDS = st.sampled_from(["file", "answer", "credit", "withdraw", "correct"])
STEPS = st.tuples(KINDS, st.integers(6, 28), st.sampled_from([None, "0", "1", "360", "500"]), st.integers(1, 6))


@given(st.lists(STEPS, max_size=12))
@settings(max_examples=60)
def test_whatever_is_said_in_whatever_order_the_ledger_stays_one_that_can_be_told(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str | None, int]]
) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    for kind, day, amount, number in steps:
        said = {"number": number} if kind == "correct" else {} if kind == "withdraw" else {"amount": amount}
        before = histories(ledger.path)
        try:
            noted = ledger.say(getattr(entering, kind), day, **said)
        except InputError:
            assert histories(ledger.path) == before
            continue
        assert noted.claim == ledger.on(31, month=12)
    claim = ledger.on(31, month=12)
    credited = [entry.amount or 0 for entry in histories(ledger.path)[0].standing if entry.kind == "credited"]
    assert claim.credited == sum(credited)
    assert claim.found == finding()
    if claim.credits:
        assert claim.state in {"credited", "partly_credited"}
