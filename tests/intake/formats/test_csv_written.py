"""CSV logs packed, in other encodings and with other delimiters: the same rows, rejects and lines as plain ones."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.errors import InputError
from sla_audit.intake.bytes import chunks as pieces
from sla_audit.intake.bytes import encoding as transcoding
from sla_audit.intake.bytes import unpacking as packed
from sla_audit.intake.bytes.text_format import TextFormat
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.formats.csv import cuts as csv_pieces
from sla_audit.intake.formats.csv import fast as csv_fast
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.csv.fragment import CsvStream
from sla_audit.intake.fragments.fragment import UnsafeSplitError
from sla_audit.intake.logs import open_logs
from sla_audit.intake.sources.source import Source
from tests.builders.examples import costly
from tests.builders.opened_logs import Log
from tests.builders.packed import zstd

SHANGHAI = ZoneInfo("Asia/Shanghai")
TIME = "2026-10-01T05:06:07Z"
HEADER = "timestamp,account_id,status\n"


def open_log(path: Path, written: TextFormat) -> Log:
    (log,) = open_logs([Source(path, "csv")], ColumnMap(), (), SHANGHAI, csv=written)
    return Log(log)


def read(path: Path, written: TextFormat) -> dict[str, Any]:
    """Read a log whole: its rows, and its rejects with their places and texts."""
    log = open_log(path, written)
    rows: list[Any] = []
    for batch in log.batches():
        instants = batch.column("timestamp").cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
        rows += zip(instants.to_pylist(), *(batch.column(at).to_pylist() for at in (1, 2)), strict=True)
    rejects = [(each.place, each.column, str(each.found), str(each.expected), each.text) for each in log.read.rejects]
    return {"rows": rows, "rejects": rejects, "read": log.read.rows}


def members(data: bytes) -> bytes:
    return b"".join(gzip.compress(data[at : at + 53]) for at in range(0, len(data), 53))


PACK: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("log.csv", bytes),
    "gzip": ("log.csv.gz", gzip.compress),
    "gzip of many members": ("log.csv.gz", members),
    "zstd": ("log.csv.zst", zstd),
}
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-32", "big5", "iso2022_jp_2", "hz"]

fields = st.sampled_from(
    ["A", "B", "甲", "乙方", "a,b", "a;b", 'say "x"', "two\nlines", "two\r\nlines", '"', " ", "", "a|b", "c\td"]
)
statuses = st.sampled_from(["200", "502", "-", "abc", "", "99"])
times = st.sampled_from([TIME, "2026-10-01 05:06:07", "1790831167", "yesterday", "2026-10-01T13:06:07+08:00"])
records = st.lists(st.one_of(st.tuples(times, fields, statuses), st.tuples(times, fields)), max_size=30)
sizes = st.sampled_from([1, 7, 64, 1 << 20])


def text_of(rows: Sequence[Sequence[str]], delimiter: str, line_end: str, quoting: Any) -> str:
    with io.StringIO() as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
        writer.writerow(["timestamp", "account_id", "status"])
        writer.writerows(rows)
        return file.getvalue()


@pytest.mark.parametrize("pack", PACK)
@costly(60)
@given(
    rows=records,
    delimiter=st.sampled_from([",", ";", "\t", "|", "\x01"]),
    encoding=st.sampled_from(ENCODINGS),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    piece=sizes,
    look=sizes,
)
def test_however_a_log_is_written_it_gives_the_same(
    pack: str,
    rows: list[Any],
    delimiter: str,
    encoding: str,
    line_end: str,
    quoting: Any,
    piece: int,
    look: int,
) -> None:
    name, packing = PACK[pack]
    text = text_of(rows, delimiter, line_end, quoting)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.csv"
        plain.write_text(text, encoding="utf-8", newline="")
        expected = read(plain, TextFormat(delimiter))

        path = Path(folder) / name
        path.write_bytes(packing(text.encode(encoding)))
        with (
            mock.patch.multiple(csv_log, _BYTES_A_RANGE=piece),
            mock.patch.multiple(pieces, _ITEMS_AT_ONCE=3),
            mock.patch.multiple(csv_pieces, _BYTES_A_LOOK=look),
            mock.patch.multiple(csv_fast, _BYTES_A_LOOK=look),
            mock.patch.multiple(transcoding, _BYTES_A_BLOCK=look),
            mock.patch.multiple(packed, _BYTES_A_BLOCK=max(look, 16)),
        ):
            found = read(path, TextFormat(delimiter, "utf-8" if encoding == "utf-8-sig" else encoding))

    assert found == expected
    assert found["read"] == len(rows) == len(found["rows"]) + len(found["rejects"])


def test_the_delimiter_does_not_matter_to_rows() -> None:
    rows = [(TIME, "a,b;c", "200"), (TIME, "B", "502"), (TIME, "C", "x")]
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for delimiter in ",;\t|":
            path = Path(folder) / "log.csv"
            path.write_text(text_of(rows, delimiter, "\n", csv.QUOTE_MINIMAL))
            found.append(read(path, TextFormat(delimiter)))
    assert all(each["rows"] == found[0]["rows"] and len(each["rows"]) == 2 for each in found)
    assert [each["rejects"][0][-1] for each in found] == [f"{d}".join((TIME, "C", "x")) for d in ",;\t|"]


@pytest.mark.parametrize("name", ["log.csv.gz", "log.csv.zst"])
def test_a_packed_file_is_one_fragment_that_comes_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 200)
    monkeypatch.setattr(csv_pieces, "_BYTES_A_LOOK", 64)
    text = HEADER + "".join(f"{TIME},account-{number},200\n" for number in range(100))
    path = tmp_path / name
    path.write_bytes((gzip.compress if name.endswith("gz") else zstd)(text.encode()))

    (fragment,) = open_log(path, TextFormat()).file.fragments
    assert isinstance(fragment, CsvStream)
    assert fragment.bytes == path.stat().st_size
    reading = fragment.read()
    batches = list(reading)
    assert len(batches) > 10
    assert max(batch.num_rows for batch in batches) < 10
    assert reading.account().rows == 100


@pytest.mark.parametrize("at", [0, 1, 49, 98, 99])
@pytest.mark.parametrize(("name", "encoding"), [("log.csv.gz", "utf-8"), ("log.csv", "utf-16")])
def test_a_bad_row_has_the_line_of_the_unpacked_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, encoding: str, at: int
) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 200)
    monkeypatch.setattr(csv_pieces, "_BYTES_A_LOOK", 64)
    rows = [f"{TIME},账号-{number},200\n" for number in range(100)]
    rows[at] = f"{TIME},账号,abc\n"
    data = (HEADER + "".join(rows)).encode(encoding)
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)

    found = read(path, TextFormat(encoding=encoding))
    assert [(place, text) for place, *_, text in found["rejects"]] == [(f"line {at + 2}", f"{TIME},账号,abc")]
    assert len(found["rows"]) == 99


def refusal(path: Path, written: TextFormat) -> tuple[str, str, str]:
    with pytest.raises(InputError) as raised:
        read(path, written)
    (problem,) = raised.value.problems
    return str(problem.where).removeprefix(path.as_posix()), str(problem.what), str(problem.remedy)


GOOD = (HEADER + f"{TIME},账号,200\n" * 50).encode()


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("cut", [0.5, 0.99])
def test_a_cut_log_is_refused_and_none_of_it_counted(
    tmp_path: Path, pack: Callable[[bytes], bytes], cut: float
) -> None:
    path = tmp_path / ("log.csv.gz" if pack is gzip.compress else "log.csv.zst")
    noise = "".join(f"{TIME},{hash((number, 'x')) & 0xFFFFFFFF:x},200\n" for number in range(5000))
    data = pack((HEADER + noise).encode())
    path.write_bytes(data[: int(len(data) * cut)])

    where, what, remedy = refusal(path, TextFormat())
    assert where == ""
    assert "is cut off" in what
    assert "Copy it again, whole" in remedy


UNDECODABLE: dict[str, tuple[str, str, bytes]] = {
    "gb18030": ("log.csv", "gb18030", GOOD.decode().encode("gb18030") + b"\xff\xff"),
    "gbk, cut within a character": ("log.csv", "gbk", GOOD.decode().encode("gbk") + b"\xd5"),
    "big5 in gzip": ("log.csv.gz", "big5", HEADER.encode() * 9 + b"\xff"),
    "utf-16, cut within a character": ("log.csv", "utf-16", GOOD.decode().encode("utf-16") + b"a"),
    "utf-16, half a pair": ("log.csv", "utf-16", GOOD.decode().encode("utf-16") + b"\x00\xdca\x00"),
    "cp1252 has no such character": ("log.csv", "cp1252", HEADER.encode() + b"\x81"),
    "ascii": ("log.csv", "ascii", HEADER.encode() + "é".encode()),
    "utf-8 in gzip": ("log.csv.gz", "utf-8", GOOD + b"\xff\n"),
    "utf-8 in zstd": ("log.csv.zst", "utf-8", GOOD + b"\xff\n"),
}


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 18])
@pytest.mark.parametrize(("name", "encoding", "data"), UNDECODABLE.values(), ids=UNDECODABLE)
def test_bytes_of_no_encoding_are_refused_with_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, name: str, encoding: str, data: bytes
) -> None:
    monkeypatch.setattr(transcoding, "_BYTES_A_BLOCK", size)
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 100)
    monkeypatch.setattr(csv_pieces, "_BYTES_A_LOOK", 64)
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else zstd(data) if name.endswith("zst") else data)
    with pytest.raises(UnicodeDecodeError) as expected:
        data.decode(encoding)

    where, what, remedy = refusal(path, TextFormat(encoding=encoding))
    assert where == ""
    of_what = "" if name.endswith("csv") else " of the unpacked file"
    assert what.startswith(f"not {encoding.upper()}: ")
    assert what.endswith(f" at byte {expected.value.start}{of_what}")
    assert "--encoding" in remedy


def test_utf_16_without_a_mark_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(GOOD.decode().encode("utf-16-le"))

    assert refusal(path, TextFormat(encoding="utf-16"))[1:] == (
        "no byte order mark at the start; expected one in UTF-16",
        "Say which order it has: --encoding utf-16-le or --encoding utf-16-be.",
    )
    assert read(path, TextFormat(encoding="utf-16-le"))["read"] == 50


@pytest.mark.parametrize(("encoding", "likely"), [("utf-16", "utf-16"), ("gb18030", "gb18030")])
def test_a_file_that_is_not_utf_8_names_the_option(tmp_path: Path, encoding: str, likely: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(f"时间,account_id,status\n{TIME},A,200\n".encode(encoding))

    assert f"--encoding {likely}" in refusal(path, TextFormat())[2]


@pytest.mark.parametrize(
    ("header", "delimiter", "what", "option"),
    [
        ("timestamp;account_id;status", ",", "';' seems to stand between its fields, not ','", "--delimiter ';'"),
        ("timestamp\taccount_id\tstatus", ",", "a tab seems to stand between its fields", "--delimiter tab"),
        ("timestamp|account_id|status", ",", "'|' seems to stand between its fields", "--delimiter '|'"),
        ("timestamp,account_id,status", ";", "',' seems to stand between its fields, not ';'", "--delimiter ','"),
        ("timestamp;account" + "x" * 90, ",", "xxx...'; ';' seems to stand between its fields", "--delimiter ';'"),
    ],
)
def test_a_header_that_another_delimiter_cuts_says_so(
    tmp_path: Path, header: str, delimiter: str, what: str, option: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"{header}\n")

    found = refusal(path, TextFormat(delimiter))
    assert what in found[1]
    assert option in found[2]


def test_a_header_without_an_end_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(b"\0" * (40 << 20)))

    assert "the first line does not end within" in refusal(path, TextFormat())[1]


def test_a_quote_that_stays_open_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 100)
    monkeypatch.setattr(csv_log, "_BYTES_HELD", 1000)
    monkeypatch.setattr(csv_pieces, "_BYTES_A_LOOK", 64)
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress((HEADER + f'{TIME},A,"200\n' + f"{TIME},B,200\n" * 10_000).encode()))

    with pytest.raises(UnsafeSplitError):  # so it is read again, uncut: see test_uncut
        read(path, TextFormat())


BODY = f"timestamp;account_id;status\n{TIME};甲;200\n=1+1;乙;502\n{TIME};丙\n"


def test_the_options_of_a_run(folder: Path) -> None:
    (folder / "log.csv.gz").write_bytes(gzip.compress(BODY.encode("gb18030")))
    arguments = ["compute", "log.csv.gz", "--delimiter", ";", "--encoding", "GB18030", "--max-rejected", "2"]

    assert run([*arguments, "--rejects", "rejects.csv", "--quiet"]) == 0
    with (folder / "rejects.csv").open(encoding="utf-8", newline="") as file:
        rejected = list(csv.reader(file))
    assert [(row[1], row[-1]) for row in rejected] == [
        ("place", "text"),
        ("line 3", "'=1+1;乙;502"),  # a spreadsheet must not run it
        ("line 4", f"{TIME};丙"),
    ]


def test_a_row_of_parquet_has_no_text(folder: Path) -> None:
    times = pa.array([1_790_831_167_000_000] * 2, pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"timestamp": times, "account_id": ["A", "B"], "status": ["200", "x"]}), "log.parquet")

    (opened,) = open_logs([Source(Path("log.parquet"), "parquet")], ColumnMap(), (), SHANGHAI)
    log = Log(opened)
    assert sum(batch.num_rows for batch in log.batches()) == 1
    assert [(reject.place, reject.text) for reject in log.read.rejects] == [("row 2", "")]


def test_the_same_from_a_config(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "log.csv").write_bytes(BODY.replace(";", "\t").encode("utf-16"))
    config = 'logs = "log.csv"\ndelimiter = "tab"\nencoding = "utf-16"\nmax_rejected = 2\n'
    (folder / "sla-audit.toml").write_text(config)

    assert run(["compute", "--config", "sla-audit.toml"]) == 0
    assert "3 read = 1 counted + 2 unreadable" in capsys.readouterr().out


def test_an_option_that_cannot_be_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "log.csv").write_text(HEADER)

    assert run(["compute", "log.csv", "--encoding", "klingon"]) == 2
    assert "'klingon': expected an encoding of text" in capsys.readouterr().err


def test_facts_may_be_packed_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "log.csv").write_text(HEADER + f"{TIME},A,200\n")
    (folder / "accounts.csv.gz").write_bytes(gzip.compress(b"account_id,plan,applied_on\nA,paid,2026-03-02\n"))
    (folder / "billing.csv").write_bytes(gzip.compress(b"account_id,cycle,service_fee,cash_paid\n"))

    assert run(["compute", "log.csv", "--accounts", "accounts.csv.gz", "--quiet"]) == 0
    assert run(["compute", "log.csv", "--billing", "billing.csv", "--quiet"]) == 2
    assert "billing.csv: holds gzip, not CSV" in capsys.readouterr().err
