"""Files of a table are not read as loose files: some of them are no part of it any more.

Those whose log is read are read whole, by their directory: see `tests/intake/tables`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.intake.sources.find import find_sources

TABLES: dict[str, tuple[list[str], str, str]] = {
    # the marks of a table, where its data lie, what it is called
    "Delta Lake": (["_delta_log/00000000000000000000.json"], "dt=2026-10-01", "Delta Lake, told by _delta_log"),
    "Iceberg": (["metadata/v2.metadata.json"], "data/dt=2026-10-01", "Apache Iceberg, told by metadata/"),
    "Iceberg, packed": (["metadata/00001-4f.gz.metadata.json"], "data", "Apache Iceberg, told by metadata/"),
    "Hudi": ([".hoodie/hoodie.properties"], "2026/10/01", "Apache Hudi, told by .hoodie"),
    "Paimon": (["snapshot/snapshot-1", "manifest/manifest-0", "schema/schema-0"], "bucket-0", "Apache Paimon, told by"),
}
READ = ("Delta Lake", "Iceberg", "Iceberg, packed")
REMEDY = (
    r"export the rows of the months asked for to Parquet or CSV, and give that; or name its live files one by one"
    r"|Give the table, .*lake/table, which is read by its own log"
)


@pytest.fixture(params=TABLES.values(), ids=TABLES)
def table(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Lay out a table beside a plain log; give where its data lie, and what it is called."""
    marks, data, called = request.param
    for name in (*(f"lake/table/{mark}" for mark in marks), f"lake/table/{data}/part-1.parquet", "lake/loose/a.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return f"lake/table/{data}", called


def refused(*patterns: str) -> str:
    with pytest.raises(InputError, match=REMEDY) as raised:
        find_sources(patterns)
    (problem,) = raised.value.problems
    return f"{problem.where}: {problem.what}"


@pytest.mark.parametrize("table", [each for name, each in TABLES.items() if name not in READ], indirect=True)
def test_a_directory_that_is_one_is_refused(table: tuple[str, str]) -> None:
    said = refused("lake/table")
    assert said.startswith(f"lake/table: holds files of a table ({table[1]}")
    assert said.endswith("), of which some may be no part of it any more, so that rows would be counted twice")


@pytest.mark.parametrize("table", [each for name, each in TABLES.items() if name not in READ], indirect=True)
def test_so_is_one_below_the_directory_that_is_given(table: tuple[str, str]) -> None:
    assert refused("lake").startswith(f"lake/table: holds files of a table ({table[1]}")


def test_so_is_a_part_of_it(table: tuple[str, str], tmp_path: Path) -> None:
    where = (tmp_path / "lake" / "table").as_posix()
    assert refused(table[0]).startswith(f"{table[0]}: holds files of the table {where} ({table[1]}")


@pytest.mark.parametrize("table", [TABLES[name] for name in READ], indirect=True)
@pytest.mark.parametrize("pattern", ["lake/table", "lake", "lake/tabl?"])
def test_one_that_is_read_by_its_log_is_refused_for_what_its_log_lacks(table: tuple[str, str], pattern: str) -> None:
    with pytest.raises(InputError, match=r"lake/table: cannot be read as a table of (Delta Lake|Apache Iceberg): "):
        find_sources([pattern])


@pytest.mark.parametrize("glob", ["lake/**/*.parquet", "lake/table/**/part-*"])
def test_so_is_a_glob_that_leads_into_it(table: tuple[str, str], glob: str) -> None:
    assert table[1] in refused(glob)


def test_so_is_a_link_that_leads_into_it(table: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "lake" / "loose" / "more").symlink_to(tmp_path / table[0])
    assert table[1] in refused("lake/loose")


def test_a_file_of_it_that_is_named_is_read(table: tuple[str, str]) -> None:
    path = f"{table[0]}/part-1.parquet"
    assert [source.shown for source in find_sources([path]).sources] == [path]


def test_a_loose_file_beside_it_is_read(table: tuple[str, str]) -> None:
    assert [source.shown for source in find_sources(["lake/loose"]).sources] == ["lake/loose/a.csv"]


@pytest.mark.parametrize("name", ["metadata/notes.csv", "snapshot/snapshot-1.csv", "manifest/a.csv", "data/a.csv"])
def test_a_directory_that_only_sounds_like_one_is_none(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logs" / name).parent.mkdir(parents=True)
    (tmp_path / "logs" / name).touch()
    monkeypatch.chdir(tmp_path)
    assert [source.shown for source in find_sources(["logs"]).sources] == [f"logs/{name}"]
