"""Whatever the network does: the figures of whole logs, or exit 2 with object and cause, and nothing written."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sla_audit.storage import objects
from tests.builders.stores.proxy import Asked, Fault, Faulty
from tests.builders.stores.served import SAMPLE, Run, Store, large_csv, sample_report

CONFIG = ("--config", "s3://bucket/sample/sla-audit.toml")
LOG = "bucket/sample/logs/2026-10-a.csv"
SECONDS = 1


def is_fetch(asked: Asked) -> bool:
    return asked.method == "GET" and asked.key == LOG


def is_look(asked: Asked) -> bool:
    return asked.method == "HEAD" and asked.key == LOG


def is_listing(asked: Asked) -> bool:
    return asked.is_listing and "sample" in asked.query


def at_first(fault: Fault, meant: Callable[[Asked], bool], times: float = 1) -> Faulty:
    """Let the first times that something is asked for go wrong."""
    number = itertools.count()

    def faulty(asked: Asked) -> Fault | None:
        return fault if meant(asked) and next(number) < times else None

    return faulty


def impatient(store: Store) -> tuple[str, ...]:
    """Give the options of a config that says not to try for long."""
    config = (SAMPLE / "sla-audit.toml").read_text(encoding="utf-8").replace("apis =", f"{STORAGE}\napis =", 1)
    store.server.put("bucket/sample/impatient.toml", f"{config}\n[storage]\nretry_seconds = {SECONDS}\n".encode())
    return ("--config", "s3://bucket/sample/impatient.toml")


STORAGE = "# asked again for a second"
PASSING = [Fault("status", 500), Fault("status", 503), Fault("cut", 100), Fault("kill")]


@pytest.mark.parametrize(
    ("fault", "meant"),
    [
        *itertools.product(PASSING, [is_fetch, is_look, is_listing]),
        (Fault("short", 1000), is_fetch),
        (Fault("short", 100), is_listing),
    ],
    ids=lambda each: each.__name__ if callable(each) else f"{each.kind}-{each.number}",
)
def test_a_fault_that_passes_changes_no_byte_of_the_report(
    store: Store, program: Run, tmp_path: Path, fault: Fault, meant: Callable[[Asked], bool]
) -> None:
    store.proxy.faulty = at_first(fault, meant)
    done = program("compute", *CONFIG, "--quiet", "-o", str(tmp_path / "report.json"))
    assert (done.code, done.err) == (0, "")
    assert sample_report(tmp_path / "report.json") == (SAMPLE / "expected.json").read_text(encoding="utf-8")
    assert any(meant(each) for each in store.proxy.seen)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_is_told_at_once_with_object_and_cause(
    store: Store, program: Run, tmp_path: Path, status: int
) -> None:
    store.proxy.faulty = at_first(Fault("status", status), is_fetch, float("inf"))
    done = program("compute", *CONFIG, "--quiet", "-o", str(tmp_path / "report.json"))
    assert done.code == 2
    assert f"s3://{LOG}: cannot be fetched" in done.err
    assert "again" not in done.err.splitlines()[0]
    assert not any(tmp_path.iterdir())


def test_whoever_may_list_but_a_directory_need_not_list_those_around_it(store: Store, program: Run) -> None:
    def faulty(asked: Asked) -> Fault | None:
        return Fault("status", 403) if asked.is_listing and "prefix=sample%2Flogs" not in asked.query else None

    store.proxy.faulty = faulty
    done = program("compute", "s3://bucket/sample/logs", "--as-of", "2026-11-20", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert any(map(faulty, store.proxy.seen))


@pytest.mark.parametrize(
    "fault",
    [Fault("status", 503), Fault("cut", 1000), Fault("short", 1000), Fault("stall", 1000), Fault("kill")],
    ids=lambda fault: fault.kind,
)
def test_a_fault_that_lasts_is_told_after_a_while_and_nothing_is_written(
    store: Store, program: Run, tmp_path: Path, fault: Fault
) -> None:
    store.proxy.faulty = at_first(fault, is_fetch, float("inf"))
    done = program("compute", *impatient(store), "--quiet", "-o", str(tmp_path / "report.json"))
    assert done.code == 2
    assert f"s3://{LOG}: cannot be fetched" in done.err
    assert "the store was asked again and again for" in done.err
    assert "Traceback" not in done.err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("fault", [Fault("status", 503), Fault("cut", 100), Fault("kill")], ids=lambda each: each.kind)
def test_a_directory_that_cannot_be_listed_is_told(store: Store, program: Run, fault: Fault) -> None:
    store.proxy.faulty = at_first(fault, is_listing, float("inf"))
    done = program("compute", *impatient(store), "--quiet")
    assert done.code == 2
    assert "s3://bucket/sample" in done.err
    assert "again and again" in done.err


@pytest.mark.parametrize("page", [1, 2])
def test_a_page_of_names_that_comes_empty_hides_no_log(store: Store, program: Run, tmp_path: Path, page: int) -> None:
    store.server.keys_a_page = 100
    for number in range(150):
        row = f"timestamp,account_id,status\n2026-10-05T04:{number // 60:02d}:{number % 60:02d}Z,a,200\n"
        store.server.put(f"bucket/many/{number:03d}.csv", row.encode())
    pages = itertools.count(1)
    store.proxy.faulty = lambda asked: (
        Fault("short", 0)
        if "prefix=many%2F&" in f"{asked.query}&" and "token" in asked.query and next(pages) == page
        else None
    )
    report = tmp_path / "report.json"
    done = program("compute", "s3://bucket/many", "--as-of", "2026-11-20", "--quiet", "-o", str(report))
    assert done.code == 0, done.err
    assert json.loads(report.read_text())["rows"]["read"] == 150


def test_a_packed_log_of_which_a_part_comes_is_a_fault_of_the_network(store: Store, program: Run) -> None:
    packed = (SAMPLE / "logs" / "2026-10-a.csv").read_bytes()
    store.server.put("bucket/packed/a.csv.gz", gzip.compress(packed))
    config = b'logs = ["."]\nas_of = 2026-11-20\n[storage]\nretry_seconds = 1\n'
    store.server.put("bucket/packed/c.toml", config)
    store.proxy.faulty = at_first(
        Fault("short", 500), lambda asked: asked.key.endswith(".gz") and asked.method == "GET", 99
    )
    done = program("compute", "--config", "s3://bucket/packed/c.toml", "--quiet")
    assert done.code == 2
    assert "a.csv.gz: cannot be fetched: fewer bytes came than" in done.err
    assert "gzip" not in done.err


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{fault.kind}-{fault.number}")
def test_a_block_of_a_large_log_that_fails_is_fetched_again(
    store: Store, program: Run, tmp_path: Path, fault: Fault
) -> None:
    rows = large_csv(150_000)
    assert len(rows) > 2 * objects.BYTES_A_BLOCK
    store.server.put("bucket/large/a.csv", rows)
    (tmp_path / "a.csv").write_bytes(rows)
    second = f"bytes={objects.BYTES_AT_AN_END + objects.BYTES_A_BLOCK}-"
    store.proxy.faulty = at_first(fault, lambda asked: asked.range.startswith(second))
    found = []
    for place in ("s3://bucket/large/a.csv", f"{tmp_path}/a.csv"):
        assert program("compute", place, "--as-of", "2026-11-20", "--quiet", "-o", str(tmp_path / "r.json")).code == 0
        found.append((tmp_path / "r.json").read_text().replace(place, "LOG"))
    assert found[0] == found[1]
    assert any(each.range.startswith(second) for each in store.proxy.seen)


def test_an_object_that_is_written_anew_meanwhile_is_refused(store: Store, program: Run) -> None:
    as_it_was = store.server.objects[LOG].data
    assert b",502," in as_it_was

    def rewrite(asked: Asked) -> None:
        if is_fetch(asked):
            store.server.put(LOG, as_it_was.replace(b",502,", b",200,"))

    store.proxy.faulty = rewrite
    done = program("compute", *CONFIG, "--quiet")
    assert done.code == 2
    assert f"s3://{LOG}: changed while it was read: it was written anew" in done.err


def test_an_object_that_is_gone_meanwhile_is_refused(store: Store, program: Run) -> None:
    def remove(asked: Asked) -> None:
        if asked.is_listing and LOG in store.server.objects and any(map(is_fetch, store.proxy.seen)):
            del store.server.objects[LOG]
        elif asked.method == "GET" and asked.key.endswith("2026-11-a.csv"):
            store.server.objects.pop(LOG, None)

    store.proxy.faulty = remove
    done = program("compute", *CONFIG, "--quiet")
    assert done.code == 2
    assert f"s3://{LOG}" in done.err
