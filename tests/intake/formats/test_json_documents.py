"""JSON that is no object a line: an array, records in an object, objects with nothing between them."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.intake.bytes import documents
from sla_audit.intake.bytes.documents import document_in, laid_out
from tests.builders.logs.combined_lines import STATUSES
from tests.builders.logs.text_lines import counts, report
from tests.builders.logs.wrapped_lines import as_json

RESULT = (2, 3, 1)
Objects = Sequence[Any]


def in_records(objects: Objects) -> str:
    return json.dumps({"records": objects})


WAYS: dict[str, tuple[str, Callable[[Objects], str]]] = {
    "an array": ("a JSON array", json.dumps),
    "an array over lines": ("a JSON array", lambda some: json.dumps(some, indent=2)),
    "an array, an object a line": ("a JSON array", lambda some: "[\n" + ",\n".join(map(json.dumps, some)) + "\n]\n"),
    "records, as Event Hub has them": ("records in a JSON object", in_records),
    "records, an object for each": (
        "records in a JSON object",
        lambda some: "\r\n".join(in_records([each]) for each in some),
    ),
    "nothing between, as Firehose writes": (
        "JSON objects without line ends",
        lambda some: "".join(map(json.dumps, some)),
    ),
    "spaces between": ("JSON objects without line ends", lambda some: " ".join(map(json.dumps, some)) + "\n"),
}
EVERY = pytest.mark.parametrize(("name", "write"), WAYS.values(), ids=WAYS)


@pytest.mark.usefixtures("folder")
class TestEveryWay:
    OBJECTS = tuple(json.loads(as_json(status)) for status in STATUSES)

    @EVERY
    @pytest.mark.parametrize("file", ["a.json", "a.jsonl", "a.log", "a.json.gz"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
    def test_it_is_read_and_the_report_says_so(
        self, name: str, write: Callable[[Objects], str], file: str, mark: str
    ) -> None:
        data = (mark + write(self.OBJECTS)).encode()
        Path(file).write_bytes(gzip.compress(data) if file.endswith(".gz") else data)
        found = report(file)
        assert counts(found) == RESULT
        assert f"the layout of {name} was taken off each line: {file}" in found["warnings"]

    @EVERY
    def test_a_copy_that_is_packed_is_counted_once(self, name: str, write: Callable[[Objects], str]) -> None:
        data = write(self.OBJECTS * 500).encode()
        Path("a.json").write_bytes(data)
        Path("b.json.gz").write_bytes(gzip.compress(data))
        assert counts(report("a.json", "b.json.gz")) == (1000, 1500, 500)

    @EVERY
    def test_one_that_is_cut_is_refused(
        self, name: str, write: Callable[[Objects], str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        whole = write(self.OBJECTS).rstrip("]}\r\n ")
        Path("a.json").write_text(whole[:-20], encoding="utf-8")
        assert run(["compute", "a.json", "--cycle", "2026-10"]) == 2
        assert "a.json, line 6: row is '{" in " ".join(capsys.readouterr().err.split())

    @EVERY
    def test_what_is_no_object_is_a_row_that_cannot_be_read(
        self, name: str, write: Callable[[Objects], str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = write(self.OBJECTS)
        at = max(text.rfind('{"timestamp"'), text.rfind("{\n"))
        Path("a.json").write_text(f"{text[:at]} oops {text[at:]}", encoding="utf-8")
        assert run(["compute", "a.json"]) == 2
        assert "a.json, line 6: row is 'oops'" in " ".join(capsys.readouterr().err.split())
        assert counts(report("a.json", "--max-rejected", "1")) == RESULT


@pytest.mark.usefixtures("folder")
def test_the_records_of_azure(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"time": f"2026-10-05T05:06:0{at}.1234567Z", "correlationId": f"c{at}",
         "properties": {"responseCode": code, "backendResponseCode": backend, "apimSubscriptionId": "a"}}
        for at, (code, backend) in enumerate([(200, 200), (500, None), (404, 404)])
    ]  # fmt: skip
    Path("hub.json").write_text(json.dumps({"records": rows}) + "\n")
    assert counts(report("hub.json")) == (1, 1, 1)


VALUES = st.recursive(
    st.none() | st.integers() | st.text('a"{}[]\\,\n :é', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab}{", max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.text("xyz", min_size=1, max_size=3), VALUES, max_size=3), min_size=2, max_size=5),
    st.sampled_from([write for _, write in WAYS.values()]),
    st.integers(1, 40),
)
@settings(deadline=None)
def test_objects_come_out_as_they_are_wherever_a_block_ends(
    objects: list[dict[str, Any]], write: Callable[[Objects], str], block: int
) -> None:
    text = write(objects).encode()
    seen: list[bytes] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(documents, "_BYTES_A_BLOCK", block)
        lines = laid_out(io.BytesIO(text), seen.append).read().splitlines()
    assert [json.loads(line) for line in lines] == objects
    assert b"".join(seen) == text
    assert document_in(text) is not None


@pytest.mark.parametrize(
    "text", ["", "{", '{"a":1}', '{"a":1}\n{"b":2}', '{"a":"}{"}', "[05/Oct/2026:13:06:07 +0800] x", '{"records":1}']
)
def test_lines_are_no_document(text: str) -> None:
    assert document_in(text.encode()) is None
