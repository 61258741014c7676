"""What charts say to those who do not see them: their figures, in words."""

from __future__ import annotations

from sla_audit.report.formats.html.charts.drawn import Charts
from sla_audit.report.language import Words
from sla_audit.sentence import to_say

_RESULTS = to_say("How many results are in each tier. {figures}.")
_OWED = to_say("What is owed in each tier. {figures}.")
_BUDGETS = to_say("How many failures the objective still allows. {figures}.")
_FIGURE = to_say("{account}: {amount}")


def labels(drawn: Charts, words: Words) -> dict[str, str]:
    """Give the label of each chart that has no table beside it."""
    tiers = drawn.tiers.tiers if drawn.tiers else []

    def of_tiers(text: str, figures: list[tuple[str, str]]) -> str:
        named = (words.say(_FIGURE, account=name, amount=figure) for name, figure in figures)
        return words.say(text, figures=words.joined(named))

    owing = drawn.tiers.owing if drawn.tiers else []

    left = (
        words.say(
            _FIGURE,
            account=f"{each.account}, {each.cycle}",
            amount=words.say("{left} of {allowed} left", left=f"{each.left:,}", allowed=f"{each.allowed:,}"),
        )
        for each in drawn.budgets.first
    )
    return {
        "tiers_label": of_tiers(_RESULTS, [(tier.name, f"{tier.results:,}") for tier in tiers]),
        "owed_by_tier_label": of_tiers(_OWED, [(tier.name, tier.owed.in_words(words)) for tier in owing]),
        "budgets_label": words.say(_BUDGETS, figures=words.joined(left)),
    }
