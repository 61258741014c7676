"""Lines taken apart: of a short text as of a long one."""

from __future__ import annotations

from random import Random

import pytest

from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.notations.notation import line_formats
from sla_audit.intake.formats.lines.fields import FieldReader

(FORMAT,) = line_formats("$remote_user [$time_local] $status")
READER = FieldReader((FORMAT,), LogColumns(("time_local",), "remote_user", "status"))
LINES = [b"a [05/Oct/2026:13:06:07 +0800] 200", "京东 [05/Oct/2026] 503".encode(), b"b [] -"]
ODD = [
    b"",
    b" ",
    b"\xff [x] 1",
    b"a [\x01] 2",
    b"a [\x0b] 3",
    "a [\x85] 4".encode(),
    b"\xef\xbb\xbfa [x] 5",
    b'"a [x] 6',
]


@pytest.mark.parametrize("seed", range(100))
def test_a_short_text_is_read_as_the_beginning_of_a_long_one(seed: int) -> None:
    chance = Random(seed)
    some = [chance.choice(LINES if chance.random() < 0.9 else ODD) for _ in range(chance.randint(1, 5))]
    text = b"".join(line + chance.choice([b"\n", b"\r\n"]) for line in some)

    short, long = READER.columns(text), READER.columns(text + (LINES[0] + b"\n") * 3000)

    assert (short is None) == (long is None)
    if short is not None and long is not None:
        assert short.to_pylist() == long.slice(0, short.num_rows).to_pylist()
        assert long.num_rows == short.num_rows + 3000
