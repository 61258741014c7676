"""A scan reads what the careful reader reads, and leaves to it all else."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.logs import open_logs
from sla_audit.intake.scan.formats.json_scanner import json_scanner
from sla_audit.intake.scan.layout import TEXT, TIME, Layout
from sla_audit.intake.scan.scanner import Scanned
from sla_audit.intake.sources.source import Source
from sla_audit.intake.values.timestamps import instant_of
from tests.builders.examples import costly
from tests.builders.logs.odd_objects import odd_log
from tests.builders.logs.odd_rows import odd_rows
from tests.builders.opened_logs import Log
from tests.oracles.both_paths import LOGS, compare_data, from_scan, read

SHANGHAI = ZoneInfo("Asia/Shanghai")


@costly(100)
@given(st.randoms(use_true_random=False))
def test_odd_objects(chance: random.Random) -> None:
    with TemporaryDirectory() as folder:
        assert compare_data(Path(folder), LOGS["json"], odd_log(chance, 30), chance) is None


@costly(100)
@given(st.randoms(use_true_random=False))
def test_odd_rows(chance: random.Random) -> None:
    with TemporaryDirectory() as folder:
        assert compare_data(Path(folder), LOGS["csv"], odd_rows(chance, 12), chance) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-05T13:06:07Z",
        "2026-10-05 13:06:07.123456789+08:00",
        "2026-10-05T13:06:07,5-0330",
        "2026-10-05T13:06:07",
        "05/Oct/2026:13:06:07 +0800",
        "05/Oct/2026:13:06:07",
        "1791176767",
        "1791176767.123",
        "1791176767123",
        "1791176767123456",
        "1791176767123456789",
    ],
)
def test_usual_times_are_scanned(text: str) -> None:
    expected, _ = instant_of(text, SHANGHAI)
    assert expected is not None
    assert from_scan(SHANGHAI)([text]) == [expected]


@pytest.mark.parametrize("text", ["1986-05-04T02:30:00", "2026-02-29T00:00:00Z", "2026-10-05T24:00:00Z", "0", ""])
def test_other_times_are_left_to_others(text: str) -> None:
    assert from_scan(SHANGHAI)([text]) == [None]


_LEADS = (0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF)
_FOLLOW = (0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0)


def test_texts_are_those_that_python_takes_for_utf8() -> None:
    texts = [bytes(each) for length in (1, 2, 3) for each in product(_LEADS, *[_FOLLOW] * (length - 1))]
    texts += [bytes(each) for each in product((0xF0, 0xF1, 0xF4), *[_FOLLOW] * 3)]
    scanner = json_scanner(Layout(("t", "a"), (TIME, TEXT), "a", ()))
    assert scanner is not None
    for some in (texts[at : at + 2000] for at in range(0, len(texts), 2000)):
        lines = b"".join(b'{"t": 1791176767, "a": "' + text + b'"}\n' for text in some)
        found = scanner.read(pa.py_buffer(lines), SHANGHAI)
        assert found is not None
        read = [text for part in found.parts for text in part.rows.column("a").to_pylist()]
        assert read == [text.decode() for text in some if is_utf8(text)]


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_many_texts_and_long_ones_make_batches_smaller() -> None:
    """More distinct texts than a table holds, of which some take more room than it has for all."""
    scanner = json_scanner(Layout(("t", "a"), (TIME, TEXT), "a", ()))
    assert scanner is not None
    texts = [f"{number:x}" + "-" * (number % 100) for number in range(200_000)]
    lines = "".join(f'{{"t": 1791176767, "a": "{text}"}}\n' for text in texts)
    found = scanner.read(pa.py_buffer(lines.encode()), SHANGHAI)
    assert found is not None
    assert len(found.parts) > 1
    assert [text for part in found.parts for text in part.rows.column("a").to_pylist()] == texts


def scanned(lines: list[str], always: tuple[str, ...] = ()) -> Scanned:
    layout = Layout(("t", "a", "r.s"), (TIME, TEXT, TEXT), "a", always)
    scanner = json_scanner(layout)
    assert scanner is not None
    found = scanner.read(pa.py_buffer("".join(f"{line}\n" for line in lines).encode()), SHANGHAI)
    assert found is not None
    return found


def test_fields_of_objects_within() -> None:
    lines = [
        '{"t": 1791176767, "a": "A", "r": {"s": 200, "x": {"s": 1}}, "s": 5}',
        '{"r": {"s": 502}, "t": 1791176767, "a": "B"}',
        '{"t": 1791176767, "r": null, "a": "C"}',
        '{"t": 1791176767, "r": {}, "a": "D"}',
        '{"t": 1791176767, "r": {"x": {}}, "a": "E"}',
    ]
    (part,) = scanned(lines).parts
    assert part.rows.column("r.s").to_pylist() == ["200", "502", None, None, None]
    assert part.rows.column("a").to_pylist() == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize(
    "line",
    [
        '{"t": 1791176767, "r": 5, "a": "A"}',
        '{"t": 1791176767, "r": {"s": 1}, "r": {"s": 1}, "a": "A"}',
        '{"t": 1791176767, "r": {}, "r": {}, "a": "A"}',
        '{"t": 1791176767, "r": {"s": 1, "s": 1}, "a": "A"}',
        '{"t": 1791176767, "r": {"s": 1} "a": "A"}',
        '{"t": 1791176767, "r": {"s": 1}}, "a": "A"}',
        '{"t": 1791176767, "r.s": 1, "a": "A"}',
        '{"t": 1791176767, "a": "A", "x": "\\x20"}',
        '{"t": 1791176767, "a": "A"} {}',
    ],
)
def test_what_is_unclear_is_left_to_others(line: str) -> None:
    plain = '{"t": 1791176767, "r": {"s": 1}, "a": "A"}'
    found = scanned([plain, line, plain])
    assert found.odd.numbers.tolist() == [1]
    assert found.odd.places.tolist() == [len(plain) + 1]
    assert sum(part.rows.num_rows for part in found.parts) == 2


def test_where_an_object_lacks_what_all_have_it_is_left_to_others() -> None:
    found = scanned(['{"t": 1791176767, "a": "A"}', '{"t": 1791176767, "a": "A", "r": null}'], always=("r.s",))
    assert found.odd.numbers.tolist() == [0]


def test_numbers_are_written_as_python_writes_them() -> None:
    numbers = ["1.50", "0.0", "1.0", "0.0001", "12", "-3", "123456789012345678901234567890"]
    (part,) = scanned([f'{{"t": 1791176767, "a": "A", "r": {{"s": {each}}}}}' for each in numbers]).parts
    assert part.rows.column("r.s").to_pylist() == ["1.5", "0.0", "1.0", "0.0001", "12", "-3", numbers[-1]]


def test_a_piece_with_many_odd_lines_is_left_to_others() -> None:
    scanner = json_scanner(Layout(("t",), (TIME,), "a", ()))
    assert scanner is not None
    assert scanner.read(pa.py_buffer(b'{"t": 0}\n' * 5000), SHANGHAI) is None


def test_a_large_log_in_many_batches_is_read_whole(tmp_path: Path) -> None:
    lines = [
        f'{{"timestamp": {1_790_831_167 + n}, "account_id": "{n % 1000:0{4 + n % 30}}", "status": 200}}'
        for n in range(300_000)
    ]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(lines) + "\n")
    (log,) = open_logs([Source(path, "json")], ColumnMap(), (), SHANGHAI, scan=True)
    opened = Log(log)
    assert sum(batch.num_rows for batch in opened.batches()) == opened.read.rows == len(lines)
    assert not any(account.one_by_one for account in opened.read.accounts)


def test_all_of_a_log_that_is_cut_at_every_place_is_read_alike(tmp_path: Path) -> None:
    kind = LOGS["json"]
    path = tmp_path / kind.file
    path.write_bytes(kind.seeds[0])
    whole = read(path, kind, 1 << 20)
    for piece in range(1, 200, 7):
        assert read(path, kind, piece, scan=True) == whole
