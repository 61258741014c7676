"""Logs that are copies of others under other names: byte for byte, packed, or in another encoding."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Literal, TypeVar

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.bytes.planned import PlannedFile
from sla_audit.intake.content import Content
from sla_audit.intake.fingerprint import fingerprint
from sla_audit.intake.logs import LogFile
from sla_audit.sentence import Sentence

_BYTES_A_BEGINNING = 1 << 14
_BYTES_A_BLOCK = 1 << 18
_FEW, _MOST_BEGINNINGS = 16, 500

_Key = TypeVar("_Key")
_Item = TypeVar("_Item")
_Pairs = Iterator[tuple[LogFile, LogFile]]


def copies(logs: Sequence[LogFile]) -> dict[Path, Path]:
    """Give the file of each log that is a copy of another one, and that one's: a plain file rather than a packed one.

    The beginning of each text is read, and more only of those that begin alike or stand beside what they are packed
    in; of Parquet files, only those of one size and the same ends. Rows in another order, or with other line ends, make
    another log. Where what the path says in place of columns differs, they are other requests.

    Raises `InputError` where one is the beginning of another: a copy that was cut, or made before the log had grown.
    """
    found: dict[LogFile, LogFile] = {}
    problems: list[Problem] = []
    for first, other in dict.fromkeys((*_alike_in_parquet(logs), *_alike_in_text(logs))):
        if first in found or other in found:
            continue
        ending = _compared(first.content, other.content)
        if ending == "together":
            found[other] = first
        elif ending is not None:
            shorter, longer = (first, other) if ending == "the first" else (other, first)
            problems.append(_beginning(shorter.source.shown, longer.source.shown))
    refuse(problems)
    return {copy.source.path: first.source.path for copy, first in found.items()}


def _alike_in_parquet(logs: Sequence[LogFile]) -> _Pairs:
    """Yield the pairs of Parquet files of one size and the same ends that have one fingerprint."""
    parquet = [log for log in logs if log.content.encoding is None]
    for likely in _groups(((log.bytes, log.source.planned.ends, _said(log)), log) for log in parquet):
        for alike in _groups((fingerprint(log.source.planned), log) for log in likely):
            yield from _pairs(alike)


def _alike_in_text(logs: Sequence[LogFile]) -> _Pairs:
    """Yield the pairs of texts that begin alike, and those of a log and what it may be packed in, plain ones first."""
    texts = sorted((log for log in logs if log.content.encoding is not None), key=lambda log: not log.content.is_plain)
    if len(texts) < 2:
        return
    beginnings = {log: beginning for log in texts if (beginning := _beginning_of(log)) is not None}
    for alike in _groups(((beginning, _said(log)), log) for log, beginning in beginnings.items()):
        yield from _pairs(alike)
    by_path = {log.source.path: log for log in beginnings}
    for log in beginnings:
        unpacked = None if log.content.is_plain else by_path.get(log.source.path.with_suffix(""))
        if unpacked is not None:
            yield unpacked, log


def _pairs(alike: Sequence[LogFile]) -> _Pairs:
    """Pair logs that may be copies: each with each other where they are few, else copies with the first of them alone.

    Raises `InputError` where so many others begin alike that it would take for ever to compare them.
    """
    firsts = alike
    if len(alike) > _FEW:
        by_content: dict[str, list[LogFile]] = {}
        for log in alike:
            by_content.setdefault(_digest(log.content), []).append(log)
        for first, *others in by_content.values():
            yield from ((first, other) for other in others)
        firsts = [first for first, *_ in by_content.values()]
    if len(firsts) > _MOST_BEGINNINGS:
        found = Sentence(
            "{logs:,} logs begin alike, which are not the same, so that it cannot be told which are copies",
            logs=len(firsts),
        )
        shown = ", ".join(log.source.shown for log in firsts[:3])
        remedy = Sentence("Give no more than {most:,} such logs in one run, or join them.", most=_MOST_BEGINNINGS)
        raise InputError(Problem(Sentence("{shown} and others", shown=shown), found, remedy))
    yield from combinations(firsts, 2)


def _digest(content: Content) -> str:
    digest = hashlib.sha256()
    for block in content.blocks():
        digest.update(block)
    return digest.hexdigest()


def _beginning_of(log: LogFile) -> int | None:
    """Give the hash of the first bytes of a text; None where they show that it has no rows, and is no copy."""
    beginning = log.content.beginning(_BYTES_A_BEGINNING)
    lines = beginning.strip().count(b"\n") + 1
    is_whole, header = len(beginning) < _BYTES_A_BEGINNING, 1 if log.source.kind.has_header else 0
    return None if is_whole and (lines <= header or not beginning.strip()) else hash(beginning)


def _compared(first: Content, other: Content) -> Literal["together", "the first", "the other"] | None:
    """Tell which of two contents ends first, where that is the beginning of the other; None where they differ."""
    if _are_alike(first.source.planned, other.source.planned):
        return "together"
    if first.encoding is None or other.encoding is None:
        return None
    with first.open() as one, other.open() as another:
        while True:
            here, there = one.read(_BYTES_A_BLOCK), another.read(_BYTES_A_BLOCK)
            if here != there:
                if here.startswith(there):
                    return "the other"
                return "the first" if there.startswith(here) else None
            if not here:
                return "together"


def _are_alike(first: PlannedFile, other: PlannedFile) -> bool:
    """Tell whether two files are the same, byte for byte."""
    if first.size != other.size:
        return False
    with first.open() as one, other.open() as another:
        while here := one.read(_BYTES_A_BLOCK):
            if here != another.read(_BYTES_A_BLOCK):
                return False
    return True


def _beginning(shorter: str, longer: str) -> Problem:
    found = Sentence(
        "holds what {longer} begins with and ends before it, so that the same rows would be counted twice",
        longer=longer,
    )
    return Problem(shorter, found, "Leave it out: it was cut, or copied before the log had grown.")


def _said(log: LogFile) -> tuple[tuple[str, str | None], ...]:
    return tuple(log.columns.said_by_path.items())


def _groups(keyed: Iterable[tuple[_Key, _Item]]) -> Iterator[list[_Item]]:
    """Collect what shares a key, where there are several, in the order in which they come."""
    groups: dict[_Key, list[_Item]] = {}
    for key, item in keyed:
        groups.setdefault(key, []).append(item)
    return (items for items in groups.values() if len(items) > 1)
