"""Results by tier: how many there are in each, and what is owed of them."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.report.document import Report
from sla_audit.report.formats.html.charts.drawing import Drawing, colour
from sla_audit.report.formats.html.charts.row_bars import RowBar, row_bars
from sla_audit.report.language import Words
from sla_audit.report.numbers import percent
from sla_audit.report.owing import OwingTier, credit_of, owed_below, owing_tiers
from sla_audit.report.sums import Sum, sum_of
from sla_audit.sentence import to_say

_NOTHING = Sum(Decimal(0), 0)


class Tier(NamedTuple):
    """The results that earn a share of the fee, under the reading in force: how many, and what is owed of them.

    Where all of them are of a cycle that still runs, that is what would be owed, had it ended.
    """

    name: str
    fill: str
    results: int
    owed: Sum


class TierCharts(NamedTuple):
    """The tiers from the objective down, and drawings of their results and of what is owed; that may be nothing.

    `unsure` tells whether some of it is unknown, `by_now` whether it would be owed, had a cycle that runs ended.
    """

    tiers: list[Tier]
    results: Drawing
    owed: Drawing | None
    unsure: bool
    by_now: bool

    @property
    def owing(self) -> list[Tier]:
        """The tiers in which something is owed, or may be."""
        return _owing(self.tiers)


def tier_charts(report: Report, contract: Contract, words: Words) -> TierCharts | None:
    """Add results up by tier, and draw them; None where there are none."""
    if not report.results.height:
        return None
    tiers = _tiers(report, contract, words)
    most = max(tier.results for tier in tiers)
    results = [RowBar(tier.name, f"{tier.results:,}", tier.results / most, tier.fill) for tier in tiers]
    owing = _owing(tiers)
    most_owed = max((tier.owed.known or Decimal(0) for tier in owing), default=Decimal(0)) or Decimal(1)
    owed = [
        RowBar(tier.name, tier.owed.in_words(words), float((tier.owed.known or 0) / most_owed), tier.fill)
        for tier in owing
    ]
    unsure = any(tier.owed.unknown for tier in owing)
    return TierCharts(tiers, row_bars(results), row_bars(owed) if owed else None, unsure, _all_run(report))


def _owing(tiers: list[Tier]) -> list[Tier]:
    """Take the tiers that owe something, or may; none where nothing is known of any."""
    owing = [tier for tier in tiers if tier.owed.known or tier.owed.unknown]
    return owing if any(tier.owed.known is not None for tier in owing) else []


def _all_run(report: Report) -> bool:
    return (report.results["reason"] == "cycle_running").all()


def _name(tier: OwingTier, terms: Compensation, words: Words) -> str:
    rates = {name: percent(f"{value:f}") for name, value in tier._asdict().items()}
    if terms.base == "service_fee":
        return words.say("{least} % to below {below} %: {rate} % of the fee", **rates)
    return words.say(
        "{least} % to below {below} %: {credit}", **rates, credit=credit_of(f"{tier.rate:f}", terms, words)
    )


def _tiers(report: Report, contract: Contract, words: Words) -> list[Tier]:
    terms, strict = contract.compensation, contract.objective.strict
    nothing = to_say("more than {least} %: nothing") if strict else to_say("{least} % and more: nothing")
    named = [
        ("0", words.say(nothing, least=percent(f"{owed_below(contract):f}")), "ok"),
        *(
            (f"{tier.rate:f}", _name(tier, terms, words), colour("tier", number))
            for number, tier in enumerate(owing_tiers(contract), 1)
        ),
        (None, words.say("nothing was counted"), "soft"),
    ]
    amounts = "estimate" if _all_run(report) else "compensation"
    found = [
        # Whatever is not known of results that meet the objective, nothing is owed for them.
        Tier(name, fill, some.height, sum_of(some[amounts]) if rate != "0" else _NOTHING)
        for rate, name, fill in named
        for some in [report.results.filter(pl.col("credit_rate").eq_missing(rate))]
    ]
    return [tier for tier, (rate, _, _) in zip(found, named, strict=True) if rate is not None or tier.results]
