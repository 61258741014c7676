"""Spark as a cluster: each task a partition of a range of numbers, each message a row, keys meet by its shuffle.

Only what all of Spark's masters take is asked of it: data frames, and functions from Arrow to Arrow.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sla_audit.tally.afar.cluster import Done
from sla_audit.tally.afar.messages import SCHEMA, Message, as_rows, from_rows
from sla_audit.tally.afar.tasks import do, merged
from sla_audit.tally.spark.failures import told
from sla_audit.tally.spark.session import is_connect, started

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS = "key long, kind string, number long, piece int, pieces int, payload binary"
_GROUP = "sla-audit"
_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_TO_STOP = 10
_SLOTS_BEHIND_A_SERVER = 16


class SparkCluster:
    """Does tasks by Spark, which is started when the first are to be done, at a `master`, or as it is configured."""

    def __init__(self, master: str | None = None) -> None:
        self._master = os.environ.get("SPARK_REMOTE") if master is None else master
        # Spark's own calls, all of them from one thread, which is not the main one: that is to be told of Ctrl-C.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spark")
        self._session: SparkSession | None = None

    @property
    def slots(self) -> int:
        """How many tasks it does at a time; of a Connect server, that is not known."""
        if is_connect(self._master):
            return _SLOTS_BEHIND_A_SERVER
        slots: int = self._awaited(self._thread.submit(lambda: self._started().sparkContext.defaultParallelism))
        return slots

    def run(self, work: bytes, tasks: Sequence[bytes], partitions: int, done: Done) -> Iterable[Message]:
        """Do tasks: see `afar.cluster.Cluster.run`. Raises `InputError` for what Spark lacks, or has lost."""
        watched = _Watched(len(tasks))
        table = self._awaited(self._thread.submit(self._collected, work, tasks, partitions, watched), watched, done)
        done(len(tasks))
        return from_rows(table.to_batches())

    def close(self) -> None:
        """Stop Spark, if it was started, with whatever it is at."""
        session, self._session = self._session, None
        if session is not None:
            stopping = threading.Thread(target=_stop, args=(session,), daemon=True)
            stopping.start()
            stopping.join(_SECONDS_TO_STOP)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _started(self) -> SparkSession:
        if self._session is None:
            self._session = started(self._master)
        return self._session

    def _collected(self, work: bytes, tasks: Sequence[bytes], partitions: int, watched: _Watched) -> pa.Table:
        session = self._started()
        watched.begin(session, connect=is_connect(self._master))
        try:
            return _table(_asked(session, work, tasks, partitions))
        except Exception as error:
            raise told(error) from error
        finally:
            watched.end()

    def _awaited(self, future: Future[Any], watched: _Watched | None = None, done: Done | None = None) -> Any:
        """Await what the thread of Spark does; where that is interrupted, have Spark give it up."""
        try:
            while not wait([future], timeout=_SECONDS_BETWEEN_LOOKS).done:
                if watched is not None and done is not None:
                    done(watched.tasks_done())
            return future.result()
        except BaseException:
            if not future.done() and self._session is not None:
                with suppress(Exception):
                    _give_up(self._session, connect=is_connect(self._master))
            raise


class _Watched:
    """How far a run of tasks has come, which Spark is asked for, or tells."""

    def __init__(self, tasks: int) -> None:
        self._tasks = tasks
        self._done = 0
        self._session: Any = None
        self._connect = False

    def begin(self, session: SparkSession, *, connect: bool) -> None:
        """Begin to watch; what this thread has done belongs to the group that is watched."""
        self._session, self._connect = session, connect
        if not connect:
            session.sparkContext.setJobGroup(_GROUP, "sla-audit", interruptOnCancel=False)
        elif hasattr(session, "registerProgressHandler"):
            session.registerProgressHandler(self._progress)

    def end(self) -> None:
        """Watch no longer."""
        session, self._session = self._session, None
        if self._connect and hasattr(session, "removeProgressHandler"):
            with suppress(Exception):
                session.removeProgressHandler(self._progress)

    def tasks_done(self) -> int:
        """Count the tasks that have been done."""
        session = self._session
        if session is not None and not self._connect:
            with suppress(Exception):  # it may stop meanwhile
                self._ask(session)
        return min(self._done, self._tasks)

    def _ask(self, session: SparkSession) -> None:
        tracker = session.sparkContext.statusTracker()
        for stage in tracker.getActiveStageIds():
            info = tracker.getStageInfo(stage)
            if info is not None and info.numTasks == self._tasks:
                self._done = max(self._done, info.numCompletedTasks)

    def _progress(self, stages: Any, inflight_tasks: int, operation_id: str | None, done: bool) -> None:
        del inflight_tasks, operation_id, done
        for stage in stages or ():
            if stage.num_tasks == self._tasks:
                self._done = max(self._done, stage.num_completed_tasks)


def _asked(session: SparkSession, work: bytes, tasks: Sequence[bytes], partitions: int) -> DataFrame:
    """Say what is to be done, as functions that are sent: whatever they name is there by its own import."""
    sent = list(tasks)

    def do_each(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in numbers:
            for number in batch.column("id").to_pylist():
                yield from as_rows(do(work, sent[number], number))

    def merge(rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from as_rows(merged(from_rows(rows)))

    frame = session.range(0, len(sent), 1, len(sent)).mapInArrow(do_each, _ROWS)
    return frame.repartition(partitions, "key").mapInArrow(merge, _ROWS) if partitions else frame


def _table(frame: DataFrame) -> pa.Table:
    if hasattr(frame, "toArrow"):
        return frame.toArrow()
    rows = frame.collect()  # before Spark 4
    return pa.Table.from_pylist([row.asDict() | {"payload": bytes(row["payload"])} for row in rows], SCHEMA)


def _give_up(session: SparkSession, *, connect: bool) -> None:
    if connect:
        session.interruptAll()
    else:
        session.sparkContext.cancelJobGroup(_GROUP)


def _stop(session: SparkSession) -> None:
    with suppress(Exception):
        session.stop()
