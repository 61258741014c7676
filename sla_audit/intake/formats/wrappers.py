"""What whoever carries a log puts around each line of it: a header of syslog, an object of Docker's, a time.

It is taken off before the line is read. Whoever has it around one line has it around all, so a line without it is not
the gateway's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from sla_audit.intake.formats.jsonl.objects import begin_as_objects
from sla_audit.sentence import Sentence, as_phrase

_BYTES_A_BLOCK = 8 << 20
_TIME = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_LINE = re.compile(rb"^[^\S\n]*\S", re.MULTILINE)


@dataclass(frozen=True)
class Wrapper:
    """A wrapper by the name that the report gives it.

    `off` takes it off one line, and gives None where the line has it not; `off_all` takes it off all lines of a text,
    and gives None where not every line that is not blank has it. A line with a NUL byte has none, even where that is
    in what would be taken off: it is damaged.
    """

    name: str
    off: Callable[[bytes], bytes | None]
    off_all: Callable[[bytes], bytes | None]

    def off_what_has_it(self, text: bytes) -> bytes:
        """Take it off every line that has it; the others become blank."""
        return b"\n".join(self.off(line) or b"" for line in text.split(b"\n"))


def _headed(name: str, header: bytes) -> Wrapper:
    """Give a wrapper that stands before a line."""
    one, each = re.compile(header), re.compile(rb"^(?:" + header + rb")", re.MULTILINE)

    def off(line: bytes) -> bytes | None:
        found = one.match(line)
        return None if found is None or b"\0" in line else line[found.end() :]

    def off_all(text: bytes) -> bytes | None:
        if b"\0" in text:
            return None
        rest, headers = each.subn(b"", text)
        return rest if headers == len(_LINE.findall(text)) else None

    return Wrapper(name, off, off_all)


def _of_object(name: str, message: str, *others: str) -> Wrapper:
    """Give a wrapper that is an object with texts, of which `message` is the line; `others` tell it from any object."""
    keys = sorted((message, *others))

    spelt = [json.dumps(key).encode() for key in keys]

    def off(line: bytes) -> bytes | None:
        if b"\\" not in line and not all(key in line for key in spelt):
            return None
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in keys):
            return None
        said: str = found[message]
        return said.removesuffix("\n").removesuffix("\r").encode("utf-8", "surrogatepass")

    def off_all(text: bytes) -> bytes | None:
        if b"\0" in text or not begin_as_objects(text):
            return None
        try:
            table = pa_json.read_json(
                pa.BufferReader(text),
                read_options=pa_json.ReadOptions(use_threads=False, block_size=_BYTES_A_BLOCK),
                parse_options=pa_json.ParseOptions(
                    explicit_schema=pa.schema(dict.fromkeys(keys, pa.string())), unexpected_field_behavior="ignore"
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
        if any(table.column(key).null_count for key in keys) or table.num_rows != len(_LINE.findall(text)):
            return None
        lines = pc.utf8_rtrim(table.column(message), "\r\n").combine_chunks()
        joined = b"\n".join(lines.cast(pa.binary()).to_pylist()) + b"\n"
        return joined if joined.count(b"\n") == table.num_rows else None

    return Wrapper(name, off, off_all)


def as_on_other_lines(wrapper: Wrapper | None) -> Sentence:
    """Say that a line was expected to be wrapped as others are."""
    return Sentence("{wrapper}, as on other lines", wrapper="" if wrapper is None else as_phrase(wrapper.name))


OBJECTS = (
    _of_object("Docker's object", "log", "stream", "time"),
    # journalctl -o json; a message that is no text is a list of bytes, and no line.
    _of_object("the journal's object", "MESSAGE", "__REALTIME_TIMESTAMP"),
)
WRAPPERS = (
    *OBJECTS,
    # A line that is cut into parts has a P for all but the last: no part is a line.
    _headed("a container runtime's header (CRI)", _TIME + rb" (?:stdout|stderr) F "),
    # RFC 3164, with or without its priority and host, and with the time as rsyslog writes it.
    _headed(
        "a syslog header",
        rb"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|" + _TIME + rb") "
        rb"(?:[^ \[\]{}\"\n]*[^ :\[\]{}\"\n] )?[^ :\[\]{}\"\n]+(?:\[[^\]\n]*\])?: ?",
    ),
    # RFC 5424: structured data is a dash, or elements in brackets; a byte order mark may stand before the message.
    _headed(
        "a syslog header (RFC 5424)",
        rb"(?:<\d{1,3}>)?1 (?:-|" + _TIME + rb")(?: [^ \n]+){4} "
        rb"(?:-|(?:\[(?:[^\]\\\n]++|\\.)*+\])++) ?(?:\xef\xbb\xbf)?",
    ),
    # As Amazon CloudWatch exports a log group to S3, and as `kubectl logs --timestamps` prints.
    _headed("a time", _TIME + rb" "),
)
