"""What carries a log: taken off each line, said in the report, and missed where a line has it not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sla_audit.cli.main import run
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.formats.lines import log as lines_log
from sla_audit.intake.formats.wrappers import WRAPPERS, Wrapper
from tests.builders.logs.combined_lines import write
from tests.builders.logs.text_lines import counts, report
from tests.builders.logs.wrapped_lines import WAYS, as_json, as_text, in_docker

pytestmark = pytest.mark.usefixtures("folder")

STATUSES = (200, 502, 404, 503, 504, 301)
RESULT = (2, 3, 1)


EVERY = pytest.mark.parametrize(("name", "wrap"), WAYS.values(), ids=WAYS)
INNER = pytest.mark.parametrize("inner", [as_json, as_text], ids=["objects", "text"])


def account(inner: Callable[[int], str]) -> tuple[str, ...]:
    return ("--column", "account_id=remote_user") if inner is as_text else ()


class TestEveryWay:
    @EVERY
    @INNER
    @pytest.mark.parametrize("file", ["a.log", "a.log.gz"])
    def test_it_is_taken_off_and_the_report_says_so(
        self, name: str, wrap: Callable[[str], str], inner: Callable[[int], str], file: str
    ) -> None:
        found = report(write(file, [wrap(inner(status)) for status in STATUSES], "\r\n"), *account(inner))
        assert counts(found) == RESULT
        assert f"{name} was taken off each line: {file}" in found["warnings"]

    @EVERY
    def test_so_it_is_in_json_lines_by_name(self, name: str, wrap: Callable[[str], str]) -> None:
        found = report(write("a.jsonl", [wrap(as_json(status)) for status in STATUSES]))
        assert counts(found) == RESULT
        assert f"{name} was taken off each line: a.jsonl" in found["warnings"]

    @EVERY
    @INNER
    @pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
    def test_a_line_without_it_is_no_request(
        self,
        name: str,
        wrap: Callable[[str], str],
        inner: Callable[[int], str],
        first: bool,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        lines = [wrap(inner(status)) for status in STATUSES]
        write("a.log", [inner(200), *lines] if first else [*lines, inner(200)])
        assert run(["compute", "a.log", *account(inner)]) == 2
        error = " ".join(capsys.readouterr().err.split())
        assert f"a.log, line {1 if first else 7}: row is" in error
        assert f"expected {name}, as on other lines" in error
        assert counts(report("a.log", *account(inner), "--max-rejected", "1")) == RESULT

    @EVERY
    @INNER
    @pytest.mark.parametrize("size", [100, 2000])
    def test_in_pieces(
        self,
        name: str,
        wrap: Callable[[str], str],
        inner: Callable[[int], str],
        size: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(json_log, "_BYTES_A_RANGE", size)
        monkeypatch.setattr(lines_log, "_BYTES_A_RANGE", size)
        lines = [wrap(inner(status)) for status in STATUSES * 5]
        assert counts(report(write("a.log", lines), *account(inner))) == (10, 15, 5)

    @EVERY
    def test_a_flag_that_comes_late_is_seen(self, name: str, wrap: Callable[[str], str]) -> None:
        later = [wrap(as_json(200, content_flag="violence")), wrap("neither an object nor a request")]
        lines = [*(wrap(as_json(status)) for status in STATUSES), *later]
        assert counts(report(write("a.log", lines), "--max-rejected", "1")) == (2, 3, 2)

    @EVERY
    def test_off_one_line_and_off_all_are_one(self, name: str, wrap: Callable[[str], str]) -> None:
        (wrapper,) = [each for each in WRAPPERS if each.name == name]
        lines = [wrap(as_json(200)).encode(), wrap("x").encode()]
        expected = [as_json(200).encode(), b"x"]
        assert [wrapper.off(line) for line in lines] == expected
        assert (wrapper.off_all(b"\n".join(lines)) or b"").split(b"\n")[:2] == expected
        assert wrapper.off_all(b"\n".join([*lines, b"y"])) is None


@pytest.mark.parametrize("inner", ["null", "[]", "1", ""])
def test_what_is_within_it_may_be_no_object(inner: str) -> None:
    write("a.jsonl", [in_docker(inner), *(in_docker(as_json(status)) for status in STATUSES), "null"])
    assert counts(report("a.jsonl", "--max-rejected", "2")) == RESULT


def test_a_part_of_a_line_is_no_request(capsys: pytest.CaptureFixture[str]) -> None:
    whole = as_json(502)
    parts = [f"2026-10-05T05:06:07Z stdout P {whole[:40]}", f"2026-10-05T05:06:07Z stdout F {whole[40:]}"]
    write("a.log", [f"2026-10-05T05:06:07Z stdout F {as_json(200)}", *parts])
    assert run(["compute", "a.log"]) == 2
    assert "2 of 3 rows cannot be read" in " ".join(capsys.readouterr().err.split())


def test_objects_that_are_like_docker_s_but_hold_no_log_are_objects() -> None:
    said = [as_json(status, log="started", stream="stdout", time="x") for status in STATUSES]
    assert counts(report(write("a.jsonl", said))) == RESULT


def test_a_tally_knows_what_was_taken_off() -> None:
    write("a.log", [f"<190>Oct  5 13:06:07 gw1 nginx: {as_json(status)}" for status in STATUSES])
    assert run(["tally", "a.log", "-o", "a.tally.parquet"]) == 0
    found = report("a.tally.parquet")
    assert counts(found) == RESULT
    assert "a syslog header was taken off each line: a.log" in found["warnings"]


@pytest.mark.parametrize("name", ["a.log", "a.jsonl"])
@pytest.mark.parametrize("noise", [1, 60])
def test_what_a_gateway_says_before_its_first_request_is_no_request(
    name: str, noise: int, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [*["2026-10-05T05:00:00Z info envoy starting"] * noise, *map(as_json, STATUSES)]
    assert run(["compute", write(name, lines)]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert (
        f"{name}, line 1: row is '2026-10-05T05:00:00Z info envoy starting'; expected one JSON object a line" in error
    )
    assert f"{noise} of {noise + 6} rows cannot be read" in error
    assert counts(report(name, "--max-rejected", str(noise))) == RESULT


@INNER
@pytest.mark.parametrize("host", ["gw-1", "gw\0001"], ids=["sound", "with a NUL byte"])
def test_a_line_that_is_damaged_before_what_is_within_is_no_request(
    inner: Callable[[int], str], host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether a line is counted does not depend on what else is wrong near it."""
    write(
        "a.log", [f"Oct 15 13:06:07 {host if number == 2 else 'gw-1'} nginx[31]: {inner(200)}" for number in range(4)]
    )
    code = run(["compute", "a.log", *account(inner), "--as-of", "2026-11-20", "-o", "-"])
    assert code == (2 if "\0" in host else 0)
    said = capsys.readouterr().err
    assert ("a.log, line 3: row is damaged: it holds NUL bytes" in said) == ("\0" in host)


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.name)
def test_a_nul_byte_is_never_taken_off(wrapper: Wrapper) -> None:
    assert wrapper.off(b"Oct 15 13:06:07 gw\x001 nginx[31]: {}") is None
    assert wrapper.off_all(b"Oct 15 13:06:07 gw\x001 nginx[31]: {}\n") is None
