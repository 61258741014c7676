"""Which results were asked for, and what is near where one is not there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

import polars as pl

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, to_say

_MOST_NAMED = 5


def chosen(results: pl.DataFrame, account: str | None, cycles: Collection[str] | None) -> pl.DataFrame:
    """Take the results of an account, and of some cycles; None: of all.

    Raises `InputError` where there are none, and says which are near.
    """
    if account is not None:
        of_account = results.filter(pl.col("account_id") == account)
        if not of_account.height:
            ids = results["account_id"].unique(maintain_order=True).to_list()
            remedy = what_is_near(account, ids) if ids else to_say("There are no results at all.")
            raise InputError(Problem(f"--account {account!r}", "no result is of this account", remedy))
        results = of_account
    if cycles is not None:
        of_cycles = results.filter(pl.col("cycle").is_in(list(cycles)))
        if not of_cycles.height:
            known = ", ".join(results["cycle"].unique().sort().to_list()) or Sentence("none")
            found = (
                to_say("no result is of this cycle")
                if account is None
                else Sentence("account {account!r} has no such cycle", account=account)
            )
            raise InputError(
                Problem(f"--cycle {', '.join(cycles)}", found, Sentence("There are: {known}.", known=known))
            )
        results = of_cycles
    return results


def what_is_near(account: str, ids: Sequence[str]) -> Sentence:
    """Name the accounts that are spelt like one that is not there, or else a few of those that are."""
    near = get_close_matches(account, ids, _MOST_NAMED, cutoff=0.5)
    named = ", ".join(map(repr, near or ids[:_MOST_NAMED])) or Sentence("none")
    return Sentence(to_say("Near it are: {known}.") if near else to_say("There are: {known}."), known=named)
