"""Request ids are text, and what says nothing is none."""

from __future__ import annotations

import uuid
from typing import Any

import pyarrow as pa
import pytest

from sla_audit.intake.values.request_ids import read_request_ids

ONE = uuid.UUID("0af76519-16cd-43dd-8448-eb211c80319c")

READ: dict[str, tuple[Any, list[str | None]]] = {
    "text": (pa.array(["r1", "a much longer id"]), ["r1", "a much longer id"]),
    "text that is long throughout": (pa.array([ONE.hex]), [ONE.hex]),
    "nothing, as logs spell it": (
        pa.array(["", "-", " ", "null", "NULL", "None", "nan", None, "r1"]),
        [None] * 8 + ["r1"],
    ),
    "a value that only looks like nothing": (pa.array(["--", "0", "nul", "r-"]), ["--", "0", "nul", "r-"]),
    "text as a dictionary": (pa.array(["r1", None, "-", "r1"]).dictionary_encode(), ["r1", None, None, "r1"]),
    "long text": (pa.array(["r1", "-"], pa.large_string()), ["r1", None]),
    "text in views": (pa.array(["r1", "-"], pa.string_view()), ["r1", None]),
    "whole numbers": (pa.array([7, None, 2**63], pa.uint64()), ["7", None, str(2**63)]),
    "bytes": (pa.array([b"\x0a\xf7", None], pa.binary()), ["0af7", None]),
    "bytes of one length": (pa.array([ONE.bytes, None], pa.binary(16)), [ONE.hex, None]),
    "UUIDs": (pa.array([ONE.bytes, None], pa.uuid()), [str(ONE), None]),
    "no rows": (pa.array([], pa.string()), []),
    "nulls alone": (pa.array([None, None], pa.string()), [None, None]),
}


@pytest.mark.parametrize(("column", "expected"), READ.values(), ids=READ)
def test_ids_are_text(column: Any, expected: list[str | None]) -> None:
    found, _ = read_request_ids(column, "id")
    assert found.type == pa.string()
    assert found.to_pylist() == expected


@pytest.mark.parametrize("kind", [pa.float64(), pa.bool_(), pa.timestamp("us"), pa.list_(pa.string())])
def test_other_types_are_refused_with_the_way_out(kind: pa.DataType) -> None:
    with pytest.raises(TypeError, match=r"column 'id' is of type .*--keep-duplicates"):
        read_request_ids(pa.array([None], kind), "id")


def test_long_ids_come_as_digests_that_are_the_same_for_the_same() -> None:
    long, other = "a" * 4000, "a" * 3999 + "b"
    written = pa.array([long, None, "r1", other, long, "x" * 128, "x" * 4097, "-"])
    for column in (written, written.dictionary_encode()):
        found, too_long = read_request_ids(column, "id")
        first, none, short, second, again, fits, refused, nothing = found.to_pylist()
        assert (none, short, fits, refused, nothing) == (None, "r1", "x" * 128, None, None)
        assert first == again != second
        assert len(first) == len(second) == 64
        assert too_long is not None
        assert too_long.tolist() == [False] * 6 + [True, False]
