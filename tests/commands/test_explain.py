"""Why an account got its verdict: it agrees with the report, and what might have been is what an audit gives."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sla_audit.cli.main import run
from sla_audit.commands.audit import Request, audit
from sla_audit.commands.count import Logs
from sla_audit.commands.explain import explain
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.reading import Reading
from sla_audit.errors import InputError
from sla_audit.judge.availability import edges
from sla_audit.judge.period import Period
from sla_audit.model.month import Month
from sla_audit.report.explanation import Explanation, Verdict, WhatIf, render_explanation
from sla_audit.report.formats.json_file import render_json
from sla_audit.report.terminal.explanation import print_explanation
from tests.builders.examples import costly
from tests.builders.mistakes import everything_in, lay, messages
from tests.builders.what_ifs import CONTRACTS, answers, crowded
from tests.builders.windows import BILLING, DAYS, EVERY_DAY, PARTED, TWO_HOURS, WHOLE, WHOLE_DAY_2, asserted, tally_of
from tests.builders.windows import Case as Windows
from tests.builders.worlds import IDS, MIDDLE, World, facts, number, request_of, worlds
from tests.oracles import judgement as oracle
from tests.oracles.judgement import Bill, Row, Window
from tests.program import ROOT

CONTRACT = load_contract(BUILT_IN)
SAMPLE = ROOT / "sample_logs"
EXPECTED = {result["account_id"]: result for result in json.loads((SAMPLE / "expected.json").read_text())["results"]}
OCTOBER = Period(Month.parse("2026-10"), Month.parse("2026-10"))


def of_the_sample(account: str, reading: str = "literal") -> Explanation:
    """Explain an account of the sample month as its config does."""
    request = Request(
        contract=CONTRACT,
        logs=Logs((str(SAMPLE / "logs"),)),
        as_of=date(2026, 11, 20),
        reading=reading,
        accounts=SAMPLE / "accounts.csv",
        billing=SAMPLE / "billing.csv",
        exclusions=SAMPLE / "exclusions.csv",
        apis=("/v1/compose",),
        period=OCTOBER,
    )
    return explain(request, account)


def page(explained: Explanation, width: int = 160, contract: Contract = CONTRACT, **console: Any) -> str:
    file = io.StringIO()
    plain = Console(file=file, width=width, markup=False, highlight=False, emoji=False, **console)
    print_explanation(explained, contract, plain)
    return file.getvalue()


def line(text: str, words: str) -> list[str]:
    """Give the cells of the only line that has these words."""
    (found,) = [each for each in text.splitlines() if words in each]
    return re.split(r"\s{2,}", found.strip())


def assert_agreement(explained: Explanation, result: Mapping[str, Any], contract: Contract = CONTRACT) -> None:
    """Hold an explanation against the result that a report has of the same account and cycle."""
    verdict = explained.verdict
    place = (explained.account_id, explained.cycle, explained.plan, explained.service_fee, explained.cash_paid)
    assert place == tuple(result[name] for name in ("account_id", "cycle", "plan", "service_fee", "cash_paid"))
    said = ("success", "explicit_failure", "success_rate", "credit_rate", "decision", "reason", "compensation")
    assert {name: getattr(verdict, name) for name in (*said, "capped")} == {
        name: result[name] for name in (*said, "capped")
    }
    assert list(explained.readings) == list(result["readings"])
    for name, other in explained.readings.items():
        without_estimate = {key: value for key, value in result["readings"][name].items() if key != "estimate"}
        assert {key: getattr(other, key) for key in (*said, "excluded")} == without_estimate
    assert explained.readings[explained.reading] == verdict
    claim = explained.claim
    assert result["claim"] == {
        "opens_on": claim.opens_on.isoformat(),
        "closes_on": claim.closes_on.isoformat(),
        "calendar": claim.calendar,
    }
    assert (claim.decision, claim.reason, claim.compensation) == (
        verdict.decision,
        verdict.reason,
        verdict.compensation,
    )
    assert_steps_add_up(explained, result)
    assert_days_add_up(explained, result)
    assert_arithmetic(explained, result, contract)


def assert_steps_add_up(explained: Explanation, result: Mapping[str, Any]) -> None:
    verdict, by_class, by_clause = explained.verdict, Counter[str](), Counter[str]()
    for step in explained.steps:
        assert step.requests == sum(step.statuses.values()) > 0
        assert (step.class_ == "excluded") == (step.clause is not None)
        assert step.exclusion is None or step.clause is not None
        by_class[step.class_] += step.requests
        if step.clause is not None:
            by_clause[str(step.clause)] += step.requests
    assert explained.requests == by_class.total() == result["requests"]
    assert {name: by_class[name] for name in oracle_classes(verdict)} == oracle_classes(verdict)
    assert {"total": verdict.excluded, "by_clause": dict(by_clause)} == result["excluded"]
    order = [step.class_ for step in explained.steps]
    assert order == sorted(order, key=("excluded", "success", "explicit_failure").index)
    by_exclusion: Counter[str | None] = Counter()
    for step in explained.steps:
        by_exclusion[step.exclusion] += step.requests
    assert {each.id: each.requests for each in explained.exclusions if each.requests} == {
        name: number for name, number in by_exclusion.items() if name is not None
    }


def oracle_classes(verdict: Verdict) -> dict[str, int]:
    return {name: getattr(verdict, name) for name in ("success", "explicit_failure", "excluded")}


def assert_days_add_up(explained: Explanation, result: Mapping[str, Any]) -> None:
    first, last = (date.fromisoformat(result[name]) for name in ("cycle_start", "cycle_end"))
    assert (explained.cycle_start, explained.cycle_end) == (first, last)
    assert [each.day for each in explained.days] == [first + timedelta(n) for n in range((last - first).days + 1)]
    for name, total in oracle_classes(explained.verdict).items():
        assert sum(getattr(each, name) for each in explained.days) == total


def assert_arithmetic(explained: Explanation, result: Mapping[str, Any], contract: Contract) -> None:
    """Do the rate, the tier, its edges and the share over again, with fractions."""
    verdict, kept, total = explained.verdict, explained.kept, explained.total
    assert total - kept == verdict.explicit_failure
    if not total:
        nothing = (verdict.success_rate, explained.tier_from, explained.fewer, explained.more, explained.share)
        assert nothing == (None,) * 5
        return
    rate = Fraction(kept, total)
    assert verdict.success_rate == oracle.cut(rate)
    met = rate >= Fraction(contract.objective.success_rate)
    assert (explained.tier_from is None) == (explained.tier_below is None) == met
    if not met:
        assert Fraction(explained.tier_from or 0) <= rate < Fraction(explained.tier_below or 0)
    either = [edge.failures for edge in (explained.fewer, explained.more) if edge is not None]
    assert min(either, default=None) == result["failures_to_edge"]
    fee = result["service_fee"]
    assert (explained.share is None) == (met or fee is None)
    if explained.share is not None:
        assert Decimal(explained.share) == Decimal(fee) * Decimal(verdict.credit_rate or 0)


class TestTheSample:
    @pytest.mark.parametrize("account", EXPECTED)
    def test_every_account_is_explained_as_the_report_has_it(self, account: str) -> None:
        assert_agreement(of_the_sample(account), EXPECTED[account])

    @pytest.mark.parametrize("account", ["readings-differ", "announced-works", "no-traffic"])
    def test_the_other_reading_may_be_in_force(self, account: str) -> None:
        literal, broad = (of_the_sample(account, reading) for reading in ("literal", "broad"))
        assert broad.verdict == literal.readings["broad"]
        assert broad.readings == literal.readings
        assert (broad.kept, broad.total - broad.kept) == (broad.verdict.success, broad.verdict.explicit_failure)

    @pytest.mark.parametrize("account", EXPECTED)
    def test_exclusions_of_other_accounts_are_counted_and_not_listed(self, account: str) -> None:
        explained = of_the_sample(account)
        about = ["M-1012", "M-1021"] + ["N-1012"] * (account in {"announced-works", "tier-two"})
        assert [each.id for each in explained.exclusions] == about
        assert explained.untouched == 3 - len(about)

    @pytest.mark.parametrize(("account", "outside"), [("partial-first-month", 12), ("expired-mid-month", 30)])
    def test_requests_on_days_without_service_are_told_apart(self, account: str, outside: int) -> None:
        assert of_the_sample(account).outside_service == outside


@dataclass(frozen=True)
class Story:
    """An account of the sample, what its page must say at any width, and what it must not."""

    account: str
    says: tuple[str, ...]
    omits: tuple[str, ...] = ()


STORIES = [
    Story(
        "unannounced-works",
        (
            "Owed: 294.00 CNY, as a voucher (clause 2.10.1).",
            "Claim: file it by 2026-11-30, 7 working days left (clause 2.10.2).",
            "194 requests in the cycle 2.7 194 counted 2.7 - 180 successes (180 x 200) 2.7 14 explicit failures (14 x",
            "92.7835 % = 180 / 194, cut and not rounded; the objective is 99 % 2.7",
            "15 % of the fee, with 5 fewer failures 60 % of the fee, with 6 more failures",
            "294.00 = 980.00 x 30 %",
            "0.00 had M-1021 been announced in time: 0 failures, 100.0000",
            "1 other exclusion covers other times or accounts",
            "10-21 Wed ############## 14 of 20 None on the other 30 days.",
        ),
    ),
    Story(
        "announced-works",
        (
            "Nothing is owed: objective met.",
            "- 20 excluded: announced maintenance, upgrades and drills",
            "2.7.1 (1)",
            "- 4 excluded: carrier faults",
            "402 counted",
            "180.00 without M-1012, which excluded 20 (17 of them",
            "180.00 without N-1012, which excluded 4: 6 failures, 98.5221 %",
            "had M-1021 been announced in time: nothing",
        ),
        ("Claim:", "fewer failure", "other times or accounts"),
    ),
    Story(
        "capped-by-cash",
        ("Owed: 250.00 CNY", "600.00 = 1,000.00 x 60 %", "250.00 owed: capped at the cash paid, 250.00"),
        ("not above", "more failure"),
    ),
    Story("partial-first-month", ("Owed: 61.67 CNY", "61.665 = 411.10 x 15 %", "2026-10-20 to 2026-10-31, paid plan")),
    Story(
        "free-plan",
        ("Nothing is owed: free plan.", "2026-10-31, free plan", "0.00 = 0.00 x 30 %", "0.00 owed: free plan"),
        ("Claim:",),
    ),
    Story("just-below", ("0 % of the fee, with 1 fewer failure", "30 % of the fee, with 8 more failures")),
    Story("all-by-voucher", ("Nothing is owed:", "240.00 = 800.00 x 30 %"), ("Owed:",)),
    Story("not-in-accounts", ("Amount unknown:", "plan unknown", "? under the broad reading:"), ("= 3",)),
    Story(
        "no-traffic",
        ("no rate nothing was counted", "0 explicit failures 2.7.1", "No day has an explicit failure."),
        ("successes", "of the fee", "None on"),
    ),
    Story("readings-differ", ("299.99 under the broad reading: 10 failures, 95.0000 %, 15 % of the fee",)),
    Story("expired-mid-month", ("30 more on days without service, not counted 2.1", "None on the other 7 days.")),
    Story("illegal-content", ("- 25 excluded: illegal content in the input (25 x 503) 2.7.1 (5)",), (", exclusion",)),
]


class TestThePage:
    @pytest.mark.parametrize("story", STORIES, ids=lambda story: story.account)
    def test_the_command_tells_the_story_of_the_account(
        self, story: Story, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.setenv("NO_COLOR", "1")

        assert run(["explain", "--config", str(SAMPLE / "sla-audit.toml"), "--account", story.account]) == 0

        printed, _ = capsys.readouterr()
        said = " ".join(printed.split())
        assert said.startswith(f"{story.account}, cycle 2026-10 2026-10-")
        assert [words for words in story.says if words not in said] == []
        assert [words for words in story.omits if words in said] == []

    @pytest.mark.parametrize("width", [80, 120])
    @pytest.mark.parametrize("account", EXPECTED)
    def test_no_line_is_wider_than_the_terminal_and_nothing_acts_in_a_pipe(self, account: str, width: int) -> None:
        text = page(of_the_sample(account), width)
        assert max(map(len, text.splitlines())) <= width
        assert "\x1b" not in text

    @pytest.mark.parametrize("account", ["unannounced-works", "no-traffic"])
    def test_colour_adds_nothing_to_the_words(self, account: str) -> None:
        explained = of_the_sample(account)
        coloured = page(explained, force_terminal=True, color_system="standard", _environ={})
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == page(explained) != coloured

    def test_without_colour_a_terminal_gets_none(self) -> None:
        told = page(of_the_sample("unannounced-works"), force_terminal=True, no_color=True, color_system="standard")
        assert not re.search(r"\x1b\[[0-9;]*3[0-7]", told)

    @pytest.mark.parametrize("account", EXPECTED)
    def test_figures_of_the_requests_add_up_down_the_page(self, account: str) -> None:
        explained = of_the_sample(account)
        assert requests_of(page(explained)) == walked(explained)

    @pytest.mark.parametrize(
        ("failed", "bars"),
        [((1, 3), (1, 3)), ((40, 20), (40, 20)), ((80, 20), (40, 10)), ((4000, 1), (40, 1))],
        ids=["one mark a failure", "as long as it may be", "half as long", "never without a mark"],
    )
    def test_the_bars_are_as_long_as_the_failures_are_many(
        self, failed: tuple[int, int], bars: tuple[int, int]
    ) -> None:
        explained = of_the_sample("just-below")
        first, second = (replace(day, explicit_failure=n) for day, n in zip(explained.days[:2], failed, strict=True))
        text = page(replace(explained, days=(first, second)), 80)
        assert tuple(map(len, re.findall("#+", text))) == bars
        assert "None on" not in text

    def test_the_json_is_the_explanation_and_the_same_every_time(self, capsys: pytest.CaptureFixture[str]) -> None:
        command = ["explain", "--config", str(SAMPLE / "sla-audit.toml"), "--format", "json", "--account"]
        for jobs in ("1", "3"):
            assert run([*command, "announced-works", "--jobs", jobs]) == 0
            printed, _ = capsys.readouterr()
            assert printed == render_explanation(of_the_sample("announced-works"))
        whole = json.loads(printed)
        assert whole["schema"] == "sla-audit/explanation/1"
        assert [step["class"] for step in whole["steps"]] == ["excluded", "excluded", "success", "explicit_failure"]
        assert whole["days"][0] | {"success": 0} == {
            "day": "2026-10-01",
            "success": 0,
            "explicit_failure": 0,
            "excluded": 0,
        }


def requests_of(text: str) -> list[int]:
    """Give the figures of the walk from all requests to the failures, in their order."""
    _, _, walk = text.partition("\nRequests\n")
    lines = walk.partition("\nRate and amount\n")[0].splitlines()
    found = [re.match(r"\s*((?:- )?[\d,]+)  \S", each) for each in lines]
    return [int(each[1].replace(" ", "").replace(",", "")) for each in found if each]


def walked(explained: Explanation) -> list[int]:
    """Walk from all requests to the failures by hand."""
    verdict = explained.verdict
    left_out = [-step.requests for step in explained.steps if step.class_ == "excluded"]
    counted = explained.requests + sum(left_out)
    answered = [-verdict.success] if verdict.success else []
    outside = [explained.outside_service] if explained.outside_service else []
    return [explained.requests, *left_out, counted, *answered, counted + sum(answered), *outside]


AT_THE_EDGES = [
    # kept, total, fewer failures and what is earned then, more failures and what is earned then
    (100, 100, None, (2, "0.15")),
    (99, 100, None, (1, "0.15")),
    (98, 100, (1, "0"), (4, "0.30")),
    (95, 100, (4, "0"), (1, "0.30")),
    (94, 100, (1, "0.15"), (5, "0.60")),
    (90, 100, (5, "0.15"), (1, "0.60")),
    (89, 100, (1, "0.30"), None),
    (0, 100, (90, "0.30"), None),
    (9, 10, (1, "0"), (1, "0.60")),  # 10 of 10 meet the objective at once
    (0, 1, (1, "0"), None),
    (1, 1, None, (1, "0.60")),
    (0, 0, None, None),
    (99 * 10**12, 100 * 10**12, None, (1, "0.15")),
    (99 * 10**12 - 1, 100 * 10**12, (1, "0"), (4 * 10**12, "0.30")),
]


class TestEdges:
    @pytest.mark.parametrize(
        ("kept", "total", "fewer", "more"), AT_THE_EDGES, ids=[f"{kept} of {of}" for kept, of, *_ in AT_THE_EDGES]
    )
    def test_at_below_and_above_each_threshold(
        self, kept: int, total: int, fewer: tuple[int, str] | None, more: tuple[int, str] | None
    ) -> None:
        expected = [None if each is None else (each[0], Decimal(each[1])) for each in (fewer, more)]
        assert list(edges(kept, total, CONTRACT)) == expected

    @pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
    def test_they_are_where_flipping_one_request_at_a_time_gets(self, contract: Contract) -> None:
        steps = [(Fraction(contract.objective.success_rate), Decimal(0))]
        steps += [(Fraction(tier.from_), tier.rate) for tier in contract.compensation.tiers]

        @cache
        def earned(kept: int, total: int) -> Decimal:
            return next(credit for least, credit in steps if Fraction(kept, total) >= least)

        def flipped(kept: int, total: int, by: int) -> tuple[int, Decimal] | None:
            other = kept + by
            while 0 <= other <= total:
                if earned(other, total) != earned(kept, total):
                    return abs(other - kept), earned(other, total)
                other += by
            return None

        wrong = [
            (kept, total, edges(kept, total, contract))
            for total in range(121)
            for kept in range(total + 1)
            if edges(kept, total, contract)
            != ((flipped(kept, total, 1), flipped(kept, total, -1)) if total else (None, None))
        ]
        assert wrong == []


QUICK = costly(25)

# Failures of two accounts in hours that windows lie about, some announced in time and some not.
struck = st.lists(
    st.builds(
        Row,
        st.sampled_from([MIDDLE, MIDDLE + timedelta(minutes=90)]),
        st.sampled_from(IDS[:2]),
        st.sampled_from([502, 503, None, 500]),
    ),
    min_size=4,
    max_size=30,
)
asserted_windows = st.lists(
    st.builds(
        lambda clause, start, hours, ids, days: Window(
            "", clause, start, start + timedelta(hours=hours), start - timedelta(days=days), ids
        ),
        st.sampled_from([1, 1, 2, 11]),
        st.sampled_from([MIDDLE - timedelta(minutes=1), MIDDLE, MIDDLE + timedelta(hours=1)]),
        st.sampled_from([1, 2, 24]),
        st.sampled_from([(), ("a",), ("b",)]),
        st.sampled_from([1, 0]),
    ),
    min_size=1,
    max_size=3,
)
BILLS = [Bill("a", "2026-10", "1200.00", "1000.00"), Bill("b", "2026-10", "411.10", "20.00")]
disputed = st.builds(
    lambda failures, more, windows: World([*failures, *more], None, BILLS, windows, "2026-10"),
    struck,
    answers,
    asserted_windows,
)


def month_of(world: World) -> Period:
    """Give the one month that is explained."""
    month = Month.parse(world.month or "2026-10")
    return Period(month, month)


def results_of(request: Request) -> dict[str, dict[str, Any]]:
    report = json.loads(render_json(audit(request).report))
    return {result["account_id"]: result for result in report["results"]}


def said_of(result: Mapping[str, Any]) -> Verdict:
    """Give the verdict that a report has of an account, as an explanation writes it."""
    names = ("success", "explicit_failure", "success_rate", "credit_rate", "decision", "reason", "compensation")
    same = {name: result[name] for name in (*names, "capped")}
    return Verdict(excluded=result["excluded"]["total"], **same)


class TestWhatMightHaveBeen:
    @QUICK
    @given(crowded | worlds, st.sampled_from(["literal", "broad"]))
    def test_it_is_what_an_audit_of_other_exclusions_gives(self, world: World, reading: str) -> None:
        self.assert_what_ifs(world, reading)

    @QUICK
    @given(disputed, st.sampled_from(["literal", "broad"]))
    def test_it_is_so_where_much_depends_on_it(self, world: World, reading: str) -> None:
        self.assert_what_ifs(world, reading)

    def assert_what_ifs(self, world: World, reading: str) -> None:
        """Audit a world again with each of its exclusions otherwise."""
        with TemporaryDirectory() as name:
            folder = Path(name)
            request = request_of(world, folder, reading, month_of(world))
            results = results_of(request)
            explained = {account: explain(request, account) for account in results}
            for account, each in explained.items():
                assert_agreement(each, results[account])

            for at, window in enumerate(world.windows):
                others = list(world.windows)
                if oracle.accepted(window):
                    del others[at]
                else:
                    others[at] = replace(window, notified_at=window.starts_at - timedelta(days=1))
                facts(folder / "exclusions.csv", Window, number(others))
                otherwise = results_of(request)
                for account, each in explained.items():
                    self.assert_what_if(each, f"W{at}", window, said_of(otherwise[account]))

    @staticmethod
    def assert_what_if(explained: Explanation, name: str, window: Window, otherwise: Verdict) -> None:
        """Hold what is said of one exclusion against an audit; one that is not listed must change nothing."""
        found: list[WhatIf] = [each for each in explained.exclusions if each.id == name]
        now = explained.verdict
        if not found:
            assert otherwise == now
            return
        (what_if,) = found
        assert what_if.otherwise == otherwise
        assert what_if.clause == window.clause
        if oracle.accepted(window):
            assert what_if.state == "applied"
            assert what_if.requests_alone == otherwise.explicit_failure - now.explicit_failure
        else:
            assert (what_if.state, what_if.requests, what_if.requests_alone) == ("refused", 0, 0)

    @costly(10)
    @given(worlds)
    def test_an_account_without_a_result_is_refused_and_so_is_none_other(self, world: World) -> None:
        with TemporaryDirectory() as name:
            request = request_of(world, Path(name), "literal", month_of(world))
            results = results_of(request)
            for account in (*IDS, "d"):
                if account not in results:
                    with pytest.raises(InputError, match="--account"):
                        explain(request, account)


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start in a folder with the logs of some days."""
    lay(tmp_path, {**DAYS, "billing.csv": BILLING})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explained_by(*logs: str, account: str, exclusions: str | None = None, reading: str = "literal") -> Explanation:
    request = Request(
        contract=CONTRACT,
        logs=Logs(logs),
        as_of=date(2026, 11, 20),
        reading=reading,
        billing=Path("billing.csv"),
        exclusions=Path(exclusions) if exclusions else None,
        period=OCTOBER,
    )
    return explain(request, account)


