"""Logs of lines without a header (`.log`): JSON lines, or the fields of a dialect, in order."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from sla_audit.cli.main import run
from sla_audit.errors import InputError
from sla_audit.intake.dialects.dialect import built_in_dialects
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.interface import Written
from sla_audit.intake.formats.jsonl.log import JsonLog
from sla_audit.intake.formats.registry import open_log
from sla_audit.intake.sources.source import Source
from tests.builders.logs.combined_lines import OWN
from tests.builders.logs.text_lines import alb, counts, cut, report
from tests.builders.mistakes import messages
from tests.builders.opened_logs import names_in

pytestmark = pytest.mark.usefixtures("folder")

ALB = built_in_dialects()["aws-alb"]


def log(name: str, lines: Sequence[str], end: str = "\n") -> str:
    data = (end.join(lines) + end).encode()
    Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return name


ACCOUNT = "account_id=domain_name"
USUAL = [alb(), alb(404, 404), alb(460, "-"), alb(502, "-"), alb(503, 503), alb(503, "-"), alb(500, 500)]
SUCCESS_FAILURE_EXCLUDED = (2, 3, 2)


class TestAsAwsDeliversIt:
    @pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
    @pytest.mark.parametrize("dialect", [(), ("--dialect", "aws-alb")], ids=["told", "named"])
    def test_it_is_read_with_its_dialect(self, name: str, dialect: tuple[str, ...]) -> None:
        found = report(log(name, USUAL), "--column", ACCOUNT, *dialect)
        assert counts(found) == SUCCESS_FAILURE_EXCLUDED
        assert found["results"][0]["account_id"] == "shop.example"
        assert any(warning.startswith(f"read in the dialect aws-alb: {name}") for warning in found["warnings"])

    @pytest.mark.parametrize("fields", [23, 25, 29, 30, 33])
    def test_of_any_year(self, fields: int) -> None:
        assert counts(report(log("a.log", [cut(line, fields) for line in USUAL]), "--column", ACCOUNT)) == (2, 3, 2)

    def test_with_fields_that_are_not_known_yet(self) -> None:
        assert counts(report(log("a.log", [f'{line} "new" -' for line in USUAL]), "--column", ACCOUNT)) == (2, 3, 2)

    @pytest.mark.parametrize("first", [0, 1], ids=["the older first", "the newer first"])
    def test_of_several_years_in_one_file(self, first: int) -> None:
        halves = [[cut(line, 29) for line in USUAL], USUAL]
        lines = [*halves[first], *halves[1 - first]]
        assert counts(report(log("a.log", lines), "--column", ACCOUNT)) == (4, 6, 4)

    def test_all_members_of_a_gzip_file(self) -> None:
        Path("a.log.gz").write_bytes(b"".join(gzip.compress(f"{line}\n".encode()) for line in USUAL))
        assert counts(report("a.log.gz", "--column", ACCOUNT)) == SUCCESS_FAILURE_EXCLUDED

    def test_line_ends_blank_lines_and_a_byte_order_mark_do_not_matter(self) -> None:
        text = "\r\n".join(line + "\r\n" for line in USUAL)
        Path("a.log").write_text("\ufeff" + text, encoding="utf-8", newline="")
        assert counts(report("a.log", "--column", ACCOUNT)) == SUCCESS_FAILURE_EXCLUDED

    def test_a_doubled_quote_is_one_on_either_path(self) -> None:
        quoted = alb(domain_name='"a ""b"""')
        fast = report(log("a.log", [quoted]), "--column", ACCOUNT)
        slow = report(log("a.log", [quoted, alb(fields=29)]), "--column", ACCOUNT)
        assert fast["results"][0]["account_id"] == slow["results"][0]["account_id"] == 'a "b"'

    @pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
    def test_in_another_encoding(self, encoding: str) -> None:
        Path("a.log").write_text("\n".join(USUAL) + "\n", encoding=encoding)
        assert counts(report("a.log", "--column", ACCOUNT, "--encoding", encoding)) == SUCCESS_FAILURE_EXCLUDED

    @pytest.mark.parametrize("size", [100, 1500, 1 << 20])
    @pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
    def test_in_pieces(self, name: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", size)
        assert counts(report(log(name, USUAL * 10), "--column", ACCOUNT)) == (20, 30, 20)

    def test_a_field_that_only_some_lines_have(self, capsys: pytest.CaptureFixture[str]) -> None:
        log("a.log", [alb(), alb(fields=29)])
        assert run(["compute", "a.log", "--column", "account_id=conn_trace_id"]) == 2
        assert "a.log, line 2: conn_trace_id is ''; expected the account's id" in capsys.readouterr().err

    def test_no_column_for_the_account(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["compute", log("a.log", USUAL)]) == 2
        (message,) = messages(capsys.readouterr().err)
        assert "no column 'account_id'" in message
        assert "target_group_arn" in message

    def test_an_account_that_is_a_dash(self, capsys: pytest.CaptureFixture[str]) -> None:
        log("a.log", [alb(), alb(domain_name='"-"')])
        assert run(["compute", "a.log", "--column", ACCOUNT]) == 2
        assert "a.log, line 2: domain_name is '-'" in capsys.readouterr().err


BAD: dict[str, tuple[str, str]] = {
    "cut before the time": (cut(alb(), 21), "row is 21 fields; expected 23 to 33 fields"),
    "cut within the time": (cut(alb(), 22)[:-9], "row is 22 fields"),
    "too many fields": (alb() + " -", "row is 34 fields"),
    "a quote within a text": (alb(user_agent='"a "b" c"'), "row is a quote within a field"),
    "a quote that is not closed": (alb(user_agent='"a b'), "row is a quote within a field"),
    "a quote with a backslash, not closed": (alb(user_agent='"a \\" b'), "row is 34 fields"),
    "three quotes": (alb(user_agent='"a """ b"'), "row is a quote within a field"),
    "text after a quote": (alb(domain_name='"shop"x'), "row is a quote within a field"),
    "a status that is none": (alb(status="2OO"), "elb_status_code,target_status_code is '2OO' '200'"),
    "a time that is none": (alb(request_creation_time="-"), "request_creation_time is '-'"),
    "two spaces": (alb(type="h2 "), "row is 34 fields"),
    "two spaces in an older line": (cut(alb(type="h2 "), 29), "request_creation_time is '1'"),
}


@pytest.mark.parametrize(("line", "found"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
def test_a_line_that_cannot_be_read_is_one_row_with_its_text(
    name: str, line: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log(name, [*USUAL, line, *USUAL])
    assert run(["compute", name, "--column", ACCOUNT]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert f"{name}, line 8: {found}" in error
    assert "1 of 15 rows cannot be read" in error

    tolerated = report(name, "--column", ACCOUNT, "--max-rejected", "1", "--rejects", "rejects.csv")
    assert counts(tolerated) == (4, 6, 4)
    assert line.split('"', maxsplit=1)[0] in Path("rejects.csv").read_text(encoding="utf-8")


class TestJsonLines:
    ROWS = tuple(
        json.dumps({"started_at": 1_791_176_767_001, "consumer": {"username": "A"}, "response": {"status": status},
                    "latencies": {"proxy": 3}, "source": "upstream"})
        for status in (200, 502, 404)
    )  # fmt: skip

    @pytest.mark.parametrize("name", ["access.log", "access.log.gz"])
    def test_a_log_of_objects_is_json_lines(self, name: str) -> None:
        assert counts(report(log(name, self.ROWS))) == (1, 1, 1)

    def test_after_a_byte_order_mark(self) -> None:
        Path("access.log").write_text("\ufeff" + "\n".join(self.ROWS), encoding="utf-8")
        assert counts(report("access.log")) == (1, 1, 1)


UNKNOWN: dict[str, tuple[str, str]] = {
    "a format of its own": (
        '192.0.2.1 - - [05/Oct/2026:05:06:07 +0000] "GET / HTTP/1.1" 200 12 0.5',
        "the nearest is nginx, as it writes lines up to body_bytes_sent: $remote_addr $remote_ident",
    ),
    "TLS connections": (
        "tls 2.0 2026-10-05T05:06:07 net/lb/0a l1 192.0.2.1:51341 10.0.0.1:443 5 2 98 246 - arn - ECDHE tlsv12 - shop",
        "it is a log of TLS connections of AWS's Network Load Balancer, which has no requests and no status",
    ),
    "TCP connections": (
        '2026-10-05T05:06:07.123456Z lb 192.0.2.1:2817 10.0.0.1:80 0.001 0.000 0.001 - - 82 305 "- - - " "-" - -',
        "it is a log of TCP connections of AWS's Classic Load Balancer",
    ),
    "CSV with a header": ("timestamp,account_id,status\n2026-10-05T05:06:07Z,A,200", "'timestamp,account_id,status'"),
    "as many fields, and no time among them": (" ".join("a" * 30), "the first is 'a a a"),
}


@pytest.mark.parametrize(("text", "what"), UNKNOWN.values(), ids=UNKNOWN)
def test_lines_of_no_known_form_are_refused(text: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.log").write_text(text, encoding="utf-8")
    assert run(["compute", "a.log", "--column", ACCOUNT]) == 2
    (message,) = messages(capsys.readouterr().err)
    assert "a.log: its suffix does not say how its lines are written, and its first lines do not tell" in message
    assert what in message
    assert "--dialect" in message or "knows requests" in message


def test_lines_of_two_forms_are_not_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    log("a.log", ['192.0.2.1 - - [05/Oct/2026:05:06:07 +0000] "GET / HTTP/1.1" 200 12', '{"status": 200}'])
    assert run(["compute", "a.log"]) == 2
    assert "as many lines are of each of these: JSON lines, nginx" in capsys.readouterr().err


def test_another_encoding_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.log").write_text("\n".join(USUAL), encoding="utf-16")
    assert run(["compute", "a.log", "--column", ACCOUNT]) == 2
    assert "not UTF-8: a byte order mark of UTF-16 at byte 0" in capsys.readouterr().err


def test_a_log_without_a_line_has_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.log").touch()
    assert run(["compute", "a.log", "--column", ACCOUNT]) == 0
    assert "a.log holds no rows" in capsys.readouterr().err


def test_a_dialect_that_knows_no_lines_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    log("a.log", USUAL)
    assert run(["compute", "a.log", "--dialect", "kong"]) == 2
    assert "the dialect kong does not say how lines without a header are written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "what"),
    [([""], "the first line is empty"), ([cut(alb(), 12)], "12 fields; expected 23 or more"), (['a "b'], "a quote")],
)
def test_a_first_line_that_is_not_of_the_dialect_that_was_chosen(lines: list[str], what: str) -> None:
    with pytest.raises(InputError, match=what):
        names_in(Source(Path(log("a.log", lines)), "lines"), dialect=ALB)


class TestLinesOfOnesOwn:
    def test_any_delimiter(self) -> None:
        Path("own.toml").write_text(OWN + '[lines]\ndelimiter = "|"\nleast = 3\ncolumns = ["at", "code", "who"]\n')
        lines = ["2026-10-05T05:06:07Z|200|A", '2026-10-05T05:06:07Z|502|"A"', "2026-10-05T05:06:07Z|404|A"]
        assert counts(report(log("a.log", lines), "--dialect", "own.toml")) == (1, 1, 1)

    @pytest.mark.parametrize(
        ("lines", "what"),
        [
            ('delimiter = "ab"\nleast = 1\ncolumns = ["at"]', "expected one ASCII character"),
            ('delimiter = " "\nleast = 0\ncolumns = ["at"]', "greater than or equal to 1"),
            ('delimiter = " "\nleast = 3\ncolumns = ["at", "code"]', "`least` is more than the `columns`"),
            ('delimiter = " "\nleast = 2\ncolumns = ["at", "at"]', "names a field twice"),
        ],
    )
    def test_mistakes_in_it(self, lines: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("own.toml").write_text(f"{OWN}[lines]\n{lines}\n")
        log("a.log", USUAL)
        assert run(["compute", "a.log", "--dialect", "own.toml"]) == 2
        assert what in " ".join(capsys.readouterr().err.split())


def test_the_fields_that_the_dialect_needs_are_always_there() -> None:
    assert ALB.lines is not None
    assert {*ALB.fields, *ALB.columns["timestamp"]} <= set(ALB.lines.columns[: ALB.lines.least])


def test_zstd() -> None:
    data = "".join(f"{line}\n" for line in USUAL).encode()
    Path("a.log.zst").write_bytes(bytes(pa.Codec("zstd").compress(data).to_pybytes()))
    assert counts(report("a.log.zst", "--column", ACCOUNT)) == SUCCESS_FAILURE_EXCLUDED


DOCUMENTS: dict[str, tuple[bytes, str, str]] = {
    "an object over lines": (b'{\n  "rows": [\n', "holds a JSON object over several lines", "jq -c does"),
    "one that begins on its first line": (b'{"kind": "log",\r\n "rows": []}', "over several lines", "jq -c does"),
    "one that is packed": (gzip.compress(b'{\n "status": 200}'), "over several lines", "jq -c does"),
}


@pytest.mark.parametrize(("content", "what", "remedy"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_json_document_is_refused_by_name(folder: Path, content: bytes, what: str, remedy: str) -> None:
    path = folder / ("log.json.gz" if content.startswith(b"\x1f") else "log.json")
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        names_in(Source(path, "json"))
    (problem,) = raised.value.problems
    assert what in str(problem.what)
    assert remedy in str(problem.remedy)


@pytest.mark.parametrize(
    "content",
    [
        b'{"status":200,"at":{"a":1}}\n{"status":502}\n',
        b'{"a":"[{,\\n"}\n',
        b'\xef\xbb\xbf{"a":1}',
        b"",
        b'{"a":1,"b"\n',
    ],
)
def test_json_lines_may_be_called_json(folder: Path, content: bytes) -> None:
    (folder / "PT1H.json").write_bytes(content)
    with open_log(Source(folder / "PT1H.json", "json"), Written()) as opened:
        assert isinstance(opened, JsonLog)


def test_a_directory_of_json_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for hour in range(3):
        path = folder / "logs" / f"h={hour:02}" / "PT1H.json"
        path.parent.mkdir(parents=True)
        path.write_text(f'{{"timestamp":"2026-10-05T0{hour}:00:00Z","account_id":"a","status":200}}\n')
    assert run(["compute", "logs", "--as-of", "2026-11-20"]) == 0
    assert "Rows: 3 read = 3 counted." in capsys.readouterr().out
