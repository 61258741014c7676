"""Where rows are kept that are traced: in memory as long as they are few, then in a file; never all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from sla_audit.intake.traced.tracing import Tracing
from sla_audit.system.temporary import put_away

_WRITTEN = pa.ipc.IpcWriteOptions(compression="lz4")


class TracedRows:
    """The rows of one part of a log that are kept, in the order of the log."""

    def __init__(self, tracing: Tracing) -> None:
        self.rows = 0
        self._file, self._most = tracing.file, tracing.most
        self._held: list[pa.RecordBatch] = []
        self._holds = 0
        self._has_written = False

    def take(self, rows: pa.RecordBatch) -> None:
        """Keep more of them. Raises `InputError` where the disk has no room for them."""
        self.rows += rows.num_rows
        self._held.append(rows)
        self._holds += rows.num_rows
        if self._file is not None and self._holds > self._most:
            self._write(self._file)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Give them, in the columns of `model.traced.TRACED`."""
        if self._file is not None and self._has_written:
            with put_away(self._file, "rows"), self._file.open("rb") as file:
                while file.peek(1):  # each time some were written, they are a stream of their own
                    with pa.ipc.open_stream(file) as stream:
                        yield from stream
        yield from self._held

    def _write(self, file: Path) -> None:
        # What an earlier reading of the part has left there is gone.
        with (
            put_away(file, "rows"),
            file.open("ab" if self._has_written else "wb") as written,
            pa.ipc.new_stream(written, self._held[0].schema, options=_WRITTEN) as stream,
        ):
            for rows in self._held:
                stream.write_batch(rows)
        self._has_written = True
        self._held, self._holds = [], 0
