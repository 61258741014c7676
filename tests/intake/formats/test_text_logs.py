"""Logs in gateways' own text (`.log`): the formats of dialects, the W3C's, and each line that is of none."""

from __future__ import annotations

from pathlib import Path

import pytest

from sla_audit.cli.main import run
from sla_audit.intake.formats.lines import log as lines_log
from tests.builders.logs.combined_lines import (
    IIS,
    KINDS,
    OWN,
    STATUSES,
    Kind,
    combined,
    of_elb,
    of_iis,
    of_tencent,
    write,
)
from tests.builders.logs.text_lines import counts, report
from tests.builders.mistakes import messages

pytestmark = pytest.mark.usefixtures("folder")

RESULT = (2, 3, 1)
"""What the lines of every kind below come to: success, explicit failure, excluded."""


EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def all_lines(kind: Kind) -> list[str]:
    return [*kind.before, *map(kind.line, STATUSES)]


class TestEveryKind:
    @EVERY
    @pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
    def test_it_is_told_by_its_lines(self, kind: Kind, name: str) -> None:
        found = report(write(name, all_lines(kind)), "--column", f"account_id={kind.account}")
        assert counts(found) == RESULT
        assert found["results"][0]["account_id"].removesuffix("~") == "acme"
        assert any(warning.startswith(f"read in the dialect {kind.dialect}: {name}") for warning in found["warnings"])

    @EVERY
    def test_it_is_read_in_the_dialect_that_is_named(self, kind: Kind) -> None:
        named = ("--column", f"account_id={kind.account}", "--dialect", kind.dialect)
        assert counts(report(write("a.log", all_lines(kind), "\r\n"), *named)) == RESULT

    @EVERY
    def test_line_by_line_it_comes_to_the_same(self, kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
        write("a.log", [*all_lines(kind), "this is of no format"])
        assert run(["compute", "a.log", "--column", f"account_id={kind.account}"]) == 2
        assert f"a.log, line {len(kind.before) + 7}: row is 'this is of no format'" in capsys.readouterr().err
        tolerated = report("a.log", "--column", f"account_id={kind.account}", "--max-rejected", "1")
        assert counts(tolerated) == RESULT
        assert tolerated["rows"]["rejected"] == 1

    @EVERY
    @pytest.mark.parametrize("size", [100, 1000])
    @pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
    def test_in_pieces(self, kind: Kind, name: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lines_log, "_BYTES_A_RANGE", size)
        lines = [*kind.before, *(kind.line(status) for status in STATUSES * 5)]
        assert counts(report(write(name, lines), "--column", f"account_id={kind.account}")) == (10, 15, 5)

    @EVERY
    def test_a_line_with_nul_bytes_is_damaged(self, kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
        write("a.log", [*all_lines(kind), "\0\0\0" + kind.line(200), kind.line(200).replace("v1", "v\0")])
        assert run(["compute", "a.log", "--column", f"account_id={kind.account}"]) == 2
        error = capsys.readouterr().err
        assert error.count("row is damaged: it holds NUL bytes") == 2

    @EVERY
    def test_a_line_that_is_cut_is_no_request(self, kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
        whole = kind.line(502)
        write("a.log", [*all_lines(kind), whole[: whole.index("50")]])
        assert run(["compute", "a.log", "--column", f"account_id={kind.account}"]) == 2
        assert "1 of 7 rows cannot be read" in " ".join(capsys.readouterr().err.split())


class TestTimes:
    @pytest.mark.parametrize(("taken", "cycle"), [("0.999", "2026-11"), ("1.001", "2026-10")])
    def test_how_long_a_request_took_is_taken_off_its_end(self, taken: str, cycle: str) -> None:
        line = of_tencent(200).replace("05/Oct/2026:13:06:07", "01/Nov/2026:00:00:01").replace("[1.250]", f"[{taken}]")
        (result,) = report(write("a.log", [line]), "--column", "account_id=http_host")["results"]
        assert result["cycle"] == cycle

    @pytest.mark.parametrize(("taken", "cycle"), [("999", "2026-11"), ("1001", "2026-10")])
    def test_those_of_iis_are_utc_and_milliseconds(self, taken: str, cycle: str) -> None:
        line = of_iis(200).replace("2026-10-05 05:06:07", "2026-10-31 16:00:01").replace(" 120", f" {taken}")
        (result,) = report(write("a.log", [IIS, line]))["results"]
        assert result["cycle"] == cycle

    def test_where_a_log_does_not_say_how_long_the_report_does(self) -> None:
        found = report(write("a.log", [combined(200)]), "--column", "account_id=remote_user")
        assert any("times are when the request ended" in warning for warning in found["warnings"])


class TestFieldsThatNameThemselves:
    """The W3C's format: `#Fields:` may come again, and name others."""

    def test_again_in_the_middle(self) -> None:
        lines = [IIS, of_iis(200), "#Software: IIS 10.0", IIS, of_iis(503), "#Date: 2026-10-06", of_iis(404)]
        assert counts(report(write("a.log", lines))) == (1, 1, 1)

    @pytest.mark.parametrize("size", [64, 1 << 20])
    @pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
    def test_others_in_the_middle(self, name: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lines_log, "_BYTES_A_RANGE", size)
        other = "#Fields: date time sc-win32-status sc-status time-taken cs-username cs-uri-stem"
        later = [f"2026-10-06 05:06:07 0 {status} 120 acme /v1" for status in STATUSES]
        assert counts(report(write(name, [IIS, *map(of_iis, STATUSES), other, *later]))) == (4, 6, 2)

    @pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
    def test_a_field_that_ends_in_the_middle_is_refused(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        write(name, [IIS, of_iis(200), IIS.replace(" sc-status", ""), of_iis(200).replace(" 200", "")])
        assert run(["compute", name]) == 2
        (message,) = messages(capsys.readouterr().err)
        assert f"{name}, line 3: from here on the log has no 'sc-status', which it had before" in message

    def test_columns_of_ones_own(self) -> None:
        lines = ["#Fields: timestamp account_id status", "2026-10-05T05:06:07Z A 200", "2026-10-05T05:06:07Z A 502"]
        assert counts(report(write("a.log", lines))) == (1, 1, 0)


class TestOddFields:
    def test_what_is_escaped_is_undone_in_an_account(self) -> None:
        lines = [combined(200).replace("acme", r"\xE4\xBA\xAC\x22x"), combined(502).replace("acme", r"京\"x")]
        (result,) = report(write("a.log", lines), "--column", "account_id=remote_user")["results"]
        assert result["account_id"] == '京"x'

    def test_an_account_with_backslashes_is_itself_where_nothing_is_escaped(self) -> None:
        line = of_iis(200).replace("acme", r"CORP\nina")
        (result,) = report(write("a.log", [IIS, line]))["results"]
        assert result["account_id"] == r"CORP\nina"

    @pytest.mark.parametrize(
        ("account", "what"),
        [("remote_addr", None), ("remote_user", "remote_user is")],
        ids=["asked for", "not asked for"],
    )
    def test_bytes_that_are_no_utf8_matter_where_they_are_asked_for(
        self, account: str, what: str | None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("a.log").write_bytes(combined(200).encode().replace(b"acme", b"\xc4\xe3") + b"\n")
        code = run(["compute", "a.log", "--column", f"account_id={account}", "--as-of", "2026-12-20"])
        assert code == (0 if what is None else 2)
        assert what is None or what in capsys.readouterr().err

    def test_a_carriage_return_within_a_line_ends_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("a.log").write_bytes((combined(200) + "\r" + combined(200) + "\n" + combined(200) + "\n").encode())
        assert run(["compute", "a.log", "--column", "account_id=remote_user"]) == 2
        assert "1 of 2 rows cannot be read" in " ".join(capsys.readouterr().err.split())

    def test_a_connection_without_a_status_is_no_request(self, capsys: pytest.CaptureFixture[str]) -> None:
        tcp = '2026-10-05T05:06:07.120000Z acme 192.0.2.9:1 192.0.2.20:80 0.1 0.2 0.3 - - 82 305 "- - - " "-" - -'
        write("a.log", [of_elb(200), tcp])
        assert run(["compute", "a.log", "--column", "account_id=elb"]) == 2
        assert "a.log, line 2: row is" in capsys.readouterr().err

    def test_a_hostile_line_is_read_at_once(self) -> None:
        write("a.log", [combined(200), '"' * 50_000, " " * 50_000, "[" * 50_000 + "]", combined(502), '\\"' * 50_000])
        found = report("a.log", "--column", "account_id=remote_user", "--max-rejected", "4")
        assert counts(found) == (1, 1, 0)  # a search that goes back would take days


class TestAFormatOfOnesOwn:
    @pytest.mark.parametrize(
        ("written", "line"),
        [
            ("{at}|{who}|{code}", "2026-10-05T05:06:07Z|A|502"),
            ("$at;$code;${who}", "2026-10-05T05:06:07Z;502;A"),
            ("<{at}> who={who} {{{code}}}", "<2026-10-05T05:06:07Z> who=A {502}"),
            ('[{at}] {tried:list} {code:digits} "{who}"', '[2026-10-05T05:06:07Z] a, b : c 502 "A"'),
        ],
    )
    def test_it_is_read(self, written: str, line: str) -> None:
        Path("own.toml").write_text(OWN + f"[text]\nformats = ['{written}']\n", encoding="utf-8")
        assert counts(report(write("a.log", [line]), "--dialect", "own.toml")) == (0, 1, 0)

    @pytest.mark.parametrize(
        ("written", "what"),
        [
            ("no fields", "expected fields as $name or {name}"),
            ("{} {at}", "expected fields as $name or {name}"),
            ("{at}{code} {who}", "names two fields with nothing between them"),
            ("{at} {code} {code}", "names a field twice: code"),
            ("{at:month} {code}", "'month' is no shape of a field; expected digits, list, words"),
            ("{at} {who}", "lacks the time, or a field of the outcomes: {at} {who}"),
            ("{code} {who}", "lacks the time, or a field of the outcomes"),
            ("{at} {code", "expected '}' before end of string"),
        ],
    )
    def test_mistakes_in_it(self, written: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("own.toml").write_text(OWN + f"[text]\nformats = ['{written}']\n", encoding="utf-8")
        assert run(["compute", write("a.log", [combined(200)]), "--dialect", "own.toml"]) == 2
        assert what in " ".join(capsys.readouterr().err.split())

    def test_lines_that_are_not_of_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("own.toml").write_text(OWN + "[text]\nformats = ['{at} {code} {who}']\n", encoding="utf-8")
        write("a.log", ["2026-10-05T05:06:07Z 200"])
        assert run(["compute", "a.log", "--dialect", "own.toml"]) == 2
        assert "the nearest is own, as it writes lines up to code: {at} {code} {who}" in capsys.readouterr().err
