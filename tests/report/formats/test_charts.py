"""The charts of the page: whole cycles, what is missing, exclusion windows, and figures that are those of the JSON."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.budget_chart import budgets
from sla_audit.report.formats.html.charts.cycle_axis import CycleAxis, cycle_axis
from sla_audit.report.formats.html.charts.day_charts import ChartDay, rate_chart
from sla_audit.report.formats.html.charts.drawing import whole_ticks
from sla_audit.report.formats.html.charts.drawn import charts
from sla_audit.report.formats.html.charts.row_bars import RowBar, row_bars
from sla_audit.report.formats.html.charts.tier_charts import tier_charts
from sla_audit.report.formats.html.render import render_html
from sla_audit.report.language import ENGLISH
from sla_audit.report.saved.restore import restore
from tests.builders.reports.by_hand import NOT_OWED, UNDETERMINED, a_report
from tests.oracles.colours import Triple, ciede2000, least_difference
from tests.program import ROOT
from tests.report.formats.test_page import DARK, LIGHT, text_of

CONTRACT = load_contract(BUILT_IN)
SAMPLE = ROOT / "sample_logs" / "expected.json"
WHOLE: dict[str, Any] = json.loads(SAMPLE.read_bytes())
HOUR = 60 * 60 * 1000
OCTOBER = CycleAxis(date(2026, 10, 1), date(2026, 10, 31), [], [])


@pytest.fixture(scope="module")
def sample() -> Report:
    return restore(SAMPLE).report


def day(name: str, **counts: int) -> dict[str, Any]:
    return {"date": name, "success": 99, "explicit_failure": 1, "excluded": {"total": 0, "by_clause": {}}} | counts


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def axis_of(**head: Any) -> CycleAxis:
    axis = cycle_axis(a_report({}, **head))
    assert axis is not None
    return axis


class TestTheAxis:
    def test_it_is_the_whole_cycle_and_what_has_no_requests_is_missing(self) -> None:
        axis = axis_of(daily=[day("2026-10-03"), day("2026-10-05")])
        assert (str(axis.first), str(axis.last), len(axis.days)) == ("2026-10-01", "2026-10-31", 31)
        hours = [((each.since - axis.domain[0]) // HOUR, (each.until - axis.domain[0]) // HOUR) for each in axis.empty]
        assert hours == [(0, 48), (72, 96), (120, 744)]
        assert axis.kinds() == {"missing"}

    def test_hours_of_a_gap_are_hatched_by_the_clock_of_the_agreement_and_join_the_days_beside_them(self) -> None:
        listed = [day(f"2026-10-{number:02}") for number in range(1, 31)]
        gap = {"starts_at": "2026-10-30T20:00:00+08:00", "ends_at": "2026-10-31T00:00:00+08:00"}
        inside = {"starts_at": "2026-10-05T06:00:00+08:00", "ends_at": "2026-10-05T09:30:00+08:00"}
        axis = axis_of(daily=listed, coverage={"gaps": [inside], "cut_short": [gap]})
        hours = [((each.since - axis.domain[0]) / HOUR, (each.until - axis.domain[0]) / HOUR) for each in axis.empty]
        assert hours == [(102, 105.5), (29 * 24 + 20, 31 * 24)]

    def test_days_of_a_running_cycle_are_to_come(self) -> None:
        listed = [day(f"2026-10-{number:02}") for number in range(1, 20)]
        axis = axis_of(daily=listed, as_of="2026-10-20")
        assert [each.kind for each in axis.empty] == ["to_come"]

    def test_windows_are_cut_to_the_cycle_and_keep_their_cause(self) -> None:
        window = {"id": "W", "clause": 3, "state": "applied", "starts_at": "2026-09-30T22:00:00+08:00"}
        other = {"clause": 1, "state": "refused", "starts_at": "2026-11-01T00:00:00+08:00"}
        listed = [window | {"ends_at": "2026-10-01T02:00:00+08:00"}, other | {"ends_at": "2026-11-02T00:00:00+08:00"}]
        report = a_report({}, daily=[day("2026-10-03")])
        axis = cycle_axis(Report(report.head | {"exclusions": listed}, report.results))
        assert axis is not None
        assert [(each.clause, each.applied, (each.until - each.since) // HOUR) for each in axis.windows] == [
            (3, True, 2)
        ]

    def test_it_is_on_the_page(self, sample: Report) -> None:
        cut = [each for each in WHOLE["daily"] if each["date"] <= "2026-10-20"]
        content = render_html(Report(sample.head | {"daily": cut}, sample.results), CONTRACT)
        assert b'fill="url(#missing)"' in content
        assert '<pattern id="missing"' in content.decode()
        said = text_of(content)
        for words in ("no requests in the logs", "exclusion in force", "exclusion that is refused", "10-31"):
            assert words in said


class TestFigures:
    def test_tiers_are_those_of_the_json(self, sample: Report) -> None:
        found = tier_charts(sample, CONTRACT, ENGLISH)
        assert found is not None
        rates = [Decimal(0), Decimal("0.15"), Decimal("0.3"), Decimal("0.6"), None]
        for tier, rate in zip(found.tiers, rates, strict=True):
            of_tier = [each for each in WHOLE["results"] if _decimal(each["credit_rate"]) == rate]
            amounts = [each["compensation"] for each in of_tier]
            assert tier.results == len(of_tier)
            assert (tier.owed.known or 0) == sum(Decimal(each) for each in amounts if each is not None)
            assert tier.owed.unknown == amounts.count(None)
        assert sum(tier.owed.known or 0 for tier in found.tiers) == Decimal(WHOLE["totals"]["compensation"])
        drawn = re.findall(r">([^<]+)</text>", found.owed.wide if found.owed else "")
        assert {"at least 241.67", "at least 840.00", "970.00"} <= set(drawn)

    def test_a_tier_of_which_nothing_is_known_is_no_zero(self) -> None:
        found = tier_charts(a_report({}, UNDETERMINED | {"credit_rate": "0.60"}), CONTRACT, ENGLISH)
        assert found is not None
        assert found.owed is not None
        assert ">?</text>" in found.owed.wide
        assert ">0.00</text>" not in found.owed.wide

    def test_where_nothing_is_known_of_any_tier_no_amounts_are_drawn(self) -> None:
        found = tier_charts(a_report(UNDETERMINED), CONTRACT, ENGLISH)
        assert found is not None
        assert found.owed is None

    def test_a_month_that_runs_has_what_would_be_owed_had_it_ended(self) -> None:
        running = UNDETERMINED | {"reason": "cycle_running", "estimate": "90.00"}
        met = running | {"credit_rate": "0", "estimate": "0.00"}
        found = tier_charts(a_report(running, met), CONTRACT, ENGLISH)
        assert found is not None
        assert found.by_now
        assert [(tier.results, tier.owed.known) for tier in found.owing] == [(1, Decimal("90.00"))]

    def test_budgets_follow_from_the_counts_and_the_objective(self, sample: Report) -> None:
        found = budgets(sample, ENGLISH)
        results = {each["account_id"]: each for each in WHOLE["results"]}
        for budget in found.first:
            result = results[budget.account]
            counted = result["success"] + result["explicit_failure"]
            assert budget.allowed == counted // 100  # the objective is 99 %
            assert (budget.failed, budget.left) == (result["explicit_failure"], budget.allowed - budget.failed)
        shares = [budget.left / budget.allowed for budget in found.first]
        assert shares == sorted(shares)
        met = [each for each in results.values() if each["credit_rate"] == "0"]
        assert len(found.first) + found.others + found.unused == len(met)
        assert found.overspent == WHOLE["totals"]["breached"]

    def test_a_budget_that_is_just_used_up_has_none_left(self) -> None:
        row = NOT_OWED | {"requests": 100, "failures_to_edge": 1}
        (budget,) = budgets(a_report(row), ENGLISH).first
        assert (budget.allowed, budget.left) == (1, 0)

    def test_the_days_that_cost_are_those_of_the_json(self, sample: Report) -> None:
        said = text_of(render_html(sample, CONTRACT))
        costly = [each for each in WHOLE["attribution"] if each["compensation_caused"] != "0.00"]
        assert [each["date"] for each in costly] == ["2026-10-15", "2026-10-21", "2026-10-25"]
        for each in costly:
            figures = [each["date"], each["explicit_failure"], each["results"], each["compensation_caused"]]
            assert " ".join(map(str, figures)) in said

    def test_what_the_log_says_stands_apart_from_what_is_asserted(self, sample: Report) -> None:
        drawn = charts(sample, CONTRACT, ENGLISH)
        assert drawn.asserted is not None
        assert drawn.routine is not None
        assert (drawn.asserted.causes, drawn.routine.causes) == ([1, 3], [4, 5, 9])
        for cause, chart in ((1, drawn.asserted), (3, drawn.asserted), (4, drawn.routine), (9, drawn.routine)):
            assert f"var(--c{cause})" in chart.drawing.wide


@pytest.mark.parametrize("most", [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 24, 99, 1000, 12_345, 10**9 + 1])
def test_ticks_of_counts_are_few_whole_numbers_that_reach_the_highest(most: int) -> None:
    ticks = whole_ticks(most)
    assert ticks[0] == 0
    assert ticks[-1] >= max(most, 1)
    assert 2 <= len(ticks) <= 5
    assert len({after - before for before, after in pairwise(ticks)}) == 1


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_no_axis_of_counts_has_half_a_request(failures: int) -> None:
    report = a_report({}, daily=[day("2026-10-03", explicit_failure=failures)])
    drawing = charts(report, CONTRACT, ENGLISH).failures
    assert drawing is not None
    assert not re.search(r">[0-9]+\.[0-9]+<", drawing.wide + drawing.narrow)


def test_figures_end_at_the_edge_and_are_never_cut() -> None:
    drawing = row_bars([RowBar("a" * 80, "123,456,789,012.34", 1), RowBar("b", "0.01", 0)])
    for svg in drawing:
        assert ">123,456,789,012.34<" in svg
        assert "a" * 80 not in svg
        assert svg.count('text-anchor="end"') == 2


@pytest.mark.parametrize(
    ("failed", "lowest"),
    [(0, Decimal("98.5")), (1, Decimal("98.5")), (2, Decimal("97.5")), (60, Decimal(30)), (100, Decimal(0))],
)
def test_the_chart_of_rates_goes_down_to_the_lowest_and_not_much_further(failed: int, lowest: Decimal) -> None:
    days = [ChartDay("2026-10-01", 100 - failed, failed, 0, {}, f"{1 - Decimal(failed) / 100:.6f}")]
    drawing = rate_chart(days, OCTOBER, CONTRACT)
    labels = [Decimal(label) for label in re.findall(r">([0-9.]+)%<", drawing.wide)]
    assert max(labels) == 100
    assert lowest <= min(labels) <= min(100 - failed, 99)
    assert "--tier" not in drawing.wide


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_causes_that_meet_in_a_bar_differ_for_every_eye(colours: dict[str, str]) -> None:
    """Neighbours in a bar are told apart by CIEDE2000, also with deuteranopia, protanopia and tritanopia."""
    of_the_log = sorted({rule.cause for rule in CONTRACT.classification if isinstance(rule.cause, int)})
    asserted = [cause.number for cause in CONTRACT.causes if cause.number not in of_the_log]
    pairs = [*combinations(of_the_log, 2), *pairwise(asserted)]
    pairs += zip(asserted, asserted[2:], strict=False)
    assert min(least_difference(colours[f"c{one}"], colours[f"c{other}"]) for one, other in pairs) >= 20
    every = combinations(range(1, 13), 2)
    assert min(least_difference(colours[f"c{one}"], colours[f"c{other}"]) for one, other in every) >= 8


def test_every_day_has_its_place() -> None:
    first = OCTOBER.days[0]
    assert OCTOBER.days == [first + timedelta(days=number) for number in range(31)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_of_colours_is_that_of_its_authors(one: Triple, other: Triple, expected: float) -> None:
    assert abs(ciede2000(one, other) - expected) < 0.0001
