"""What a report says that it was made of and by: digests that others can make, and the options that were set."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from sla_audit import __version__
from sla_audit.commands.provenance import digested
from sla_audit.errors import InputError
from tests.builders.reports.golden import GOLDEN
from tests.program import ROOT, sla_audit

HEADER = "timestamp,account_id,status\n"
ROW = "2026-10-05T13:06:07+08:00,acme,200\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "log.csv").write_text(HEADER + ROW, "utf-8")
    (tmp_path / "accounts.csv").write_text("account_id,plan,applied_on\nacme,paid,2026-01-01\n", "utf-8")
    return tmp_path


def report(folder: Path, *arguments: str) -> dict[str, Any]:
    done = sla_audit("compute", *arguments, "--as-of", "2026-11-20", "-o", "report.json", "--quiet", folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "report.json").read_bytes())  # type: ignore[no-any-return]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_golden_report_is_of_this_version() -> None:
    assert GOLDEN["provenance"]["program"] == {"name": "sla-audit", "version": __version__}, "run: just golden"


def test_files_besides_the_logs_have_the_digest_that_sha256sum_gives(folder: Path) -> None:
    (folder / "billing.csv").write_text("account_id,cycle,service_fee,cash_paid\nacme,2026-10,5,5\n", "utf-8")
    (folder / "exclusions.csv").write_text("id,clause,starts_at,ends_at\n", "utf-8")
    (folder / "alias.csv").write_text("key,account\nk,acme\n", "utf-8")
    (folder / "holidays.csv").write_text("date,day\n2027-02-06,off\n", "utf-8")
    names = ("accounts", "billing", "alias", "exclusions", "holidays")
    settings = "".join(f'{name} = "{name}.csv"\n' for name in names)
    (folder / "sla-audit.toml").write_text(f'logs = "log.csv"\n{settings}', "utf-8")
    found = report(folder, "--config", "sla-audit.toml")["provenance"]["files"]
    expected = [("config", "sla-audit.toml"), *((name, f"{name}.csv") for name in names)]
    assert [(file["role"], file["path"]) for file in found] == expected
    for file in found:
        path = folder / file["path"]
        assert (file["bytes"], file["sha256"]) == (path.stat().st_size, sha256(path))


def test_a_dialect_and_the_configuration_that_has_a_format_are_among_them(folder: Path) -> None:
    nginx = "log_format main '$remote_addr - $remote_user [$time_local] \"$request\" $status';\n"
    (folder / "nginx.conf").write_text(nginx, "utf-8")
    shutil.copy(ROOT / "sla_audit" / "intake" / "dialects" / "nginx.toml", folder / "own.toml")
    (folder / "log.log").write_text('10.0.0.1 - a [05/Oct/2026:13:06:07 +0800] "GET / HTTP/1.1" 200\n', "utf-8")
    found = report(
        folder,
        "log.log",
        "--log-format",
        "nginx.conf:main",
        "--dialect",
        "own.toml",
        "--column",
        "account_id=remote_user",
    )["provenance"]
    assert [(file["role"], file["sha256"]) for file in found["files"]] == [
        ("dialect", sha256(folder / "own.toml")),
        ("log_format", sha256(folder / "nginx.conf")),
    ]
    assert found["options"]["logs"] == [
        {
            "format": "lines",
            "dialect": "nginx",
            "log_format": "nginx.conf:main",
            "columns": {"account_id": "remote_user"},
        }
    ]


def test_a_log_has_a_fingerprint_and_where_it_is_asked_for_the_digest_of_all_its_bytes(folder: Path) -> None:
    (file,) = report(folder, "log.csv")["inputs"]
    assert set(file) == {"path", "bytes", "rows", "fingerprint"}
    (hashed,) = report(folder, "log.csv", "--hash-logs")["inputs"]
    assert hashed == {**file, "sha256": sha256(folder / "log.csv")}


def test_a_config_may_ask_for_it(folder: Path) -> None:
    (folder / "sla-audit.toml").write_text('logs = "log.csv"\nhash_logs = true\n', "utf-8")
    (file,) = report(folder, "--config", "sla-audit.toml")["inputs"]
    assert file["sha256"] == sha256(folder / "log.csv")


def test_a_tally_names_the_logs_behind_it(folder: Path) -> None:
    (log,) = report(folder, "log.csv")["inputs"]
    assert sla_audit("tally", "log.csv", "-o", "day.tally.parquet", folder=folder).returncode == 0
    (file,) = report(folder, "day.tally.parquet", "--hash-logs")["inputs"]
    assert file["logs"] == [log]
    assert file["sha256"] == sha256(folder / "day.tally.parquet")


SET = [
    ([], {}),
    (["--cycle", "all", "--max-rejected", "0", "--encoding", "utf8", "--delimiter", ","], {}),
    (["--cycle", "last"], {"cycle": "2026-10"}),
    (["--cycle", "2026-09..2026-10"], {"cycle": "2026-09..2026-10"}),
    (["--max-rejected", "0.125%"], {"max_rejected": "0.125%"}),
    (["--max-rejected", "3"], {"max_rejected": "3"}),
    (["--keep-duplicates"], {"keep_duplicates": True}),
    (["--time-zone", "UTC"], {"logs": [{"time_zone": "UTC"}]}),
    (["--column", "api=path"], {"logs": [{"columns": {"api": "path"}}]}),
    (["--encoding", "GB18030"], {"logs": [{"encoding": "gb18030"}]}),
    (["--jobs", "1", "--near", "7", "--fail-on", "breach", "--no-statistics"], {}),
]


@pytest.mark.parametrize(("arguments", "options"), SET, ids=lambda each: " ".join(each) or "nothing")
def test_options_stand_there_where_they_change_figures_and_were_set(
    folder: Path, arguments: list[str], options: dict[str, Any]
) -> None:
    (folder / "log.csv").write_text("timestamp,account_id,status,path\n" + ROW.strip() + ",/v1\n", "utf-8")
    assert report(folder, "log.csv", *arguments)["provenance"]["options"] == options


def test_how_facts_are_written_is_an_option(folder: Path) -> None:
    (folder / "accounts.csv").write_text("account_id;plan;applied_on\nacme;paid;2026-01-01\n", "utf-8")
    config = 'logs = "log.csv"\naccounts = "accounts.csv"\n[facts.accounts]\ndelimiter = ";"\n'
    (folder / "sla-audit.toml").write_text(config, "utf-8")
    found = report(folder, "--config", "sla-audit.toml")["provenance"]["options"]
    assert found == {"facts": {"accounts": {"delimiter": ";"}}}


def test_the_same_inputs_give_the_same_bytes(folder: Path) -> None:
    arguments = ("log.csv", "--accounts", "accounts.csv", "--hash-logs")
    report(folder, *arguments)
    first = (folder / "report.json").read_bytes()
    os.utime(folder / "accounts.csv", (1, 1))
    report(folder, *arguments, "--jobs", "1")
    assert (folder / "report.json").read_bytes() == first


def test_a_file_that_changes_while_it_is_read_ends_the_run(folder: Path) -> None:
    accounts = folder / "accounts.csv"

    def read() -> None:
        with digested([("accounts", accounts), ("billing", None)]) as found:
            assert [file["role"] for file in found] == ["accounts"]
            accounts.write_text("account_id,plan,applied_on\nacme,free,2026-01-01\n", "utf-8")

    with pytest.raises(InputError, match=r"accounts\.csv.*changed while it was read"):
        read()


def test_every_format_says_it(tmp_path: Path) -> None:
    names = [f"report{suffix}" for suffix in (".html", ".md", ".xlsx", ".parquet")]
    outputs = [part for name in names for part in ("-o", str(tmp_path / name))]
    done = sla_audit("render", "sample_logs/expected.json", *outputs)
    assert done.returncode == 0, done.stderr
    digests = [file["sha256"] for file in GOLDEN["provenance"]["files"]]
    digests += [file["fingerprint"] for file in GOLDEN["inputs"]]
    page, markdown = ((tmp_path / name).read_text("utf-8") for name in names[:2])
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")["files"]
    cells = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    head = json.loads(pq.read_schema(tmp_path / "report.parquet").metadata[b"sla-audit"])
    assert head["provenance"] == GOLDEN["provenance"]
    for digest in digests:
        assert digest in page
        assert digest in markdown
        assert digest in cells
    for text in (page, markdown):
        assert f"sla-audit {__version__}" in text
        assert "cycle = " in text


def test_a_report_of_before_still_reads(tmp_path: Path) -> None:
    old = {key: value for key, value in GOLDEN.items() if key != "provenance"}
    old["inputs"] = [{key: each[key] for key in ("path", "bytes", "rows")} for each in GOLDEN["inputs"]]
    (tmp_path / "old.json").write_text(json.dumps(old), "utf-8")
    outputs = [part for suffix in (".html", ".md", ".xlsx") for part in ("-o", f"new{suffix}")]
    done = sla_audit("render", "old.json", *outputs, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Fingerprint" not in (tmp_path / "new.md").read_text("utf-8")
