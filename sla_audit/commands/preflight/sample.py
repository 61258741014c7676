"""Samples of logs: of a text its first lines, and its last ones, as small files of their own. The rest is not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sla_audit.intake.bytes.compression import suffix_unpacked
from sla_audit.intake.content import Content
from sla_audit.intake.sources.source import Source
from sla_audit.limits import MOST_LINE_BYTES

BYTES_AT_START, BYTES_AT_END, MOST_FILES = 1 << 18, 1 << 16, 100
"""As much is read of a text, unpacked, and of so many files."""

_BYTES_OF_FIELD_NAMES = 1 << 13


@dataclass(frozen=True)
class Sample:
    """A log that begins as another: of a text its first lines as `start`, and its last as `end`, if others are between.

    `bytes` of the text were read. The `start` may be the `whole` log. What is no text is its own sample.
    """

    start: Source
    end: Source | None = None
    bytes: int = 0
    whole: bool = False


def spread(sources: Sequence[Source], most: int = MOST_FILES) -> list[Source]:
    """Choose some logs: one of each folder and format first, then others, evenly among all."""
    if len(sources) <= most:
        return list(sources)
    firsts = {(source.group, source.path.parent, source.format): at for at, source in reversed([*enumerate(sources)])}
    chosen = set(sorted(firsts.values())[: most // 2])
    others = most - len(chosen)
    chosen.update(at * (len(sources) - 1) // max(1, others - 1) for at in range(others))
    return [sources[at] for at in sorted(chosen)]


def sample_of(source: Source, encoding: str, folder: Path) -> Sample:
    """Take a sample of a log into a folder, in UTF-8. Raises `InputError` or `OSError` where that cannot be read."""
    if not source.kind.is_text:
        return Sample(source)
    content = Content(source, encoding)
    with content.open() as text:
        data = text.read(BYTES_AT_START + 1)
        while len(data) > BYTES_AT_START and b"\n" not in data and len(data) < MOST_LINE_BYTES:
            data += (more := text.read(BYTES_AT_START))
            if not more:
                break
        whole = len(data) <= BYTES_AT_START
    if whole and content.is_plain:
        return Sample(source, bytes=len(data), whole=True)
    start = data if whole else _whole_rows(data, quoted=source.kind.has_header)
    end = b"" if whole or not content.is_plain else _last_lines(source)
    return Sample(
        _kept(source, folder, "start", start),
        _kept(source, folder, "end", _naming_fields(start, header=source.kind.has_header) + end) if end else None,
        bytes=len(data) + len(end),
        whole=whole,
    )


def _kept(source: Source, folder: Path, part: str, data: bytes) -> Source:
    path = folder / f"{part}{suffix_unpacked(source.path)}"
    path.write_bytes(data)
    return replace(source, path=path, said=source.shown)


def _whole_rows(data: bytes, *, quoted: bool) -> bytes:
    """Cut a text behind its last line that surely ends a row: not one within quotes."""
    cut = data.rfind(b"\n") + 1
    while quoted and cut and data.count(b'"', 0, cut) % 2:
        cut = data.rfind(b"\n", 0, cut - 1) + 1
    return data[: cut or len(data)]


def _last_lines(source: Source) -> bytes:
    size = source.planned.size
    with source.planned.open() as file:
        file.seek(max(BYTES_AT_START, size - BYTES_AT_END))
        data = file.read(BYTES_AT_END)
    return data[data.find(b"\n") + 1 : data.rfind(b"\n") + 1]


def _naming_fields(data: bytes, *, header: bool) -> bytes:
    """Give the lines of a text that name its fields: a header, or those that begin with `#`."""
    if header:
        return data[: data.find(b"\n") + 1]
    lines = data[:_BYTES_OF_FIELD_NAMES].splitlines(keepends=True)
    return b"".join(line for line in lines if line.startswith(b"#") and line.endswith(b"\n"))
