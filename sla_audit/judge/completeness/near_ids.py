"""Ids that are most likely one, spelt in two ways: they differ by case, spaces, leading zeros, width, or one letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from sla_audit.judge.completeness import one_letter
from sla_audit.model.ids import EDGES
from sla_audit.model.reconciliation import Difference, Near

_SPACES = f"[{EDGES}]+"


def nearest(ids: pl.Series, among: pl.Series) -> dict[str, Near]:
    """Find for each id the one that is near it among others, which are all different from it; some have none.

    For what a letter is, see `one_letter`. The work grows with the number of ids, not with that of pairs.
    """
    if not len(ids) or not len(among):
        return {}
    theirs = _keyed(among).group_by("key").agg(nearest=pl.col("id").min())
    alike = _keyed(ids).join(theirs, on="key").select("id", "nearest")
    found = {one: Near(other, _difference(one, other)) for one, other in alike.iter_rows()}
    if max(len(ids), len(among)) <= one_letter.MOST_IDS:
        taken = {near.nearest for near in found.values()}
        rest, free = (each.filter(~each.is_in(list(those))) for each, those in ((ids, found), (among, taken)))
        pairs = one_letter.pairs(rest.sort().to_list(), free.sort().to_list())
        found |= {one: Near(other, "one_letter") for one, other in pairs}
    return found


_PLAINLY: Mapping[Difference, Callable[[pl.Expr], pl.Expr]] = {
    "letter_case": lambda text: text.str.to_lowercase(),
    "spaces": lambda text: text.str.replace_all(_SPACES, ""),
    "leading_zeros": lambda text: text.str.replace_all("(^|[^0-9])0+([0-9])", "${1}${2}"),
    "full_width": lambda text: text.str.normalize("NFKC"),
}


def _keyed(ids: pl.Series) -> pl.DataFrame:
    """Give ids with what is the same for all spellings of one."""
    key = pl.col("id")
    for name in ("full_width", "spaces", "letter_case", "leading_zeros"):
        key = _PLAINLY[name](key)
    return pl.DataFrame({"id": ids}).with_columns(key=key)


def _difference(one: str, other: str) -> Difference:
    both = pl.DataFrame({"id": [one, other]})
    alone = (name for name, plainly in _PLAINLY.items() if both.select(plainly(pl.col("id")).n_unique()).item() == 1)
    return next(alone, "several")
