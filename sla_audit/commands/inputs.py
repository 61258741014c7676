"""The logs and tallies of a run as its report names them: which they are, and by what they are known again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sla_audit.intake.fingerprint import fingerprint, whole
from sla_audit.intake.read_log import ReadLog
from sla_audit.intake.sources.source import Source
from sla_audit.tally.saved.tally_file import TallyFile

Input = dict[str, Any]
"""A file that was counted: `path`, `bytes`, `rows`, `fingerprint` (see `intake.fingerprint`), and `sha256` of all its
bytes, where that was asked for; of a tally also the `logs` behind it, as it knows them."""


def inputs_of(
    logs: Sequence[ReadLog], tallies: Iterable[tuple[TallyFile, Source]], hashed: int = 0
) -> tuple[Input, ...]:
    """List the files in the order of their paths; every byte of so many at a time is digested where `hashed` is not 0.

    Raises `InputError` where one is not what was counted any more.
    """
    found = [(log.source, _of_log(log)) for log in logs]
    found += [(source, _of_tally(tally, source)) for tally, source in tallies]
    if hashed:
        with ThreadPoolExecutor(hashed) as threads:  # a digest holds no lock
            digests = threads.map(_whole, [source for source, _ in found])
            found = [
                (source, {**each, "sha256": sha256}) for (source, each), sha256 in zip(found, digests, strict=True)
            ]
    return tuple(sorted((each for _, each in found), key=lambda each: str(each["path"])))


def _whole(source: Source) -> str:
    return whole(source.planned)


def _of_log(log: ReadLog) -> Input:
    return {"path": log.source.shown, "bytes": log.log.bytes, "rows": log.rows, "fingerprint": log.fingerprint}


def _of_tally(tally: TallyFile, source: Source) -> Input:
    behind = tally.head.sources
    return {
        "path": tally.shown,
        "bytes": tally.bytes,
        "rows": tally.head.rows.read,
        "fingerprint": fingerprint(source.planned),
        "logs": [
            {"path": each.path, "bytes": each.bytes, "rows": each.rows, "fingerprint": each.fingerprint}
            for each in behind
        ],
    }
