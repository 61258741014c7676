"""A report in a store appears whole, or what was there stays; only one file of a run is written there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.storage.location import location, write_whole
from sla_audit.storage.run import begin
from tests.builders.stores.proxy import Asked, Fault
from tests.builders.stores.served import SAMPLE, Run, Store

CONFIG = ("--config", "s3://bucket/sample/sla-audit.toml")
REPORT = "bucket/reports/2026-10.json"


def test_a_report_is_one_object_by_one_request(store: Store, program: Run) -> None:
    assert program("compute", *CONFIG, "--quiet", "-o", f"s3://{REPORT}").code == 0
    found = store.server.objects[REPORT].data.decode()
    assert found.replace("s3://bucket/sample", "sample_logs") == (SAMPLE / "expected.json").read_text(encoding="utf-8")
    assert [each.method for each in store.proxy.of(REPORT)].count("PUT") == 1


@pytest.mark.parametrize("suffix", ["html", "xlsx", "csv", "md"])
def test_a_saved_report_is_rendered_from_a_store_into_it(
    store: Store, program: Run, suffix: str, tmp_path: Path
) -> None:
    there, here = f"bucket/reports/report.{suffix}", tmp_path / f"report.{suffix}"
    assert program("render", "s3://bucket/sample/expected.json", "-o", f"s3://{there}").code == 0
    assert program("render", str(SAMPLE / "expected.json"), "-o", str(here)).code == 0
    assert store.server.objects[there].data == here.read_bytes()


@pytest.mark.parametrize(
    "more", [("-o", "s3://bucket/other.html"), ("--rejects", "s3://bucket/rejects.csv")], ids=lambda more: more[0]
)
def test_what_would_not_appear_together_is_refused_before_any_work(
    store: Store, program: Run, more: tuple[str, str]
) -> None:
    done = program("compute", *CONFIG, "--quiet", "-o", f"s3://{REPORT}", *more)
    assert done.code == 2
    assert f"{more[1]}: is in an object store, to which a run writes one report at most" in done.err
    assert REPORT not in store.server.objects
    assert not any(each.method == "PUT" for each in store.proxy.seen)


def test_a_log_is_not_overwritten(store: Store, program: Run) -> None:
    log = "bucket/sample/logs/2026-10-a.csv"
    before = store.server.objects[log].data
    done = program("compute", *CONFIG, "--quiet", "-o", f"s3://{log}")
    assert (done.code, "is an input of this run" in done.err) == (2, True)
    assert store.server.objects[log].data == before


def test_a_store_that_refuses_leaves_no_file_of_the_run_anywhere(store: Store, program: Run, tmp_path: Path) -> None:
    store.server.put(REPORT, b"before")
    store.proxy.faulty = lambda asked: Fault("status", 403) if asked.method == "PUT" else None
    done = program("compute", *CONFIG, "--quiet", "-o", f"s3://{REPORT}", "-o", str(tmp_path / "report.html"))
    assert done.code == 2
    assert f"s3://{REPORT}: cannot be written" in done.err
    assert store.server.objects[REPORT].data == b"before"
    assert not any(tmp_path.iterdir())


def test_files_that_stay_in_use_are_not_taken_to_a_store(store: Store, program: Run) -> None:
    for given in (
        ("compute", *CONFIG, "--ledger", "s3://bucket/claims.db"),
        ("tally", "s3://bucket/sample/logs", "--update", "s3://bucket/tallies"),
    ):
        done = program(*given, "--quiet")
        assert (done.code, "it is an object in a store; expected a file of this machine" in done.err) == (2, True)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_large_file_of_which_a_part_is_not_taken_stays_as_it_was(store: Store, number: int) -> None:
    data = bytes(25 << 20)
    begin()
    store.server.put(REPORT, b"before")

    def refuse_part(asked: Asked) -> Fault | None:
        return Fault("status", 403) if f"partNumber={number}&" in f"{asked.query}&" else None

    store.proxy.faulty = refuse_part
    with pytest.raises(InputError, match="cannot be written"):
        write_whole(location(f"s3://{REPORT}"), data)
    assert any("partNumber" in each.query for each in store.proxy.seen)
    assert store.server.objects[REPORT].data == b"before"
    store.proxy.faulty = lambda _: None
    write_whole(location(f"s3://{REPORT}"), data)
    assert store.server.objects[REPORT].data == data