def unknown(explained: Explanation) -> list[str]:
    return [each.id for each in explained.exclusions if each.otherwise is None]


HIDDEN = [
    # what depends on hours that no tally has kept, the windows, and by account what is not known
    ("an applied one hides hours", (f"11,{TWO_HOURS},,,", f"2,{WHOLE_DAY_2},,,"), {"A": ["W1"], "B": ["W1"]}),
    ("a refused one is of hours", (f"1,{TWO_HOURS},,,",), {"A": ["W0"], "B": ["W0"]}),
    ("the hours are of one account", (f"11,{TWO_HOURS},,A,", f"2,{WHOLE_DAY_2},,,"), {"A": ["W1"], "B": []}),
    ("a refused one is of whole days", (f"1,{WHOLE_DAY_2},,,",), {"A": [], "B": []}),
    ("both are of whole days", (f"2,{WHOLE_DAY_2},,,", f"11,{WHOLE_DAY_2},,,"), {"A": [], "B": []}),
]


@pytest.mark.usefixtures("days")
class TestTallies:
    @pytest.mark.parametrize("windows", [*PARTED, *WHOLE], ids=lambda windows: windows.sentence)
    def test_a_tally_that_knew_of_the_windows_explains_as_the_logs_do(self, windows: Windows) -> None:
        exclusions = asserted(*windows.windows)
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet", exclusions=exclusions, keep=("region",))
        for account in ("A", "B"):
            by_logs = explained_by(*EVERY_DAY, account=account, exclusions=exclusions)
            assert explained_by(tally, account=account, exclusions=exclusions) == by_logs
            assert unknown(by_logs) == []

    @pytest.mark.parametrize("windows", WHOLE, ids=lambda windows: windows.sentence)
    def test_a_tally_that_knew_of_none_explains_alike_but_for_what_it_cannot_know(self, windows: Windows) -> None:
        exclusions = asserted(*windows.windows)
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet", keep=("region",))
        for account in ("A", "B"):
            found = explained_by(tally, account=account, exclusions=exclusions)
            known = explained_by(*EVERY_DAY, account=account, exclusions=exclusions)
            same = [
                replace(each, otherwise=full.otherwise, requests_alone=full.requests_alone)
                if each.otherwise is None
                else each
                for each, full in zip(found.exclusions, known.exclusions, strict=True)
            ]
            assert replace(found, exclusions=tuple(same)) == known

    @pytest.mark.parametrize(("windows", "hidden"), [case[1:] for case in HIDDEN], ids=[case[0] for case in HIDDEN])
    def test_what_depends_on_hours_that_were_added_up_is_not_known(
        self, windows: tuple[str, ...], hidden: dict[str, list[str]]
    ) -> None:
        exclusions = asserted(*windows)
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet")
        for account, expected in hidden.items():
            explained = explained_by(tally, account=account, exclusions=exclusions)
            assert unknown(explained) == expected
            text = page(explained)
            for name in expected:
                assert line(text, f"{name}: not known, since a tally has added up")[0] == "?"
            assert text.count("not known") == len(expected)

    def test_an_account_is_explained_where_only_that_of_another_cannot_be(self) -> None:
        exclusions = asserted(f"11,{TWO_HOURS},,A,")
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet")
        found = explained_by(tally, account="B", exclusions=exclusions)
        assert found == explained_by(*EVERY_DAY, account="B", exclusions=exclusions)
        with pytest.raises(InputError, match="W0"):
            explained_by(tally, account="A", exclusions=exclusions)


