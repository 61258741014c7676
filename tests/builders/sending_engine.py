"""An engine as a cluster is one: whatever is asked of others is sent, and so is what they answer."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.tally.engine import Count, Progress
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.planner import Account, Ask, Fragment, Reading

_Value = TypeVar("_Value")


def sent(value: _Value) -> _Value:
    """Give a value as it arrives elsewhere."""
    found: _Value = pickle.loads(pickle.dumps(value))
    return found


@dataclass(frozen=True)
class SendingEngine:
    """Counts on threads of this process, but reads only fragments that were sent, and takes accounts that were."""

    jobs: int = 2

    def count(self, fragments: Sequence[Fragment], ask: Ask, progress: Progress | None = None) -> Count:
        """Count fragments: see `engine.Engine.count`."""
        return LocalThreads(self.jobs).count(list(map(_Sent, fragments)), sent(ask), progress)


@dataclass(frozen=True, eq=False)
class _Sent:
    """A fragment that is sent each time it is read."""

    plan: Fragment

    @property
    def rows(self) -> int | None:
        return self.plan.rows

    @property
    def bytes(self) -> int:
        return self.plan.bytes

    @property
    def times(self) -> tuple[int, int] | None:
        return self.plan.times

    @property
    def spans(self) -> Sequence[tuple[int, int, int]]:
        return self.plan.spans

    @property
    def known(self) -> Mapping[str, Any]:
        return self.plan.known

    @property
    def has_request_ids(self) -> bool:
        return self.plan.has_request_ids

    def again(self, *, compared: bool = False, places: npt.NDArray[np.int64] | None = None) -> Self:
        return type(self)(self.plan.again(compared=compared, places=places))

    def read(self, without: Collection[str] = ()) -> _SentReading:
        return _SentReading(sent(self.plan).read(sent(without)))

    def skip(self) -> Account:
        return sent(sent(self.plan).skip())


@dataclass(frozen=True)
class _SentReading:
    reading: Reading

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return iter(self.reading)

    def account(self) -> Account:
        return sent(self.reading.account())
