"""Every option with every value that somebody may give it: a refusal or a result, never a bug.

The options are those that click knows, so that a new one is tried as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sla_audit.cli.main import cli, run
from sla_audit.cli.options.config import Config
from sla_audit.cli.options.values import File, Reference, Text
from tests.program import ROOT, sla_audit

LOG = "timestamp,account_id,status\n2026-11-01T00:00:00Z,a,200\n"
AUDIT = ["log.csv", "--as-of", "2026-12-20"]
USUAL = {
    "compute": AUDIT,
    "claim-check": AUDIT,
    "explain": [*AUDIT, "--account", "a", "--cycle", "2026-11"],
    "reconcile": [*AUDIT[:1], *AUDIT, "--account", "a", "--cycle", "2026-11"],
    "rows": [*AUDIT, "--account", "a", "--cycle", "2026-11"],
    "tally": ["log.csv", "-o", "log.tally.parquet"],
    "render": ["report.json"],
    "list": ["--ledger", "claims.db"],
    **{key: ["1", "--ledger", "claims.db"] for key in ("file", "credit", "withdraw")},
    "answer": ["1", "--approved", "--ledger", "claims.db"],
    "test": ["jdcloud-image-matting"],
    "correct": ["1", "--entry", "1", "--ledger", "claims.db"],
}
LONG = "x" * 5000
SHORT = ("", "9" * 5000, "\0", "\udcff")
"""What is tried of an option of every command that has it; the first such command is given all values."""

VALUES = (
    *(
        *SHORT,
        "-1",
        str(2**63),
        "\x1b[31m",
        "x" * 300,
        " ",
        "0",
        "1",
        "1.5",
        "nan",
        "1e400",
        "a\0.json",
        "status=\0",
        "a\nb",
        "\u202e",
        "x" * 300 + ".json",
    ),
    *("\udcff.json", "\udcff.csv", "\udcff.parquet", "\udcff.tally.parquet", "status=\udcff", "\udcff=status"),
    *(
        ".",
        "..",
        "-",
        "=",
        "timestamp=a,b,c",
        "*",
        "[",
        "{",
        "100%",
        ",",
        "~",
        "/nowhere/x.csv",
        "/dev/null",
        "/dev/full",
    ),
    *(
        "0001-01-01",
        "9999-12-31",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2199-12",
        "2199-12..1970-01",
    ),
    *("utf-7", "base64", "undefined", "last"),
)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


PARAMETERS = {
    f"{' '.join(path)} {parameter.opts[-1]}": (path, parameter)
    for path, command in commands(cli)
    for parameter in command.params
}


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Audit once; what comes of it is copied for each test."""
    folder = tmp_path_factory.mktemp("audited")
    (folder / "log.csv").write_text(LOG)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["compute", *AUDIT, "-o", "report.json", "--ledger", "claims.db"]) == 0
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audited: Path) -> Path:
    shutil.copytree(audited, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("path", "parameter"), PARAMETERS.values(), ids=PARAMETERS)
