"""One code per outcome: the combination of what the columns of a log say of a request."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import islice
from typing import Any

import polars as pl
import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.model.tally import LOGGED, OUTCOME, OUTCOME_FIELDS
from sla_audit.sentence import Sentence
from sla_audit.tally.limits import MOST_OUTCOMES

_ARROW_KINDS = {pl.Int16(): pa.int16(), pl.Int64(): pa.int64(), pl.Boolean(): pa.bool_(), pl.String(): pa.string()}

ABSENT: Mapping[str, Any] = {name: field.absent for name, field in OUTCOME_FIELDS.items()}
"""What a log says of a request by having no such column."""

ARROW = {name: _ARROW_KINDS[kind] for name, kind in LOGGED.items()}
"""The types of what logs say in batches, where these are no dictionaries."""


class OutcomeIndex:
    """Codes of outcomes, given out in the order of first sight and shared by all threads."""

    def __init__(self) -> None:
        self._codes: dict[tuple[Any, ...], int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count the outcomes seen so far."""
        return len(self._codes)

    def code(self, outcome: Mapping[str, Any]) -> int:
        """Give the code of an outcome; a column that it does not name says nothing.

        Raises `InputError` where a column that should say little says too much to be counted.
        """
        key = tuple(outcome.get(name, ABSENT[name]) for name in OUTCOME)
        known = self._codes.get(key)
        if known is None:
            with self._lock:
                known = self._codes.setdefault(key, len(self._codes))
            if len(self._codes) > MOST_OUTCOMES:
                raise InputError(
                    Problem(
                        "logs",
                        Sentence(
                            "more than {most:,} combinations of status, flags, region and api", most=MOST_OUTCOMES
                        ),
                        "Map api and region to columns that name the API and the region, not each request's path.",
                    )
                )
        return known

    def since(self, code: int) -> list[dict[str, Any]]:
        """List the outcomes from a code on."""
        with self._lock:
            return [dict(zip(OUTCOME, said, strict=True)) for said in islice(self._codes, code, None)]

    def frame(self) -> pl.DataFrame:
        """List the outcomes by code, in the columns of `model.OUTCOME`."""
        return pl.DataFrame(list(self._codes), schema=OUTCOME, orient="row")