# The agreement's readings, and one that keeps what is left out in the denominator.
OF_ALL = Reading(clause="2.7.1", meaning="-", explicit_failure=["none", 502, 503, 504], excluded_in_denominator=True)
BOTH_WAYS = CONTRACT.model_copy(update={"readings": {"literal": CONTRACT.readings["literal"], "of all": OF_ALL}})
NINETY_NINE = "timestamp,account_id,status\n" + "".join(
    f"2026-10-05T09:00:00Z,A,{status}\n" * many for status, many in ((200, 90), (503, 1), (404, 9))
)


class TestExcludedInTheDenominator:
    @staticmethod
    def explained(folder: Path, reading: str) -> Explanation:
        bills = "account_id,cycle,service_fee,cash_paid\nA,2026-10,1000.00,1000.00\n"
        lay(folder, {"log.csv": NINETY_NINE, "billing.csv": bills})
        return explain(
            Request(
                contract=BOTH_WAYS,
                logs=Logs((str(folder / "log.csv"),)),
                as_of=date(2026, 11, 20),
                reading=reading,
                billing=folder / "billing.csv",
                period=OCTOBER,
            ),
            "A",
        )

    def test_the_fraction_has_them_in_both_parts(self, tmp_path: Path) -> None:
        left_out, kept_in = (self.explained(tmp_path, reading) for reading in ("literal", "of all"))
        assert (left_out.kept, left_out.total, left_out.verdict.compensation) == (90, 91, "150.00")
        assert (kept_in.kept, kept_in.total, kept_in.verdict.compensation) == (99, 100, "0.00")

    def test_a_reading_that_changes_the_rate_alone_is_not_said_to_change_nothing(self, tmp_path: Path) -> None:
        found = line(page(self.explained(tmp_path, "literal"), contract=BOTH_WAYS), "under the of all reading")
        assert found[:2] == ["0.00", "under the of all reading: 1 failure, 99.0000 %, 0 % of the fee"]

    def test_a_day_has_them_too(self, tmp_path: Path) -> None:
        for reading, counted in (("literal", "1 of 91"), ("of all", "1 of 100")):
            found = line(page(self.explained(tmp_path, reading), contract=BOTH_WAYS), "10-05 Mon")
            assert found[-1] == counted

    def test_the_walk_from_all_requests_to_the_failures_adds_up(self, tmp_path: Path) -> None:
        explained = self.explained(tmp_path, "of all")
        left, *figures = requests_of(page(explained, contract=BOTH_WAYS))
        assert left == explained.requests
        for figure in figures:
            left += min(figure, 0)
            assert figure < 0 or figure == left
        assert left == explained.verdict.explicit_failure


