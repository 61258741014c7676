"""Rows far from the rest of their log: the clock of a gateway was wrong, or they belong to another file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.model.coverage import Outlier

_DAY = 24 * 60 * 60 * 10**6
Times = pl.DataFrame | Mapping[str, npt.NDArray[np.int64]]
"""The times of a log, with the columns that `observed.Observed` has."""

_MOST = 100  # strays are at most one row in so many


class _Cluster(NamedTuple):
    starts_at: int
    ends_at: int
    rows: int


def outliers_of(path: str, times: Times) -> Iterator[Outlier]:
    """Find the rows of a log that are further from the rest than the rest is long, and more than a day.

    `times` is as in `observed.Observed`. The rest is the shortest stretch with 99 of 100 rows, and whatever is near it.
    """
    clusters = _clusters(times)
    if len(clusters) < 2:
        return
    first, end = _shortest(clusters)
    while True:
        since, until = clusters[first].starts_at, clusters[end - 1].ends_at
        if first > 0 and since - clusters[first - 1].ends_at <= until - since:
            first -= 1
        elif end < len(clusters) and clusters[end].starts_at - until <= until - since:
            end += 1
        else:
            break
    for cluster in (*clusters[:first], *clusters[end:]):
        yield Outlier(path, cluster.rows, cluster.starts_at, cluster.ends_at, since, until)


def _clusters(times: Times) -> list[_Cluster]:
    """Join rows between which there is no more than a day."""
    starts, ends, rows = (np.asarray(times[name]) for name in ("starts_at", "ends_at", "rows"))
    if not len(rows):
        return []
    ended = np.maximum.accumulate(ends)
    first = np.flatnonzero(np.append(True, starts[1:] - ended[:-1] > _DAY))
    last = np.append(first[1:], len(rows)) - 1
    sums = np.add.reduceat(rows, first)
    return list(map(_Cluster, starts[first].tolist(), ended[last].tolist(), sums.tolist()))


def _shortest(clusters: list[_Cluster]) -> tuple[int, int]:
    """Find the shortest run of clusters, half-open, that leaves out no more than one row in a hundred."""
    in_all = sum(cluster.rows for cluster in clusters)
    first, kept = 0, 0
    runs = []
    for end, cluster in enumerate(clusters, 1):
        kept += cluster.rows
        while (in_all - kept + clusters[first].rows) * _MOST <= in_all:
            kept -= clusters[first].rows
            first += 1
        if (in_all - kept) * _MOST <= in_all:
            runs.append((cluster.ends_at - clusters[first].starts_at, first, end))
    _, first, end = min(runs)
    return first, end
