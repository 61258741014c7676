"""A first look before a run: what it says of logs that nobody described, and that a run bears it out."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.commands.preflight.sample import BYTES_AT_END, BYTES_AT_START, MOST_FILES
from tests.program import ROOT, measured, sla_audit

HEADER = "timestamp,account_id,status\n"
ROW = "2026-10-05T05:00:00Z,a,200\n"
COMBINED = '192.0.2.7 - acme [05/Oct/2026:13:06:07 +0800] "GET / HTTP/1.1" 502 157 "-" "curl"\n'


def checked(folder: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = sla_audit("check", *arguments, "--format", "json", folder=folder)
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["refused"] == bool(code)
    return found


def long(day: int, rows: int) -> str:
    at = datetime(2026, 10, day, tzinfo=UTC)
    return "".join(f"{(at + timedelta(minutes=minute)).isoformat()},a-{minute % 9},200\n" for minute in range(rows))


def test_any_directory_says_what_its_logs_are_and_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "access.log").write_text(COMBINED * 3, encoding="utf-8")
    (tmp_path / "logs" / "access.log.1").write_text(COMBINED.replace("05/", "04/"), encoding="utf-8")
    (tmp_path / "logs" / "current").write_text(COMBINED, encoding="utf-8")
    (tmp_path / "logs" / "notes.md").write_text("# Notes\n", encoding="utf-8")
    found = checked(tmp_path, "logs", code=2)
    (group,) = found["groups"]
    assert (group["files"], group["format"], group["dialects"], group["rows"]) == (2, "lines", ["nginx"], 4)
    assert group["columns"] == {"timestamp": ["time_local"], "status": ["status"]}
    assert group["lacks"] == ["account_id"]
    assert "remote_user" in group["unread"]
    assert group["zone"] == "said"
    assert (found["first"], found["last"], found["months"]) == ("2026-10-04", "2026-10-05", ["2026-10"])
    assert {each["path"]: each["looks_like"] for each in found["left_out"]} == {
        "logs/current": "nginx",
        "logs/notes.md": None,
    }
    assert [(each["what"], each["files"]) for each in found["problems"]] == [
        ("nothing says which column is account_id", 2)
    ]
    assert found["next"] == ["sla-audit", "compute", "logs", "--column", "account_id=NAME"]


def test_what_it_says_to_run_runs(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(COMBINED, encoding="utf-8")
    words = [word.replace("NAME", "remote_user") for word in checked(tmp_path, "access.log", code=2)["next"]]
    assert checked(tmp_path, *words[2:])["some_accounts"] == ["acme"]
    assert sla_audit(*words[1:], folder=tmp_path).returncode == 0


def test_a_directory_without_a_known_suffix_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "access_log").write_text(COMBINED, encoding="utf-8")
    found = checked(tmp_path, "logs", code=2)
    assert "the directory holds no log" in found["problems"][0]["what"]
    assert found["next"] == ["sla-audit", "compute", "logs/access_log", "--format", "log"]


def test_the_sample_month_needs_nothing() -> None:
    found = checked(ROOT, "--config", "sample_logs/sla-audit.toml")
    assert (found["looked"]["rows"], found["accounts"], found["problems"]) == (2936, 16, [])
    accounts = found["reconciliation"]["accounts"]
    assert [each["name"] for each in accounts["not_in_logs"]["listed"]] == ["no-traffic"]
    assert [each["name"] for each in accounts["lacks"]["listed"]] == ["not-in-accounts"]


def test_rows_that_cannot_be_read_are_told_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + ROW + "yesterday,a,200\n" + ROW, encoding="utf-8")
    found = checked(tmp_path, "a.csv", code=2)
    assert found["problems"][0]["where"] == "a.csv, line 3"
    assert "timestamp is 'yesterday'" in found["problems"][0]["what"]
    assert found["groups"][0]["rejected"] == 1
    assert checked(tmp_path, "a.csv", "--max-rejected", "1")["problems"] == []


@pytest.mark.parametrize(
    ("said", "zone", "name"), [((), "assumed", "Asia/Shanghai"), (("--time-zone", "UTC"), "given", "UTC")]
)
def test_how_sure_the_zone_is(tmp_path: Path, said: tuple[str, ...], zone: str, name: str) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "2026-10-31 20:00:00,a,200\n", encoding="utf-8")
    (group,) = checked(tmp_path, "a.csv", *said)["groups"]
    assert (group["zone"], group["time_zone"]) == (zone, name)


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_long_text_only_the_ends_are_read(tmp_path: Path, packed: bool) -> None:
    text = (HEADER + long(1, 30_000) + "no,row,at all\n" + long(22, 10_000)).encode()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text)) if packed else (tmp_path / "a.csv").write_bytes(text)
    found = checked(tmp_path, ".")
    assert BYTES_AT_START < found["looked"]["bytes"] <= BYTES_AT_START + BYTES_AT_END + 1
    assert (found["first"], found["last"]) == ("2026-10-01", "2026-10-06" if packed else "2026-10-29")


def test_a_field_with_line_ends_is_no_fault_where_the_sample_is_cut(tmp_path: Path) -> None:
    odd = 'timestamp,account_id,status,note\n2026-10-05T05:00:00Z,a,200,"' + "one\n" * BYTES_AT_START + '"\n'
    (tmp_path / "a.csv").write_text(odd.replace('200,"', '200,"x"\n2026-10-05T05:00:00Z,a,200,"', 1), encoding="utf-8")
    found = checked(tmp_path, "a.csv")
    assert found["looked"]["rows"] == 1


def test_of_many_files_some_of_each_folder_are_looked_at(tmp_path: Path) -> None:
    for number in range(MOST_FILES * 2):
        folder = tmp_path / "logs" / f"host-{number % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.csv").write_text(HEADER + ROW.replace("a,", f"a-{number % 20},"), encoding="utf-8")
    found = checked(tmp_path, "logs")
    assert found["looked"]["files"] <= MOST_FILES
    assert (found["looked"]["of_files"], found["accounts"]) == (MOST_FILES * 2, 20)
    assert (found["groups"][0]["files"], len(found["groups"][0]["folders"])) == (MOST_FILES * 2, 20)


def test_of_parquet_the_footer_says_when_the_rows_were(tmp_path: Path) -> None:
    at = [datetime(2026, 10, 1, tzinfo=UTC) + timedelta(seconds=30 * row) for row in range(100_000)]
    table = pa.table({"timestamp": at, "account_id": ["a"] * len(at), "status": [200] * len(at)})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=60_000)
    found = checked(tmp_path, "a.parquet")
    assert found["looked"]["rows"] == 20_000
    assert (found["first"], found["last"]) == ("2026-10-01", "2026-11-05")


def test_sources_are_looked_at_each_in_its_way(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("when;who;status\n2026-10-05 05:00:00;a;200\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(HEADER + ROW.replace(",a,", ",b,"), encoding="utf-8")
    (tmp_path / "c.toml").write_text(
        '[[sources]]\nlogs = "a.csv"\ndelimiter = ";"\ntime_zone = "UTC"\n'
        'columns = { timestamp = "when", account_id = "who" }\n[[sources]]\nlogs = "b.csv"\n',
        encoding="utf-8",
    )
    found = checked(tmp_path, "--config", "c.toml")
    assert found["some_accounts"] == ["a", "b"]
    assert [group["zone"] for group in found["groups"]] == ["given", "said"]


def test_mistakes_in_facts_are_told_beside_those_in_logs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("timestamp,account_id\n", encoding="utf-8")
    (tmp_path / "accounts.csv").write_text("account_id,plan,applied_on\na,gold,2026-01-01\n", encoding="utf-8")
    said = [each["where"] for each in checked(tmp_path, "a.csv", "--accounts", "accounts.csv", code=2)["problems"]]
    assert said[0].startswith("accounts.csv")
    assert said[-1].startswith("a.csv")


@pytest.mark.parametrize("name", ["a.csv.gz", "a.parquet", "a.jsonl", "a.csv", "a.log"])
@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff" * 40_000, b"PAR1PAR1", b"x" * 3_000_000, b"{\n" * 9, b'"\n' * 200_000]
)
def test_whatever_stands_there_it_is_told_in_bounds(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    ended = measured("check", name, folder=tmp_path, seconds=20)
    assert ended.code in {0, 2}, ended.error
    assert "Traceback" not in ended.error
    assert ended.megabytes < 400


@pytest.mark.parametrize("name", ["a.csv", "a.log", "a.jsonl"])
def test_a_log_that_was_just_begun_is_no_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("\n", encoding="utf-8")
    assert checked(tmp_path, name)["looked"]["rows"] == 0


@pytest.mark.parametrize("as_of", ["2026-10-06", "2026-11-20"])
def test_half_a_last_line_is_a_fault_only_in_a_month_that_has_ended(tmp_path: Path, as_of: str) -> None:
    (tmp_path / "a.csv").write_text(HEADER + ROW + ROW[:12], encoding="utf-8")
    code = sla_audit("check", "a.csv", "--as-of", as_of, folder=tmp_path).returncode
    assert code == sla_audit("compute", "a.csv", "--as-of", as_of, folder=tmp_path).returncode
    assert code == (0 if as_of.startswith("2026-10") else 2)


def test_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + long(1, 20_000), encoding="utf-8")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = sla_audit("check", "a.csv", folder=tmp_path, variables={"TMPDIR": str(temporary)})
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.csv", "tmp"]


def test_in_chinese_it_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    assert sla_audit("check", "a.csv", "--lang", "zh", folder=tmp_path).stdout.startswith("就所查看的内容而言")
    assert sla_audit("check", "a.csv", "--quiet", folder=tmp_path).stdout == ""


def test_facts_and_aliases_are_read_as_a_run_reads_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + ROW.replace(",a,", ",host-1,"), encoding="utf-8")
    (tmp_path / "alias.csv").write_text("key,account,from,to\nhost-1,acme,,\nhost-2,other,,\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("account_id;cycle;service_fee;cash_paid\nacme;2026-10;1.000,00;1.000,00\n", "utf-8")
    (tmp_path / "c.toml").write_text(
        'logs = "a.csv"\nbilling = "b.csv"\nalias = "alias.csv"\n'
        '[facts.billing]\ndelimiter = ";"\nnumbers = "1.000,00"\n',
        encoding="utf-8",
    )
    done = sla_audit("compute", "--config", "c.toml", "--as-of", "2026-11-20", "-o", "-", "--quiet", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    ran = json.loads(done.stdout)["reconciliation"]
    found = checked(tmp_path, "--config", "c.toml", "--as-of", "2026-11-20")["reconciliation"]
    assert (found["billing"], found["alias"]) == (ran["billing"], ran["alias"])
    assert found["billing"]["in_logs"] == 1


def test_the_layout_of_a_document_is_told(tmp_path: Path) -> None:
    row = {"timestamp": "2026-10-05T05:00:00Z", "account_id": "a", "status": 200}
    (tmp_path / "a.json").write_text(json.dumps([row, row]), encoding="utf-8")
    (group,) = checked(tmp_path, "a.json")["groups"]
    assert group["wrapper"] == "the layout of a JSON array"
