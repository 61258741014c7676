"""Accounts of whose requests more than a tenth are flagged as illegal content: moderation, or a flag read wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.adding import add_at
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.model.flags import Flagged
from sla_audit.model.notice import Notice, in_a_row

_ONE_IN = 10
_SHOWN = 3


def often_flagged(
    allocated: AllocatedCounts, cycles: pl.DataFrame, verdict: pl.DataFrame, contract: Contract
) -> tuple[Flagged, ...]:
    """List the cycles of whose requests more than a tenth are flagged, those with the greatest share first.

    `cycles` and `verdict`, that of any reading, are as in `verdicts.Judgement`. There are none where the contract has
    no rule on flags.
    """
    codes = allocated.dimensions.outcomes["content_flag"].arg_true()
    if not len(codes) or not any(rule.when.content_flag for rule in contract.classification):
        return ()
    of_flag = allocated.counts.filter(pl.col("outcome").is_in(codes.implode()))
    numbers = of_flag.select(number=allocated.dimensions.cycle_number())["number"]
    flagged = add_at(numbers, of_flag["requests"], allocated.dimensions.cycle_numbers)
    table = cycles.select("account_id", "cycle", requests=verdict["requests"], flagged=flagged[cycles["number"]])
    often = table.filter(pl.col("flagged") * _ONE_IN > pl.col("requests"))
    return tuple(worst_first(Flagged(*row) for row in often.iter_rows()))


def is_often(each: Flagged) -> bool:
    """Tell whether more than a tenth of the requests are flagged."""
    return each.flagged * _ONE_IN > each.requests


def worst_first(found: Iterable[Flagged]) -> list[Flagged]:
    """Order those of which some requests are flagged by the share of them, the greatest first."""
    return sorted(found, key=lambda each: (-each.flagged * 10**9 // each.requests, each.account_id, each.cycle))


def flagged_notices(often: Sequence[Flagged], contract: Contract) -> Iterator[Notice]:
    """Say how many accounts these are, and which are the worst; shares are cut."""
    if not often:
        return
    worst = [
        Notice(
            "{account} {percent} % of {requests} in {cycle}",
            account=each.account_id,
            percent=each.flagged * 100 // each.requests,
            requests=each.requests,
            cycle=each.cycle,
        )
        for each in often[:_SHOWN]
    ]
    accounts = len({each.account_id for each in often})
    said = Notice(
        "more than a tenth of the requests of {accounts} accounts are flagged as illegal content: {worst}",
        "money",
        accounts=accounts,
        worst=in_a_row(worst),
    )
    if accounts == 1:
        said = Notice(
            "more than a tenth of the requests of 1 account are flagged as illegal content: {worst}",
            "money",
            worst=in_a_row(worst),
        )
    causes = [rule.cause for rule in contract.classification if rule.when.content_flag and isinstance(rule.cause, int)]
    if causes:
        said = Notice(
            "{said}; clause 2.7.1 ({clause}) leaves them out of the rate", "money", said=said, clause=causes[0]
        )
    yield said