GOOD = (
    "timestamp,account_id,status,api\n"
    "2026-10-05T09:00:00Z,acct-1,200,/v1\n2026-10-05T09:00:00Z,acct-2,502,/v1\n"
    "2026-11-05T09:00:00Z,later,502,/v1\n2026-10-20T09:00:00Z,gone,502,/v1\n2026-10-05T09:00:00Z,acct-3,200,/v2\n"
)
ACCOUNTS = (
    "account_id,plan,applied_on,expires_on\nacct-1,paid,2026-03-02,\nacct-2,paid,2026-03-02,\n"
    "gone,paid,2026-03-02,2026-09-30\nto-come,paid,2026-12-01,\n"
)
CONFIG = 'logs = ["good.csv"]\nas_of = 2026-12-20\n'
SOUND: dict[str, Any] = {
    "november.csv": DAYS["november.csv"],
    "good.csv": GOOD,
    "accounts.csv": ACCOUNTS,
    "no-cycle.toml": CONFIG,
}
OCTOBER_OF = "good.csv --as-of 2026-12-20 --cycle 2026-10"


@dataclass(frozen=True)
class Mistake:
    """A command, and the parts that its only message must have."""

    sentence: str
    command: str
    parts: tuple[str, ...]
    files: Mapping[str, Any] = field(default_factory=dict)


