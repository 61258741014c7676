"""JSON lines logs: nested fields, values of any kind, ranges of bytes, and every line that cannot be read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.errors import InputError
from sla_audit.intake.bytes import chunks as pieces
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.formats.jsonl.fragment import JsonReading
from sla_audit.intake.sources.source import Source
from tests.builders.opened_logs import fragments_of, names_in, read_all
from tests.builders.packed import zstd

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = LogColumns(("t",), "a", "s")
NESTED = LogColumns(("started_at",), "consumer.username", "response.status")
T = "2026-10-01T05:06:07Z"

Read = tuple[list[tuple[Any, ...]], list[tuple[str, str, str]], int]


def read(path: Path, columns: LogColumns = PLAIN, encoding: str = "utf-8") -> Read:
    """Give account and status of each row, the rejects, and how many rows were read."""
    rows: list[tuple[Any, ...]] = []
    found = read_all(fragments_of(Source(path, "json"), columns, SHANGHAI, encoding))
    for batch in found.batches:
        rows += zip(batch.column("account_id").to_pylist(), batch.column("status").to_pylist(), strict=True)
    rejects = [(each.place, each.column, str(each.found)) for each in found.rejects]
    return rows, rejects, found.rows


def log(folder: Path, *lines: str, end: str = "\n") -> Path:
    path = folder / "log.jsonl"
    path.write_text("\n".join(lines) + end, encoding="utf-8")
    return path


def line(account: Any = "A", status: Any = 200, time: Any = T) -> str:
    return json.dumps({"t": time, "a": account, "s": status})


GOOD: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {
    "numbers": ([line(status=200), line(status=502)], [("A", 200), ("A", 502)]),
    "text": ([line(status="200"), line(status="-")], [("A", 200), ("A", None)]),
    "numbers with a point": ([line(status=200.0), line(status=404)], [("A", 200), ("A", 404)]),
    "numbers and text mixed": ([line(status=200), line(status="502")], [("A", 200), ("A", 502)]),
    "numbers and nothing": ([line(status=200), line(status=None)], [("A", 200), ("A", None)]),
    "accounts as numbers": ([line(account=7), line(account=8)], [("7", 200), ("8", 200)]),
    "epoch numbers": ([line(time=1_790_831_167), line(time=1_790_831_168)], [("A", 200), ("A", 200)]),
    "fields that nobody asked for": ([line()[:-1] + ', "x": [1, {"y": 2}]}', line()], [("A", 200), ("A", 200)]),
    "blank lines": (["", line(), "", "  ", line("B"), ""], [("A", 200), ("B", 200)]),
    "text beyond ASCII, escaped": ([line("京东云"), line("\U0001f600")], [("京东云", 200), ("\U0001f600", 200)]),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "rows"), GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("end", ["\n", "", "\r\n"], ids=["LF", "no end", "CRLF"])
def test_what_a_line_says(tmp_path: Path, lines: list[str], rows: list[tuple[Any, ...]], end: str) -> None:
    assert read(log(tmp_path, *lines, end=end)) == (rows, [], len(rows))


MICROSECONDS = 1_793_462_399_999_999  # the last one of October 2026 in Shanghai
EXACT = [
    "1793462399.999999999",
    "1793462399.9999999999999999999999999999",
    "1793462399999.9999",
    "1793462399999999.9",
    "1793462399999999999.9",
    "1.793462399999999999e9",
    "17934623999999999.99e-7",
    '"1793462399.999999999"',
]


@pytest.mark.parametrize("written", EXACT)
@pytest.mark.parametrize("before", [[], ["1793462399"], ["1793462399.5"]], ids=["alone", "after an integer", "a float"])
@pytest.mark.parametrize("slow", [False, True], ids=["fast", "slow"])
def test_a_time_has_all_the_digits_that_are_written(
    tmp_path: Path, written: str, before: list[str], *, slow: bool
) -> None:
    lines = [f'{{"t": {time}, "a": "A", "s": 200}}' for time in [*before, written]]
    path = log(tmp_path, *lines, *(["{"] if slow else []))
    (fragment,) = fragments_of(Source(path, "json"), PLAIN, SHANGHAI)
    reading = fragment.read()
    times = [time for batch in reading for time in batch.column("timestamp").cast(pa.timestamp("us", "UTC"))]
    assert times[-1].value == MICROSECONDS
    assert len(reading.account().rejects) == slow


@pytest.mark.parametrize("written", ["1e999999999", "1e-999999999", "1e30", "1" + "0" * 40 + ".5", "9" * 58 + ".25"])
def test_a_number_far_from_any_time_is_rejected(tmp_path: Path, written: str) -> None:
    rows, rejects, read_rows = read(log(tmp_path, line(time=1_790_831_167.5), f'{{"t": {written}, "a": "B", "s": 1}}'))
    assert (rows, read_rows, [place for place, _, _ in rejects]) == ([("A", 200)], 2, ["line 2"])


BAD: dict[str, tuple[str, tuple[str, str]]] = {
    "no JSON": ("{", ("row", "'{'")),
    "two objects": (line() + line(), ("row", repr((line() + line())[:77] + "..."))),
    "a list": ("[1]", ("row", "'[1]'")),
    "a number": ("1", ("row", "'1'")),
    "a key twice": (line()[:-1] + ', "s": 502}', ("s", "'[200, 502]'")),
    "a status that is none": (line(status=99), ("s", "'99'")),
    "a status that is a list": (line(status=[200]), ("s", "'[200]'")),
    "a time that is none": (line(time="soon"), ("t", "'soon'")),
    "no status field": (json.dumps({"t": T, "a": "B"}), ("s", "absent: no field 's'")),
    "a status of another name": (json.dumps({"t": T, "a": "B", "status": 200}), ("s", "absent: no field 's'")),
    "no account": (line(account=None), ("a", "''")),
    "an empty account": (line(account=""), ("a", "''")),
    "NUL bytes": ("\x00\x00", ("row", "damaged: it holds NUL bytes")),
}


@pytest.mark.parametrize(("bad", "expected"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("at", [1, 3, 7], ids=["second", "in the middle", "last"])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, bad: str, expected: tuple[str, str], at: int) -> None:
    lines = [line(f"account-{number}") for number in range(8)]
    lines[at] = bad
    rows, rejects, count = read(log(tmp_path, *lines))
    assert rows == [(f"account-{number}", 200) for number in range(8) if number != at]
    assert (rejects, count) == ([(f"line {at + 1}", *expected)], 8)


@pytest.mark.parametrize("bad", ["null", "[]", "1", "x", "[2026-10-05 05:00:00][info] starting"])
def test_a_first_line_that_is_no_object_is_a_row_that_cannot_be_read(tmp_path: Path, bad: str) -> None:
    assert read(log(tmp_path, bad, line(), line("B")))[:2] == (
        [("A", 200), ("B", 200)],
        [("line 1", "row", repr(bad))],
    )


def test_an_object_over_two_lines_is_two_lines_that_cannot_be_read(tmp_path: Path) -> None:
    rows, rejects, count = read(log(tmp_path, line(), '{"t": 1,', '"a": 2}', line("B")))
    assert (rows, count) == ([("A", 200), ("B", 200)], 4)
    assert [place for place, _, _ in rejects] == ["line 2", "line 3"]


def test_fields_within_fields(tmp_path: Path) -> None:
    first = {"started_at": 1_790_831_167_001, "consumer": {"username": "A"}, "response": {"status": 502}}
    second = {"started_at": 1_790_831_167_002, "consumer": None, "response": {"status": 200}}
    path = log(tmp_path, json.dumps(first), json.dumps({**second, "consumer": {"username": "B"}}))
    assert names_in(Source(path, "json")) == ["started_at", "consumer.username", "response.status"]
    assert read(path, NESTED) == ([("A", 502), ("B", 200)], [], 2)
    rows, rejects, _ = read(log(tmp_path, json.dumps(first), json.dumps(second)), NESTED)
    assert (rows, rejects) == ([("A", 502)], [("line 2", "consumer.username", "''")])


@pytest.mark.parametrize("odd", ["A", 7, ["A"], True])
def test_what_stands_where_an_object_is_expected_is_none_of_its_fields(tmp_path: Path, odd: Any) -> None:
    good = {"started_at": T, "consumer": {"username": "A"}, "response": {"status": 200}}
    for name, column in (("consumer", "consumer.username"), ("response", "response.status")):
        found = read(log(tmp_path, json.dumps(good), json.dumps(good | {name: odd})), NESTED)
        shown = repr(json.dumps([odd]))
        assert found == ([("A", 200)], [("line 2", column, shown)], 2)


def test_a_key_with_a_dot_in_it_is_itself(tmp_path: Path) -> None:
    said = {"started_at": T, "consumer.username": "A", "response.status": 200}
    assert read(log(tmp_path, json.dumps(said)), NESTED) == ([("A", 200)], [], 1)


MENDED: dict[str, tuple[str, tuple[str, int]]] = {
    "a quote by its byte": (r'{"t": "T", "a": "x \x22y\x22", "s": 502}', ('x "y"', 502)),
    "bytes of one character": (r'{"t": "T", "a": "\xE4\xBA\xACx", "s": 200}', ("京x", 200)),
    "a backslash by its byte": (r'{"t": "T", "a": "\x5Cx22", "s": 200}', (r"\x22", 200)),
    "a backslash that JSON escapes": (r'{"t": "T", "a": "\\x22", "s": 200, "x": "\x22"}', (r"\x22", 200)),
    "a control character by its byte": (r'{"t": "T", "a": "A", "s": 200, "x": "\x0A\x00"}', ("A", 200)),
    "control characters": ('{"t": "T", "a": "A", "s": 200, "x": "a\tb\x01"}', ("A", 200)),
    "bytes that are no character, where nobody asked": (r'{"t": "T", "a": "A", "s": 200, "x": "\xE4"}', ("A", 200)),
}


@pytest.mark.parametrize(("odd", "expected"), MENDED.values(), ids=MENDED)
@pytest.mark.parametrize("bad", [False, True], ids=["alone", "beside a line that cannot be read"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_what_json_forbids_and_gateways_write_is_read(
    tmp_path: Path, odd: str, expected: tuple[str, int], bad: bool, first: bool
) -> None:
    lines = [line("B"), *(["{"] if bad else [])]
    lines = [odd.replace("T", T), *lines] if first else [*lines, odd.replace("T", T)]
    rows, rejects, count = read(log(tmp_path, *lines))
    assert sorted(rows) == sorted([("B", 200), expected])
    assert (len(rejects), count) == (int(bad), 2 + bad)


def test_bytes_that_are_no_character_are_no_account(tmp_path: Path) -> None:
    odd = r'{"t": "T", "a": "\xE4", "s": 200}'.replace("T", T)
    assert read(log(tmp_path, line(), odd))[:2] == ([("A", 200)], [("line 2", "a", r"""'"\\udce4"'""")])


def test_many_lines_with_bytes_take_the_fast_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JsonReading, "_slow", None)
    odd = r'{"t": "T", "a": "x \x22y", "s": 502}'.replace("T", T)
    assert read(log(tmp_path, *[odd] * 9))[0] == [('x "y', 502)] * 9


@pytest.mark.parametrize("content", [b"", b"\n\n", b"t,a,s\n", b"[{}]\n", b"\xff\xfe{\x00", b"PAR1"])
def test_a_file_that_does_not_begin_with_an_object_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        names_in(Source(path, "json"))
    assert len(raised.value.problems) == 1
    assert str(raised.value.problems[0].where) == path.as_posix()


values = st.one_of(st.none(), st.integers(100, 599), st.integers(100, 599).map(str), st.sampled_from(["-", 0, 200.0]))


@given(listed=st.lists(st.tuples(st.sampled_from(["A", "B", "甲"]), values), min_size=1), size=st.integers(1, 300))
def test_ranges_and_paths_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, listed: list[tuple[str, Any]], size: int
) -> None:
    path = log(tmp_path_factory.mktemp("log"), *(line(account, status) for account, status in listed))
    whole = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_log, "_BYTES_A_RANGE", size)
        assert read(path) == whole
        patch.setattr(JsonReading, "_fast", lambda *_: None)
        assert read(path) == whole
    assert whole[2] == len(listed)


def test_a_clean_file_takes_the_fast_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unexpected(*_: Any) -> pa.RecordBatch:
        raise AssertionError("the slow path")

    monkeypatch.setattr(JsonReading, "_slow", unexpected)
    assert read(log(tmp_path, line(), line("B", 404))) == ([("A", 200), ("B", 404)], [], 2)


PACK: dict[str, Callable[[bytes], bytes]] = {
    "log.jsonl": bytes,
    "log.jsonl.gz": gzip.compress,
    "members.ndjson.gz": lambda data: b"".join(gzip.compress(data[at : at + 41]) for at in range(0, len(data), 41)),
    "log.jsonl.zst": zstd,
    "frames.jsonl.zst": lambda data: zstd(data[:50]) + zstd(data[50:]),
}
LINES = [line("甲"), line("B", 404), "", line("B", "x"), "{", line("甲", None), line("丙", 502)] * 5


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "gb18030"])
@pytest.mark.parametrize("size", [1, 60, 1 << 20])
@pytest.mark.parametrize("end", ["", "\n"])
def test_packed_and_encoded_logs_are_read_as_plain_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, encoding: str, size: int, end: str
) -> None:
    plain = read(log(tmp_path, *LINES, end=end))
    path = tmp_path / "packed" / name
    path.parent.mkdir()
    path.write_bytes(PACK[name](("\n".join(LINES) + end).encode(encoding)))
    monkeypatch.setattr(json_log, "_BYTES_A_RANGE", size)

    rows, rejects, number = read(path, encoding=encoding)
    assert (rows, number) == (plain[0], plain[2])
    assert rejects == plain[1]
    assert [place for place, _, _ in rejects[:2]] == ["line 4", "line 5"]


@pytest.mark.parametrize("name", ["log.jsonl.gz", "log.jsonl.zst"])
def test_a_packed_log_that_is_cut_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACK[name]("\n".join(line(str(number * number)) for number in range(3000)).encode())[:-20])
    with pytest.raises(InputError, match="file is cut off"):
        read(path)


CONTRADICTIONS: dict[str, tuple[str, bytes, str, str]] = {
    "gzip": ("log.jsonl", gzip.compress(line().encode()), "holds gzip, not JSON lines", "ends with .jsonl.gz"),
    "zstd": ("log.ndjson", zstd(line().encode()), "holds zstd, not JSON lines", "ends with .ndjson.zst"),
    "plain": ("log.jsonl.gz", line().encode(), "is not packed with gzip", "ends with .jsonl,"),
    "twice": ("log.jsonl.gz", gzip.compress(gzip.compress(line().encode())), "unpacks to gzip, not JSON", "Unpack"),
    "UTF-16": ("log.jsonl", line().encode("utf-16"), "a byte order mark of UTF-16", "--encoding utf-16"),
}


@pytest.mark.parametrize(("name", "content", "what", "remedy"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_is_not_what_its_suffix_says(tmp_path: Path, name: str, content: bytes, what: str, remedy: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        names_in(Source(path, "json"))
    (problem,) = raised.value.problems
    assert what in str(problem.what)
    assert remedy in str(problem.remedy)


def test_a_line_that_does_not_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_log, "_BYTES_A_RANGE", 100)
    monkeypatch.setattr(pieces, "MOST_LINE_BYTES", 1000)
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress((line() + "\n" + line("x" * 5000)).encode()))
    with pytest.raises(InputError, match="line 2: the line does not end within 1,000 bytes"):
        read(path)


@pytest.mark.parametrize("paths", ["fast", "slow"])
def test_a_byte_order_mark_is_no_part_of_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: str) -> None:
    if paths == "slow":
        monkeypatch.setattr(JsonReading, "_fast", lambda *_: None)
    path = log(tmp_path, "\ufeff" + line(), line("B"))
    assert read(path) == ([("A", 200), ("B", 200)], [], 2)
