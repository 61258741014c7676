"""What is promised of a cycle, and how it is measured: by requests, by the mean of intervals, or as a share of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sla_audit.contract.terms.fields import Part, Rate
from sla_audit.sentence import Sentence
from sla_audit.system.settings_file import Name

INTERVALS = {"1min": timedelta(minutes=1), "5min": timedelta(minutes=5), "1h": timedelta(hours=1)}
"""How long the intervals are that contract files name."""


class Objective(Part):
    """The success rate that is promised (clause 2.7); where it is `strict`, more than that is."""

    clause: Name
    success_rate: Annotated[Rate, Field(gt=0)]
    strict: bool = False

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.strict and self.success_rate == 1:
            raise ValueError("more than 1 is promised, which no rate is")
        return self


class Bad(Part):
    """When an interval is bad: one of the three conditions; with fewer requests than `least_requests` it is good.

    An interval without any request is never bad by itself.
    """

    all_failed: Literal[True] | None = None
    rate_over: Annotated[Rate, Field(lt=1)] | None = None
    failures_from: int | None = Field(default=None, ge=1)
    least_requests: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        given = [self.all_failed, self.rate_over, self.failures_from]
        if sum(each is not None for each in given) != 1:
            raise ValueError("one of `all_failed`, `rate_over` and `failures_from` says when an interval is bad")
        return self


class Run(Part):
    """How many bad intervals in a row count: at least `intervals_from`, with `least_requests` in all of them.

    A run goes on over the edges of cycles, and each cycle gets its own part of it, unless it is cut there. An interval
    without any request is no bad one, and ends a run.
    """

    intervals_from: int = Field(default=1, ge=1, le=1440)
    least_requests: int = Field(default=0, ge=0)
    over_cycle_edges: Literal["joined", "cut"] = "joined"


class Measure(Part):
    """How a cycle is measured by intervals, which begin at each local midnight.

    The mean of intervals is 1 less the mean of their failure rates, over all intervals of the cycle; those without
    requests have a rate of 0. The share of time is that of the intervals which are not bad, or
    not in a run that counts.
    """

    kind: Literal["mean_of_intervals", "share_of_time"]
    clause: Name
    interval: Literal["1min", "5min", "1h"]
    bad: Bad | None = None
    run: Run = Field(default_factory=Run)

    @property
    def step(self) -> timedelta:
        """How long an interval is."""
        return INTERVALS[self.interval]

    @property
    def joins_cycles(self) -> bool:
        """Whether a run in a cycle may begin or end outside of it."""
        one = self.run.intervals_from == 1 and not self.run.least_requests
        return self.bad is not None and self.run.over_cycle_edges == "joined" and not one

    @model_validator(mode="after")
    def _bad_goes_with_time(self) -> Self:
        if (self.kind == "share_of_time") != (self.bad is not None):
            raise ValueError("`bad` belongs to a share of time, which needs it")
        if self.kind == "mean_of_intervals" and self.run != Run():
            raise ValueError(Sentence("`run` belongs to a share of time, not to a {kind}", kind=self.kind))
        return self
