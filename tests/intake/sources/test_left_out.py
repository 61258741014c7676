"""What lies beside the logs and is not read: told in every way in which the program tells things."""

from __future__ import annotations

import json
import os
import re
import socket
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.intake.sources.find import find_sources
from sla_audit.intake.sources.finder import Beside
from sla_audit.intake.sources.left_out import REASONS
from sla_audit.model.log_summary import LeftOut
from sla_audit.report.saved.restore import restore
from tests.builders.reports.metrics import samples
from tests.program import ROOT, sla_audit

LOG = "timestamp,account_id,status\n" + "".join(
    f"2026-10-{day:02}T{hour:02}:30:00+08:00,A,200\n" for day in range(1, 32) for hour in range(24)
)
COUNTS = ("--as-of", "2026-11-20", "--cycle", "2026-10")


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.csv").write_text(LOG)
    return folder


def test_each_with_its_size_and_its_reason(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (logs / "host-2").mkdir()
    (logs / "host-2" / "access.log.bak").write_bytes(b"12345")
    (logs / "b.csv.bz2").write_bytes(b"123")
    (logs / "c.parquet.gz").write_bytes(b"1234")
    (logs / "access_log").write_bytes(b"1")
    (logs / "gone.log").symlink_to("nowhere")
    (logs / "round.log").symlink_to("round.log")
    os.mkfifo(logs / "pipe.csv")
    (logs / "locked").mkdir()
    (logs / "_SUCCESS").touch()
    (logs / ".cache").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("logs/socket")
    listed = Path.iterdir

    def of_a_stranger(path: Path) -> object:
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", of_a_stranger)
    found = find_sources(["logs"])

    assert [source.shown for source in found.sources] == ["logs/a.csv"]
    assert found.left_out == (
        LeftOut("logs/access_log", 1, "unknown_kind"),
        LeftOut("logs/b.csv.bz2", 3, "packing"),
        LeftOut("logs/c.parquet.gz", 4, "packing"),
        LeftOut("logs/gone.log", None, "broken_link"),
        LeftOut("logs/host-2/access.log.bak", 5, "unknown_kind"),
        LeftOut("logs/locked", None, "cannot_be_listed"),
        LeftOut("logs/pipe.csv", None, "not_a_file"),
        LeftOut("logs/round.log", None, "broken_link"),
        LeftOut("logs/socket", None, "not_a_file"),
    )
    assert {each.reason for each in found.left_out} == set(REASONS)


def test_a_directory_that_cannot_be_listed_at_all_is_refused(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_a_stranger(path: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", of_a_stranger)
    with pytest.raises(InputError, match="logs: cannot be listed: Permission denied"):
        find_sources(["logs"])


def test_directories_behind_links_are_searched_once(logs: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b.csv").write_text(LOG)
    (logs / "account_id=B").symlink_to("../elsewhere")
    (logs / "again").symlink_to("../elsewhere")
    (logs / "up").symlink_to("..")
    (elsewhere / "down").symlink_to("../logs")

    found = find_sources(["logs"])

    assert [(source.shown, source.partitions) for source in found.sources] == [
        ("logs/a.csv", {}),
        ("logs/account_id=B/b.csv", {"account_id": "B"}),
    ]
    assert (found.repeated, found.left_out) == ((), ())


def test_a_directory_without_logs_names_what_it_holds_instead(logs: Path) -> None:
    (logs / "a.csv").rename(logs / "access_log")
    with pytest.raises(InputError, match=r"or .parquet\), but logs/access_log\n  .* one by one, with --format"):
        find_sources(["logs"])
    assert [source.format for source in find_sources(["logs/access_log"], "csv").sources] == ["csv"]


def test_what_has_another_part_in_the_run_is_no_log_and_not_left_out(logs: Path) -> None:
    (logs / "accounts.csv").write_text("account_id,plan,applied_on\nA,paid,2026-01-01\n")
    (logs / "billing.csv").write_text("account_id,cycle,service_fee,cash_paid\nA,2026-10,1.00,1.00\n")
    (logs / "sla-audit.toml").write_text('logs = "."\naccounts = "accounts.csv"\nbilling = "billing.csv"\n')
    command = ("compute", "--config", "logs/sla-audit.toml", *COUNTS, "--fail-on", "gaps")
    outputs = ("-o", "logs/report.json", "-o", "logs/report.prom", "-o", "logs/report.md")
    for _ in range(2):  # the second time, the reports of the first are there
        done = sla_audit(*command, *outputs, folder=logs.parent)
        assert (done.returncode, "left out" in done.stderr) == (0, False), done.stderr
    done = sla_audit(*command, "-o", "logs/a.csv", folder=logs.parent)
    assert (done.returncode, "a.csv: is an input of this run" in done.stderr) == (2, True)
    assert (logs / "a.csv").read_text() == LOG
    # A report of an earlier run is none of this run's logs either; a log that is named stays one.
    found = find_sources(["logs/*.csv", "logs/*.json"], beside=Beside((logs / "accounts.csv", logs / "billing.csv")))
    assert [source.shown for source in found.sources] == ["logs/a.csv"]
    found = find_sources(["logs/a.csv"], beside=Beside((logs / "a.csv",)))
    assert [source.shown for source in found.sources] == ["logs/a.csv"]


def test_it_is_in_json_and_metrics_is_printed_where_it_matters_and_is_a_gap(logs: Path) -> None:
    facts = logs.parent / "facts"
    facts.mkdir()
    (facts / "accounts.csv").write_text("account_id,plan,applied_on\nA,paid,2026-01-01\n")
    (facts / "billing.csv").write_text("account_id,cycle,service_fee,cash_paid\nA,2026-10,1.00,1.00\n")
    command = ("compute", "logs", "--accounts", "facts/accounts.csv", "--billing", "facts/billing.csv", *COUNTS)
    command += ("--print", "matters", "-o", "report.json", "-o", "report.prom")
    whole = sla_audit(*command, "--fail-on", "gaps", folder=logs.parent)
    assert (whole.returncode, whole.stdout, whole.stderr) == (0, "", "")
    assert json.loads((logs.parent / "report.json").read_text())["left_out"] == []

    (logs / "b.csv.xz").write_bytes(b"x" * 77)
    (logs / "current").write_bytes(b"x" * 23)  # svlogd and multilog
    told = sla_audit(*command, folder=logs.parent)
    gaps = sla_audit(*command, "--fail-on", "gaps", folder=logs.parent)
    assert (told.returncode, gaps.returncode) == (0, 1)
    assert "left out, because they are packed in a way that is not read (unpack them): logs/b.csv.xz" in told.stderr
    assert "Rows: 744 read" in told.stdout
    assert json.loads((logs.parent / "report.json").read_text())["left_out"] == [
        {"path": "logs/b.csv.xz", "bytes": 77, "reason": "packing"},
        {"path": "logs/current", "bytes": 23, "reason": "unknown_kind"},
    ]
    metrics = (logs.parent / "report.prom").read_text()
    assert re.search(r"^sla_audit_left_out_files\{[^}]*\} 2$", metrics, re.MULTILINE)
    assert re.search(r"^sla_audit_left_out_bytes\{[^}]*\} 100$", metrics, re.MULTILINE)
    again = sla_audit("render", "report.json", "-o", "again.prom", folder=logs.parent)
    assert (again.returncode, (logs.parent / "again.prom").read_text()) == (0, metrics)


def test_a_tally_remembers_what_was_left_out(logs: Path) -> None:
    (logs / "b.log.old").write_text("{}")
    made = sla_audit("tally", "logs", "-o", "t.tally.parquet", folder=logs.parent)
    assert made.returncode == 0
    assert "warning: left out, because their suffix is none of" in made.stderr
    done = sla_audit("compute", "t.tally.parquet", *COUNTS, "-o", "r.json", "--fail-on", "gaps", folder=logs.parent)
    assert done.returncode == 1
    left_out = json.loads((logs.parent / "r.json").read_text())["left_out"]
    assert left_out == [{"path": "logs/b.log.old", "bytes": 2, "reason": "unknown_kind"}]


def test_a_report_of_before_has_no_list_and_is_still_read(tmp_path: Path) -> None:
    content = json.loads((ROOT / "sample_logs" / "expected.json").read_text())
    del content["left_out"]
    (tmp_path / "old.json").write_text(json.dumps(content))
    report = restore(tmp_path / "old.json").report
    assert "left_out" not in report.head
    assert not any(key[0].startswith("left_out") for key in samples(report))


_NOTHING_OWED = {"compensation": "0.00", "readings": {"literal": {"compensation": "0.00"}}}
