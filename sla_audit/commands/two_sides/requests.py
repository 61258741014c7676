"""The requests of two sides, each beside the same one of the other side, as far as logs tell which that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from sla_audit.judge.classification.rules import CLASSES
from sla_audit.model.comparison import DIFFERENCES, SIDES
from sla_audit.model.tally import REQUEST_ID
from sla_audit.model.traced import INSTANT

_ENDING = ("status", "no_answer", "content_flag", "client_aborted")
_WHY = ("class", "clause", "exclusion")
SHOWN = ("file", "place", INSTANT, "status_as_logged", *_ENDING, *_WHY)
"""What is said of a request on each side, with the side's name before it."""

_ALIKE = (
    (REQUEST_ID, INSTANT, *_ENDING),
    (REQUEST_ID, INSTANT),
    (REQUEST_ID,),
    (INSTANT, *_ENDING),
    (INSTANT,),
)
"""What rows of one request have in common, the surest first; an id tells more than a time."""


class SideBySide(NamedTuple):
    """Requests that `differ`; and rows of each side that are counted, and that the other side would not list."""

    differ: pl.DataFrame
    ours_counted: pl.DataFrame
    theirs_counted: pl.DataFrame


class Listed(NamedTuple):
    """The rows of a side, and, where the other side does not list such, which of them are `plain` answers."""

    rows: pl.DataFrame
    plain: pl.Expr | None = None


def side_by_side(ours: Listed, theirs: Listed, time_zone: str) -> SideBySide:
    """Put each request beside the one of the other side that is the same, and say how the two differ.

    Both have the columns of `rows.Rows`, and all rows of an account but for plain answers that a side does not list. Of
    requests that differ, gives `request_id`, those of `SHOWN` as `ours_` and `theirs_`, null where a side has no such
    row, and `difference`, one of `DIFFERENCES`; days are those of the time zone.

    Rows are of one request where they have the same id and time, else the same id, else, where one has no id, the same
    time; the n-th such row is that of the n-th. Of several, those that ended alike are, and those that are counted.
    Where a side does not list all, a time tells only of a row that is alone at it.
    """
    left, right = _numbered(ours.rows), _numbered(theirs.rows)
    is_whole = ours.plain is None and theirs.plain is None
    pairs = []
    for alike in _ALIKE:
        found = _pairs(left, right, alike, alone=alike == (INSTANT,) and not is_whole)
        pairs.append(found)
        left = left.join(found, left_on="row", right_on="ours", how="anti")
        right = right.join(found, left_on="row", right_on="theirs", how="anti")
    (left, ours_counted), (right, theirs_counted) = _apart(left, ours), _apart(right, theirs)
    alone = [
        left.select(ours="row", theirs=pl.lit(None, pl.UInt32)),
        right.select(ours=pl.lit(None, pl.UInt32), theirs="row"),
    ]
    matched = pl.concat([*pairs, *alone])
    both = pl.concat(
        [
            matched.select(),
            _said(ours.rows, matched["ours"], "ours"),
            _said(theirs.rows, matched["theirs"], "theirs"),
        ],
        how="horizontal",
    )
    differ = (
        both.with_columns(
            request_id=pl.coalesce(f"ours_{REQUEST_ID}", f"theirs_{REQUEST_ID}"), difference=_difference(time_zone)
        )
        .drop(f"ours_{REQUEST_ID}", f"theirs_{REQUEST_ID}")
        .filter(pl.col("difference").is_not_null())
        .sort(
            pl.col("difference").cast(pl.Enum(DIFFERENCES)),
            pl.coalesce(f"ours_{INSTANT}", f"theirs_{INSTANT}"),
            REQUEST_ID,
            nulls_last=True,
        )
    )
    return SideBySide(differ, ours_counted, theirs_counted)


def _apart(alone: pl.DataFrame, listed: Listed) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows that are alone from those that the other side would not list; these come as they were given."""
    if listed.plain is None:
        return alone, listed.rows.clear()
    told = alone.join(listed.rows.with_row_index("row").select("row", is_plain=listed.plain), on="row", how="left")
    plain = told.filter("is_plain", "counted")
    return told.filter(~pl.col("is_plain")), listed.rows.select(pl.all().gather(plain["row"]))


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Give rows their numbers, those that are counted first."""
    names = (REQUEST_ID, INSTANT, *_ENDING)
    return (
        rows.with_row_index("row")
        .with_columns(counted=pl.col("class").is_in(CLASSES))
        .sort("counted", descending=True, maintain_order=True)
        .select("row", "counted", *names)
    )


def _pairs(left: pl.DataFrame, right: pl.DataFrame, alike: Sequence[str], *, alone: bool) -> pl.DataFrame:
    """Pair rows that are alike, the n-th of one side with the n-th of the other; or such as are `alone` in that."""
    by_id = alike[0] == REQUEST_ID
    sides = []
    for name, rows in zip(SIDES, (left, right), strict=True):
        some = rows.filter(pl.col(REQUEST_ID).is_not_null()) if by_id else rows
        some = some.filter(pl.len().over(alike) == 1) if alone else some
        nth = pl.int_range(pl.len()).over(alike).alias("nth")
        sides.append(some.select(pl.col("row").alias(name), *alike, nth, has_id=pl.col(REQUEST_ID).is_not_null()))
    found = sides[0].join(sides[1], on=[*alike, "nth"], nulls_equal=True, suffix="_theirs")
    if not by_id:  # two ids that differ are two requests
        found = found.filter(~(pl.col("has_id") & pl.col("has_id_theirs")))
    return found.select("ours", "theirs")


def _said(rows: pl.DataFrame, which: pl.Series, side: str) -> pl.DataFrame:
    return rows.select(REQUEST_ID, *SHOWN).select(pl.all().gather(which)).select(pl.all().name.prefix(f"{side}_"))


def _difference(time_zone: str) -> pl.Expr:
    """Say how two sides differ about a request, as `DIFFERENCES` do; null where that changes nothing."""
    counted = {side: pl.col(f"{side}_class").is_in(CLASSES).fill_null(value=False) for side in SIDES}
    here = {side: pl.col(f"{side}_place").is_not_null() for side in counted}

    def differs(names: Sequence[str]) -> pl.Expr:
        return pl.any_horizontal(pl.col(f"ours_{name}").ne_missing(pl.col(f"theirs_{name}")) for name in names)

    return (
        pl.when(~counted["ours"] & ~counted["theirs"])
        .then(None)
        .when(~here["theirs"])
        .then(pl.lit("only_ours"))
        .when(~here["ours"])
        .then(pl.lit("only_theirs"))
        .when(counted["ours"] != counted["theirs"])
        .then(pl.lit("not_counted"))
        .when(differs(_ENDING))
        .then(pl.lit("other_ending"))
        .when(differs(_WHY))
        .then(pl.lit("other_class"))
        .when(_day("ours", time_zone) != _day("theirs", time_zone))
        .then(pl.lit("other_day"))
    )


def _day(side: str, time_zone: str) -> pl.Expr:
    instant = pl.from_epoch(f"{side}_{INSTANT}", "us").dt.replace_time_zone("UTC")
    return instant.dt.convert_time_zone(time_zone).dt.date()