ONE_MONTH = ("--cycle", "expected one month, such as 2026-10 or last")
MISTAKES = [
    Mistake(
        "an account that is almost there",
        f"{OCTOBER_OF} --account acct1",
        ("--account 'acct1': nothing in the logs of 2026-10 or in the accounts file is of it", "Near it are: 'acct-"),
    ),
    Mistake(
        "an account like one of the accounts file only",
        f"{OCTOBER_OF} --accounts accounts.csv --account to_come",
        ("nothing in the logs of 2026-10 or in the accounts file", "Near it are: 'to-come'."),
    ),
    Mistake(
        "an account like none",
        f"{OCTOBER_OF} --account 9999",
        (
            "nothing in the logs of 2026-10 or in the accounts",
            "There are: 'acct-1', 'acct-2', 'acct-3', 'gone', 'later'.",
        ),
    ),
    Mistake("an account of another case", f"{OCTOBER_OF} --account ACCT-1", ("'ACCT-1': nothing in the logs",)),
    Mistake(
        "no account at all",
        "empty.csv --as-of 2026-12-20 --cycle 2026-10 --account A",
        ("nothing in the logs of 2026-10 or in the accounts file", "There are: none."),
        {"empty.csv": "timestamp,account_id,status\n"},
    ),
    Mistake(
        "an account whose service is over",
        f"{OCTOBER_OF} --accounts accounts.csv --account gone",
        (
            "--account 'gone': has no service and no counted request in 2026-10",
            "1 requests fall on days on which it was not in service",
            "Choose another cycle with --cycle.",
        ),
    ),
    Mistake(
        "an account whose service is to come",
        f"{OCTOBER_OF} --accounts accounts.csv --account to-come",
        ("'to-come': has no service and no counted request in 2026-10 Choose another",),
    ),
    Mistake(
        "an account with requests in another month",
        f"{OCTOBER_OF} --account later",
        ("'later': has no service and no counted request in 2026-10",),
    ),
    Mistake(
        "an account with requests in another month, in Parquet",
        "later.parquet good.csv --as-of 2026-12-20 --cycle 2026-10 --account much-later",
        ("'much-later': nothing in the logs of 2026-10",),
        {
            "later.parquet": {
                "timestamp": pa.array([1_795_000_000], pa.timestamp("s", "UTC")),
                "account_id": ["much-later"],
                "status": [200],
            }
        },
    ),
    Mistake(
        "an account with requests in another month, in a tally",
        "november.tally.parquet good.csv --as-of 2026-12-20 --cycle 2026-10 --account A",
        ("'A': nothing in the logs of 2026-10",),
    ),
    Mistake(
        "an account of another service only",
        f"{OCTOBER_OF} --api /v1 --account acct-3",
        ("'acct-3': has no service and no counted request in 2026-10",),
    ),
    Mistake(
        "an account that acts in a terminal",
        f"{OCTOBER_OF} --account \x1b[31mred",
        ("--account '\\x1b[31mred': nothing in the logs",),
    ),
    Mistake("no account named", OCTOBER_OF, ("Missing option '--account'",)),
    Mistake("several months", "good.csv --cycle 2026-10..2026-11 --account acct-1", ONE_MONTH),
    Mistake("all months", "good.csv --cycle all --account acct-1", ONE_MONTH),
    Mistake("no month", "good.csv --account acct-1", ONE_MONTH),
    Mistake("no month in the config either", "--config no-cycle.toml --account acct-1", ONE_MONTH),
    Mistake(
        "several months in the config",
        "--config cycles.toml --account acct-1",
        ONE_MONTH,
        {"cycles.toml": CONFIG + 'cycle = "2026-10..2026-11"\n'},
    ),
    Mistake("a month that is none", "good.csv --cycle 2026-13 --account acct-1", ("--cycle", "'2026-13'")),
    Mistake("no logs", "--cycle 2026-10 --account acct-1", ("No logs given",)),
    Mistake("a log that is not there", "gone.csv --cycle 2026-10 --account acct-1", ("gone.csv: no such file",)),
    Mistake("an unknown reading", f"{OCTOBER_OF} --account acct-1 --reading strict", ("'strict' is not a reading",)),
    Mistake("an unknown format", f"{OCTOBER_OF} --account acct-1 --format yaml", ("'yaml' is not one of",)),
]


