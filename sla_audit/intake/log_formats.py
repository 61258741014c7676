"""The formats of logs, a line for each: what it is called, which files are of it, and what opens them.

This is light, so that the command line can name formats without loading what reads them; see `formats.registry`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sla_audit.sentence import Sentence


@dataclass(frozen=True)
class LogFormat:
    """A format by its `name` here, its name for `--format` (`option`) and its `title` in messages.

    `opener` is `module:function`, see `formats.interface.Opener`. A log that comes as a stream is kept under the first
    of its `suffixes`; files are also told by the suffixes of `other_suffixes`, which messages do not name and, where
    they are named one by one, by those of `suffixes_of_named`, which in a directory are mostly notes of people.

    Only text may be packed, rotated, encoded or written to while it is read. A text of which the first line is a
    header has no rows where it has no other.
    """

    name: str
    option: str
    title: str
    suffixes: tuple[str, ...]
    opener: str
    other_suffixes: tuple[str, ...] = ()
    suffixes_of_named: tuple[str, ...] = ()
    is_text: bool = True
    has_header: bool = False


LOG_FORMATS: Mapping[str, LogFormat] = {
    each.name: each
    for each in (
        LogFormat("csv", "csv", "CSV", (".csv",), "sla_audit.intake.formats.csv.log:CsvLog.open", has_header=True),
        LogFormat(
            "json",
            "jsonl",
            "JSON lines",
            (".jsonl", ".json"),
            "sla_audit.intake.formats.jsonl.log:JsonLog.open",
            other_suffixes=(".ndjson",),
        ),
        LogFormat(
            "lines",
            "log",
            "text",
            (".log",),
            "sla_audit.intake.formats.detect:open_lines",
            suffixes_of_named=(".txt",),
        ),
        LogFormat(
            "parquet",
            "parquet",
            "Parquet",
            (".parquet",),
            "sla_audit.intake.formats.parquet.log:ParquetLog.open",
            other_suffixes=(".pq",),
            is_text=False,
        ),
    )
}

OPTIONS: Mapping[str, str] = {each.option: each.name for each in LOG_FORMATS.values()}
"""The names of the formats, by those that users give them."""

BY_SUFFIX: Mapping[str, LogFormat] = {
    suffix: each for each in LOG_FORMATS.values() for suffix in (*each.suffixes, *each.other_suffixes)
}
BY_SUFFIX_OF_NAMED: Mapping[str, LogFormat] = {
    suffix: each for each in LOG_FORMATS.values() for suffix in each.suffixes_of_named
}


def _listed(*, texts: bool) -> str:
    return ", ".join(sorted(s for each in LOG_FORMATS.values() if each.is_text is texts for s in each.suffixes))


SUFFIXES_SAID = Sentence(
    "{texts} (each also rotated, and with .gz or .zst) or {others}",
    texts=_listed(texts=True),
    others=_listed(texts=False),
)
"""The suffixes of logs, as messages name them."""
