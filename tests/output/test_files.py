"""Report files: the format by suffix, and places that are no good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.output.atomic import write_files
from sla_audit.report.formats.write import check_outputs, rendered
from tests.builders.reports.by_hand import CONTRACT, EDGES, a_report
from tests.builders.written_sets import is_settled


def names(folder: Path) -> list[str]:
    """Give the names of all files of a folder, hidden ones too, but not of what is there for readers on their way."""
    return sorted(path.name for path in folder.iterdir() if not is_settled(path))


class TestReports:
    def test_the_suffix_picks_the_format(self, tmp_path: Path) -> None:
        paths = [tmp_path / "report.json", tmp_path / "report.csv", tmp_path / "REPORT.JSON"]
        write_files(rendered(a_report({}), CONTRACT, paths, None, []))
        assert json.loads(paths[0].read_bytes())["results"][0]["compensation"] == "180.00"
        assert paths[1].read_bytes().startswith(b"account_id,cycle,")
        assert paths[2].read_bytes() == paths[0].read_bytes()
        assert names(tmp_path) == ["REPORT.JSON", "report.csv", "report.json"]

    def test_the_json_is_that_of_the_schema(self, tmp_path: Path) -> None:
        write_files(rendered(a_report({}), CONTRACT, [tmp_path / "report.json"], None, []))
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
                "billed_calls": None,
                "compensation": "180.00",
                "capped": False,
                "failures_to_edge": 11,
                "edges": EDGES,
                "readings_differ": True,
                "readings": {"literal": verdict, "broad": other | {"credit_rate": "0.3", "compensation": "360.00"}},
                "claim": {"opens_on": "2026-11-05", "closes_on": "2026-11-30", "calendar": "official"},
                "failures": [
                    {"status": 502, "no_answer": True, "requests": 12},
                    {"status": 503, "no_answer": False, "requests": 7},
                    {"status": None, "no_answer": False, "requests": 1},
                ],
            }
        ]

    def test_the_same_report_gives_the_same_bytes(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            write_files(rendered(a_report({"account_id": "京东云"}), CONTRACT, [tmp_path / f"{name}.json"], None, []))
        assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
        assert "京东云" in (tmp_path / "a.json").read_text("utf-8")

    def test_rejected_rows_are_written_beside_the_reports(self, tmp_path: Path) -> None:
        write_files(
            rendered(
                a_report({}), CONTRACT, [tmp_path / "a.csv"], tmp_path / "rejects.csv", [["file", "found"], ["x", "=1"]]
            )
        )
        assert (tmp_path / "rejects.csv").read_text() == "file,found\nx,'=1\n"
        assert names(tmp_path) == ["a.csv", "rejects.csv"]

    def test_where_the_rejected_rows_have_no_place_no_report_is_written(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"rejects\.csv: cannot be written"):
            write_files(
                rendered(a_report({}), CONTRACT, [tmp_path / "a.csv"], tmp_path / "missing" / "rejects.csv", [["file"]])
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

    def test_a_device_is_no_place(self) -> None:
        assert self.faults([], Path("/dev/null")) == ["null: is no file, but a device, a pipe or a socket"]

    def test_names_of_files_in_the_making_are_kept_for_them(self, tmp_path: Path) -> None:
        (fault,) = self.faults([tmp_path / ".sla-audit-1.json"])
        assert "has a name that is kept for files in the making" in fault

    def test_two_names_of_one_file_are_one_place(self, tmp_path: Path) -> None:
        (tmp_path / "link.csv").symlink_to("a.csv")
        assert self.faults([tmp_path / "a.csv", tmp_path / "link.csv"]) == ["link.csv: is named twice as an output"]

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
