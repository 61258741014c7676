"""Report files: every file whole or not at all, and nothing written where one cannot be."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.report.files import check_outputs, write_files, write_reports
from tests.test_document import CONTRACT, a_report


@pytest.fixture
def usual_mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def names(folder: Path) -> list[str]:
    """Give the names of all files of a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


class TestWriting:
    def test_files_appear_with_their_content_byte_for_byte(self, tmp_path: Path) -> None:
        write_files({tmp_path / "a.csv": "智能合图\n", tmp_path / "b.csv": "x\r\ny\n"})
        assert (tmp_path / "a.csv").read_bytes() == "智能合图\n".encode()
        assert (tmp_path / "b.csv").read_bytes() == b"x\r\ny\n"
        assert names(tmp_path) == ["a.csv", "b.csv"]

    def test_a_file_that_was_there_is_replaced_as_a_whole(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("a much longer text than the new one")
        write_files({tmp_path / "a.csv": "new"})
        assert (tmp_path / "a.csv").read_text() == "new"
        assert names(tmp_path) == ["a.csv"]

    @pytest.mark.usefixtures("usual_mask")
    def test_a_report_may_be_read_by_whoever_may_read_other_new_files(self, tmp_path: Path) -> None:
        write_files({tmp_path / "a.csv": "new"})
        assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o644

    def test_nothing_to_write_is_nothing_written(self, tmp_path: Path) -> None:
        write_files({})
        assert names(tmp_path) == []


class TestFailure:
    def test_where_one_place_is_missing_no_file_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("old")
        with pytest.raises(InputError) as caught:
            write_files({tmp_path / "a.csv": "new", tmp_path / "missing" / "b.csv": "new", tmp_path / "c.csv": "new"})
        assert (tmp_path / "a.csv").read_text() == "old"
        assert names(tmp_path) == ["a.csv"]
        (problem,) = caught.value.problems
        assert problem.where.endswith("missing/b.csv")
        assert problem.what == "cannot be written: No such file or directory"
        assert problem.remedy

    def test_a_directory_is_not_replaced_by_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").mkdir()
        with pytest.raises(InputError, match="cannot be written"):
            write_files({tmp_path / "a.csv": "new"})
        assert (tmp_path / "a.csv").is_dir()
        assert names(tmp_path) == ["a.csv"]

    def test_a_full_disk_leaves_what_was_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a.csv").write_text("old a")
        (tmp_path / "b.csv").write_text("old b")
        synced: list[int] = []

        def fill_up_at_the_second(descriptor: int) -> None:
            synced.append(descriptor)
            if len(synced) == 2:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", fill_up_at_the_second)
        with pytest.raises(InputError) as caught:
            write_files({tmp_path / "a.csv": "new a", tmp_path / "b.csv": "new b"})
        assert [(tmp_path / name).read_text() for name in ("a.csv", "b.csv")] == ["old a", "old b"]
        assert names(tmp_path) == ["a.csv", "b.csv"]
        (problem,) = caught.value.problems
        assert problem.where.endswith("b.csv")
        assert problem.what == "cannot be written: No space left on device"

    def test_an_interruption_leaves_what_was_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a.csv").write_text("old")

        def interrupt(descriptor: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_files({tmp_path / "a.csv": "new"})
        assert (tmp_path / "a.csv").read_text() == "old"
        assert names(tmp_path) == ["a.csv"]

    def test_until_it_is_whole_a_new_text_stands_beside_its_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "a.csv").write_text("old")
        seen: list[str] = []

        def look(descriptor: int) -> None:
            seen.append((tmp_path / "a.csv").read_text())
            seen.extend(name for name in names(tmp_path) if name != "a.csv" and not name.endswith((".json", ".csv")))

        monkeypatch.setattr(os, "fsync", look)
        write_files({tmp_path / "a.csv": "new"})
        assert seen[0] == "old"
        assert len(seen) == 2
        assert names(tmp_path) == ["a.csv"]


class TestReports:
    def test_the_suffix_picks_the_format(self, tmp_path: Path) -> None:
        paths = [tmp_path / "report.json", tmp_path / "report.csv", tmp_path / "REPORT.JSON"]
        write_reports(a_report({}), CONTRACT, paths, None, [])
        assert json.loads(paths[0].read_bytes())["results"][0]["compensation"] == "180.00"
        assert paths[1].read_bytes().startswith(b"account_id,cycle,")
        assert paths[2].read_bytes() == paths[0].read_bytes()
        assert names(tmp_path) == ["REPORT.JSON", "report.csv", "report.json"]

    def test_the_json_is_that_of_the_schema(self, tmp_path: Path) -> None:
        write_reports(a_report({}), CONTRACT, [tmp_path / "report.json"], None, [])
        verdict = {
            "success": 960,
            "explicit_failure": 20,
            "excluded": 20,
            "success_rate": "0.979591",
            "credit_rate": "0.15",
            "decision": "owed",
            "reason": "below_objective",
            "compensation": "180.00",
        }
        other = verdict | {"success": 920, "explicit_failure": 60, "success_rate": "0.938775"}
        assert json.loads((tmp_path / "report.json").read_bytes())["results"] == [
            {
                "account_id": "A",
                "cycle": "2026-10",
                "cycle_start": "2026-10-09",
                "cycle_end": "2026-10-31",
                "plan": "paid",
                "requests": 1000,
                "success": 960,
                "explicit_failure": 20,
                "excluded": {"total": 20, "by_clause": {"1": 5, "4": 14, "12": 1}},
                "success_rate": "0.979591",
                "credit_rate": "0.15",
                "decision": "owed",
                "reason": "below_objective",
                "service_fee": "1200.00",
                "cash_paid": "1000.00",
                "compensation": "180.00",
                "capped": False,
                "failures_to_edge": 11,
                "readings_differ": True,
                "readings": {"literal": verdict, "broad": other | {"credit_rate": "0.3", "compensation": "360.00"}},
                "claim": {"opens_on": "2026-11-05", "closes_on": "2026-11-30", "calendar": "official"},
            }
        ]

    def test_the_same_report_gives_the_same_bytes(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            write_reports(a_report({"account_id": "京东云"}), CONTRACT, [tmp_path / f"{name}.json"], None, [])
        assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
        assert "京东云" in (tmp_path / "a.json").read_text("utf-8")

    def test_rejected_rows_are_written_beside_the_reports(self, tmp_path: Path) -> None:
        write_reports(
            a_report({}), CONTRACT, [tmp_path / "a.csv"], tmp_path / "rejects.csv", [["file", "found"], ["x", "=1"]]
        )
        assert (tmp_path / "rejects.csv").read_text() == "file,found\nx,'=1\n"
        assert names(tmp_path) == ["a.csv", "rejects.csv"]

    def test_where_the_rejected_rows_have_no_place_no_report_is_written(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"rejects\.csv: cannot be written"):
            write_reports(
                a_report({}), CONTRACT, [tmp_path / "a.csv"], tmp_path / "missing" / "rejects.csv", [["file"]]
            )
        assert names(tmp_path) == []


class TestChecks:
    def faults(self, reports: list[Path], rejects: Path | None = None, inputs: tuple[Path, ...] = ()) -> list[str]:
        with pytest.raises(InputError) as caught:
            check_outputs(reports, rejects, inputs)
        return [f"{Path(problem.where).name}: {problem.what}" for problem in caught.value.problems]

    def test_good_places_pass_and_nothing_is_left_there(self, tmp_path: Path) -> None:
        (tmp_path / "old.json").write_text("old")
        (tmp_path / "log.csv").write_text("log")
        reports = [tmp_path / "new.csv", tmp_path / "old.json", tmp_path / "NEW.JSON"]
        check_outputs(reports, tmp_path / "rejects.csv", [tmp_path / "log.csv"])
        assert names(tmp_path) == ["log.csv", "old.json"]
        assert (tmp_path / "old.json").read_text() == "old"

    @pytest.mark.parametrize("name", ["report.pdf", "report", "report.json.gz", ".json", "report."])
    def test_a_suffix_that_is_no_format_is_refused(self, tmp_path: Path, name: str) -> None:
        (fault,) = self.faults([tmp_path / name])
        assert fault.startswith(f"{name}: no report format has the suffix")

    def test_an_input_is_never_overwritten(self, tmp_path: Path) -> None:
        log = tmp_path / "log.csv"
        log.write_text("log")
        same = tmp_path / "." / "folder" / ".." / "log.csv"
        (tmp_path / "folder").mkdir()
        assert self.faults([same], None, (log,)) == ["log.csv: is an input of this run"]
        assert self.faults([], same, (log,)) == ["log.csv: is an input of this run"]

    def test_a_link_to_an_input_is_the_input(self, tmp_path: Path) -> None:
        log = tmp_path / "log.csv"
        log.write_text("log")
        (tmp_path / "link.csv").symlink_to(log)
        assert self.faults([tmp_path / "link.csv"], None, (log,)) == ["link.csv: is an input of this run"]

    def test_two_outputs_need_two_places(self, tmp_path: Path) -> None:
        report = tmp_path / "a.csv"
        assert self.faults([report, report]) == ["a.csv: is named twice as an output"]
        assert self.faults([report], report) == ["a.csv: is named twice as an output"]

    def test_a_directory_is_no_place(self, tmp_path: Path) -> None:
        (tmp_path / "reports.csv").mkdir()
        assert self.faults([tmp_path / "reports.csv"]) == ["reports.csv: is a directory"]

    def test_a_folder_that_is_not_there_or_is_a_file_is_no_place(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert self.faults([tmp_path / "missing" / "a.csv", tmp_path / "file" / "b.csv"]) == [
            "a.csv: cannot be written: No such file or directory",
            "b.csv: cannot be written: Not a directory",
        ]

    def test_every_bad_output_is_told_at_once(self, tmp_path: Path) -> None:
        log = tmp_path / "log.csv"
        log.write_text("log")
        found = self.faults([tmp_path / "a.pdf", tmp_path / "b.csv", tmp_path / "b.csv"], log, (log,))
        assert found == [
            "a.pdf: no report format has the suffix '.pdf'",
            "b.csv: is named twice as an output",
            "log.csv: is an input of this run",
        ]