def test_no_value_of_an_option_is_a_bug(
    folder: Path, path: tuple[str, ...], parameter: click.Parameter, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = USUAL.get(path[-1], [])
    first = next(each for _, each in PARAMETERS.values() if each.opts == parameter.opts)
    option = parameter.opts[-1] if isinstance(parameter, click.Option) else None
    for value in VALUES if parameter is first else SHORT:  # of a flag, values are refused
        given = [*usual[1:], value] if option is None else [*usual, f"{option}={value}"]
        code = run([*path, *given])
        said = capsys.readouterr().err
        assert code in {0, 1, 2}, (value[:80], said)
        assert said.replace("\n", "").isprintable(), (value[:80], said)


def test_every_option_of_text_says_what_it_may_be_made_of() -> None:
    plain = (File, Reference, Text, click.Choice, click.IntRange, click.types.BoolParamType)
    for name, (_, parameter) in PARAMETERS.items():
        assert isinstance(parameter.type, plain), name


TYPES = (
    *(
        '""',
        '"x"',
        '"a\\u0000"',
        '"\\u202e"',
        "1",
        "-1",
        str(2**63),
        "9" * 400,
        "1.5",
        "nan",
        "inf",
        "1e-400",
        "1e999999999",
    ),
    *("true", "1979-05-27", "1979-05-27T07:32:00", "07:32:00", "0001-01-01", "9999-12-31T23:59:59-14:00", "[]", "[[]]"),
    *(
        '["x"]',
        "[1]",
        '["a\\u0000"]',
        "{}",
        "{a=1}",
        f'"{LONG}"',
        '"-"',
        '["-"]',
        '"/dev/null"',
        '"."',
        '"["',
        '"2026-11"',
    ),
)
KEYS = [*Config.model_fields, "columns.status", "columns.timestamp", 'columns.""', "content_flag.illegal", '"\\u202e"']


@pytest.mark.parametrize("key", KEYS)
def test_no_value_of_a_config_is_a_bug(folder: Path, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    usual = {"logs": "logs = ['log.csv']", "as_of": "as_of = 2026-12-20"}
    lines = [line for name, line in usual.items() if name != key]
    for number, value in enumerate(TYPES):  # a file each: to write over one takes until the disk has it
        Path(f"{number}.toml").write_text("\n".join([*lines, f"{key} = {value}"]))
        code = run(["compute", "--config", f"{number}.toml"])
        said = capsys.readouterr().err
        assert code in {0, 1, 2}, (value[:80], said)
        assert said.replace("\n", "").isprintable(), (value[:80], said)


NO_PATHS = (
    "log",
    "--accounts",
    "--billing",
    "--exclusions",
    "--holidays",
    "--config",
    "--contract",
    "--dialect",
    "--rejects",
)


@pytest.mark.parametrize("option", NO_PATHS)
@pytest.mark.parametrize(
    "name", [b"x\xff.csv", b"x" * 300, b"/dev/zero", b"."], ids=["bytes", "long", "endless", "folder"]
)
def test_bytes_on_a_command_line_that_are_no_text(folder: Path, option: str, name: bytes) -> None:
    given = [name] if option == "log" else [b"log.csv", option.encode(), name]
    usual = ["compute", "--as-of", "2026-12-20"]
    if option != "log" and name != b"/dev/zero":  # as the others, and none is to be waited for
        done = sla_audit(*usual, *map(os.fsdecode, given), folder=folder)
        code, said = done.returncode, done.stderr
    else:
        real = subprocess.run(
            [sys.executable, "-m", "sla_audit", *usual, *given],
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        code, said = real.returncode, real.stderr.decode()
    assert code in {0, 2}, said
    assert "Traceback" not in said


_BILLS, _WINDOWS = "account_id,cycle,service_fee,cash_paid\n", "id,clause,starts_at,ends_at\n"
FACTS = {
    "empty": "",
    "an odd header": "account_id,plan,applied_on\0\na,paid,2026-01-01\n",
    "a header of our own": ":place,account_id,plan,applied_on\n1,a,paid,2026-01-01\n",
    "many columns": f"account_id,plan,applied_on,{','.join(map(str, range(9000)))}\na,paid,2026-01-01{',' * 9000}\n",
    "the first year": "account_id,plan,applied_on,expires_on\na,paid,0001-01-01,9999-12-31\n",
    "the last year": "account_id,plan,applied_on,expires_on\na,paid,2026-01-01,9999-12-31\n",
    "a long id": f"account_id,plan,applied_on\n{'a' * 100_000},paid,2026-01-01\n",
    "NUL": "account_id,plan,applied_on\na\0,paid,2026-01-01\n",
    "half a character": "account_id,plan,applied_on\n\ud800,paid,2026-01-01\n",
    "the largest amounts": _BILLS + "a,2026-11,999999999999999999.999999,999999999999999999.999999\n",
    "a larger one": _BILLS + f"a,2026-11,{'9' * 5000},1\n",
    "exponents": _BILLS + "a,2026-11,1e400,1E-84000000\n",
    "no numbers": _BILLS + "a,2026-11,nan,inf\n",
    "the last month": _BILLS + "a,2199-12,1,1\n",
    "windows at the ends of time": _WINDOWS + "x,1,0001-01-01T00:00:00+14:00,9999-12-31T23:59:59-14:00\n",
    "windows of numbers": _WINDOWS + "x,2,0,99999999999999999999999\ny,99999999999999999999,-1,1e400\n",
    "days of the last year": "date,day\n2199-12-31,off\n9999-12-31,work\n",
}


@pytest.mark.parametrize("option", ["--accounts", "--billing", "--exclusions", "--holidays"])
@pytest.mark.parametrize("text", FACTS.values(), ids=FACTS)
def test_no_facts_are_a_bug(folder: Path, option: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("facts.csv").write_bytes(text.encode("utf-8", "surrogatepass"))
    outputs = [part for suffix in (".json", ".csv", ".md", ".prom", ".xlsx") for part in ("-o", f"new{suffix}")]
    code = run(["compute", *AUDIT, option, "facts.csv", *outputs])
    said = capsys.readouterr().err
    assert code in {0, 2}, said
    assert said.replace("\n", "").isprintable()


def test_more_months_than_python_nests_calls(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compute", *AUDIT, "--cycle", "1970-01..2199-12", "-o", "new.json"]) == 0
    assert run(["render", "new.json", "-o", "new.md"]) == 0
    assert "Traceback" not in capsys.readouterr().err
