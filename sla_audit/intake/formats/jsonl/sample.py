"""What the objects of a JSON lines log have: the fields of the first of them, and the first of later fields."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.chunks import first_lines
from sla_audit.intake.bytes.documents import document_in, laid_out
from sla_audit.intake.bytes.encoding import UTF_16_MARKS, undecodable
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.formats.csv.header import too_many_columns
from sla_audit.intake.formats.jsonl.objects import Fractional, leaves, object_of, value_of
from sla_audit.intake.formats.wrappers import Wrapper
from sla_audit.limits import MOST_COLUMNS
from sla_audit.sentence import Sentence, to_say

EXPECTED = to_say("one JSON object a line")

_LINES_A_SAMPLE = 1000
_BYTES_OF_A_BEGINNING = 64
_LAID_OUT = re.compile(rb'\{[ \t]*\r?\n|\{\s*"[^"\\]*"\s*:[^{}]*,[ \t]*\r?\n')
_TYPES = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), Fractional: pa.float64()}
_NUMBERS = frozenset({int, Fractional})
_ESCAPED_KEY = re.compile(rb'\\[u/][^"\\\n]*(?:\\.[^"\\\n]*)*"\s*:')

Kinds = Mapping[str, frozenset[type]]
"""Of which kinds the values of each field are, none where all are null; those within objects are named with dots."""


def sample(head: Head, wrapper: Wrapper | None, *, is_document: bool = False) -> Kinds:
    """Tell the fields of the first objects. Raises `InputError` where none is an object.

    Of a document, the objects in it are meant.
    """
    path = head.path
    with head.open() as file:
        mark = file.peek(len(UTF_16_MARKS[0]))
        if head.encoding == UTF_8 and mark.startswith(UTF_16_MARKS):
            raise InputError(undecodable(path, UTF_8, Sentence("a byte order mark of UTF-16"), 0, mark))
        text = laid_out(file) if is_document else file
        lines = [line for line in first_lines(text, _LINES_A_SAMPLE, path.as_posix()) if line.strip()]
    if not lines and is_document:
        raise InputError(Problem(path.as_posix(), "the document holds no object", "Leave the file out."))
    if not lines:
        raise InputError(Problem(path.as_posix(), "the file is empty; expected JSON lines", "Leave the file out."))
    objects = [found for line in lines if (found := object_of((wrapper.off(line) or b"") if wrapper else line))]
    if not objects:
        what = Sentence(
            "the first line is {line}; expected {expected}",
            line=quoted(as_text(lines[0])),
            expected=Sentence(EXPECTED),
        )
        raise InputError(Problem(path.as_posix(), what, "Check the file, or its suffix."))
    seen: dict[str, set[type]] = {}
    for found in objects:
        for keys, value in leaves(found):
            kinds = seen.setdefault(".".join(keys), set())
            if value is not None:
                kinds.add(type(value))
            if any("." in key for key in keys):
                kinds |= {str, dict}  # whole keys with dots are told from nested ones by the slow path alone
            if len(seen) > MOST_COLUMNS:
                raise InputError(too_many_columns(path.as_posix()))
    return {name: frozenset(kinds) for name, kinds in seen.items()}


def refuse_document(head: Head, where: str) -> None:
    """Raise `InputError` where a file that is called JSON holds an object over several lines, and no records."""
    with head.open() as file:
        beginning = file.peek(_BYTES_OF_A_BEGINNING).removeprefix(BOM_UTF8).lstrip()
    if not document_in(beginning) and _LAID_OUT.match(beginning):
        found = to_say("holds a JSON object over several lines; expected one JSON object a line")
        raise InputError(Problem(where, found, "Write it so, as jq -c does, or leave it out if it is no log."))


def type_of(kinds: frozenset[type], *, mixed: bool) -> pa.DataType | None:
    """Tell the type of a field; None where only each value by itself tells, as where numbers and texts are mixed.

    Whole numbers and others may be `mixed` where a number means the same whichever way it is written.
    """
    if not kinds:
        return pa.string()
    if kinds == _NUMBERS:
        return pa.float64() if mixed else None
    return _TYPES.get(next(iter(kinds))) if len(kinds) == 1 else None


def type_in(text: bytes, name: str) -> pa.DataType | None:
    """Tell the type of a field from the first line that has it as a single value; None where there is none."""
    for token in _keys(text, name.rpartition(".")[2]):
        at = -1
        while (at := text.find(token, at + 1)) >= 0:
            end = text.find(b"\n", at)
            end = len(text) if end < 0 else end
            found = object_of(text[text.rfind(b"\n", 0, at) + 1 : end]) or {}
            kind = _TYPES.get(type(value_of(found, name)))
            if kind is not None:
                return kind
            at = end
    return None


def _keys(text: bytes, name: str) -> Iterator[bytes]:
    r"""Give the spellings of a key in a text: any character may be escaped, as in `"\u0073tatus"`."""
    yield f'"{name}"'.encode()
    seen = set()
    for escape in _ESCAPED_KEY.finditer(text):
        key = text[text.rfind(b'"', 0, escape.start()) : escape.end() - 1].rstrip()
        if key not in seen:
            seen.add(key)
            try:
                spelt = json.loads(key)
            except ValueError:
                continue
            if spelt == name:
                yield key


def as_text(line: bytes) -> str:
    """Give a line as it may be shown."""
    return line.decode("utf-8", errors="backslashreplace").strip()


def quoted(text: str) -> str:
    """Put a text into quotes, not longer than can be read."""
    return repr(text if len(text) <= 80 else text[:77] + "...")


def said(value: Any) -> bool:
    """Tell whether a value says something where a single one is expected."""
    return value is not None and not isinstance(value, dict)