class TestBadInput:
    @pytest.mark.parametrize("form", ["text", "json"])
    @pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.sentence)
    def test_it_is_refused_with_a_message_and_nothing_is_printed(
        self,
        mistake: Mistake,
        form: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        lay(tmp_path, {**SOUND, **mistake.files})
        monkeypatch.chdir(tmp_path)
        tally_of("november.csv", to="november.tally.parquet")
        before = everything_in(tmp_path)

        code = run(["explain", "--format", form, *mistake.command.split()])

        printed, errors = capsys.readouterr()
        assert (code, printed) == (2, ""), errors
        (message,) = messages(errors)
        assert [part for part in mistake.parts if part not in " ".join(message.split())] == []
        assert "\x1b" not in errors
        assert everything_in(tmp_path) == before

    def test_what_is_sound_is_explained(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Without this, a command that refuses everything would pass all the above."""
        lay(tmp_path, SOUND)
        monkeypatch.chdir(tmp_path)
        assert run(["explain", *OCTOBER_OF.split(), "--account", "acct-2"]) == 0
        assert capsys.readouterr().out.startswith("acct-2, cycle 2026-10\n")
        assert run(["explain", "--config", "no-cycle.toml", "--cycle", "last", "--account", "later"]) == 0
        assert capsys.readouterr().out.startswith("later, cycle 2026-11\n")


HOSTILE = {
    "escape sequences": ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
    "eight-bit controls": ("a\x9b2Jb", r"a\x9b2Jb"),
    "a turn of the writing direction": ("a\u202eb", r"a\u202eb"),
    "markup": ("[bold red]A[/] :smile:", "[bold red]A[/] :smile:"),
    "a closing tag of nothing": ("[/]", "[/]"),
    "a bell and a backspace": ("a\x07\x08b", r"a\x07\x08b"),
}


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


class TestHostileNames:
    @pytest.mark.parametrize(("name", "shown"), HOSTILE.values(), ids=HOSTILE)
    def test_names_are_printed_as_text_and_do_nothing(
        self, name: str, shown: str, hostile: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        window = "2026-10-05T00:00:00Z,2026-10-06T00:00:00Z"
        lay(
            hostile,
            {
                "log.csv": f"timestamp,account_id,status\n2026-10-05T09:00:00Z,{name},502\n",
                "exclusions.csv": "id,clause,starts_at,ends_at,notified_at\n"
                f"{name},3,{window},\n{name} again,1,{window},\n",
            },
        )
        given = ["log.csv", "--exclusions", "exclusions.csv", "--as-of", "2026-11-20", "--cycle", "2026-10"]

        assert run(["explain", *given, "--account", name, "--quiet"]) == 0

        printed, errors = capsys.readouterr()
        assert errors == ""
        assert all(char == "\n" or char.isprintable() for char in printed)
        assert printed.splitlines()[0] == f"{shown}, cycle 2026-10"
        assert f", exclusion {shown} (1 x 502)" in printed
        assert f"without {shown}, which excluded 1: 1 failure, 0.0000 %, 60 % of the fee" in printed
        assert f"had {shown} again been announced in time:" in printed

    @pytest.mark.parametrize(("name", "shown"), HOSTILE.values(), ids=HOSTILE)
    def test_the_json_keeps_names_as_they_are(
        self, name: str, shown: str, hostile: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lay(hostile, {"log.csv": f"timestamp,account_id,status\n2026-10-05T09:00:00Z,{name},502\n"})
        given = ["log.csv", "--as-of", "2026-11-20", "--cycle", "2026-10", "--quiet", "--format", "json"]
        assert run(["explain", *given, "--account", name]) == 0
        printed, _ = capsys.readouterr()
        assert json.loads(printed)["account_id"] == name
        assert "\x1b" not in printed
