"""Which files are read: single files, directories and globs, each file once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.intake.sources.find import find_sources
from sla_audit.intake.sources.source import source_of

TREE = (
    "a.csv",
    "b.parquet",
    "notes.doc",
    "days/01.csv",
    "days/02.CSV",
    "days/deep/03.pq",
    "days/.hidden.csv",
    "days/.cache/04.csv",
    "days/README",
    "packed/05.csv.gz",
    "packed/06.CSV.zst",
    "packed/07.log.gz",
    "packed/08.parquet.gz",
    "odd/[1].csv",
    "odd/1.csv",
)


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in TREE:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "bare").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


FINDS = {
    "a file is itself": (["a.csv"], ["a.csv"]),
    "files come in the order of their paths, not of the command line": (["b.parquet", "a.csv"], ["a.csv", "b.parquet"]),
    "a directory is searched whole, without hidden files and other kinds": (
        ["days"],
        ["days/01.csv", "days/02.CSV", "days/deep/03.pq"],
    ),
    "a directory may be written with a slash": (["days/"], ["days/01.csv", "days/02.CSV", "days/deep/03.pq"]),
    "a glob names what it matches": (["days/*.csv"], ["days/01.csv"]),
    "a recursive glob goes down": (["days/**/*.pq"], ["days/deep/03.pq"]),
    "a glob that matches a directory searches it": (["day?"], ["days/01.csv", "days/02.CSV", "days/deep/03.pq"]),
    "a name that exists is itself, though it looks like a glob": (["odd/[1].csv"], ["odd/[1].csv"]),
    "a glob of characters is a glob where no such file exists": (["odd/[0-9].csv"], ["odd/1.csv"]),
    "a hidden file that is named is read": (["days/.hidden.csv"], ["days/.hidden.csv"]),
    "files, directories and globs mix": (
        ["a.csv", "odd", "*.parquet"],
        ["a.csv", "b.parquet", "odd/1.csv", "odd/[1].csv"],
    ),
    "packed text is a log, whatever the case; packed Parquet is not": (
        ["packed"],
        ["packed/05.csv.gz", "packed/06.CSV.zst", "packed/07.log.gz"],
    ),
    "a packed file may be named": (["packed/06.CSV.zst"], ["packed/06.CSV.zst"]),
    "nothing asked for, nothing found": ([], []),
}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [pytest.param(*case, id=name) for name, case in FINDS.items()],
)
def test_files_that_are_named(patterns: list[str], expected: list[str]) -> None:
    found = find_sources(patterns)

    assert [source.shown for source in found.sources] == expected
    assert found.repeated == ()


def test_an_absolute_pattern_is_shown_as_it_was_given(tree: Path) -> None:
    found = find_sources([str(tree / "*.csv")])

    assert [source.shown for source in found.sources] == [(tree / "a.csv").as_posix()]


REPEATS = {
    "the same name twice": (["a.csv", "a.csv"], ["a.csv"], ["a.csv"]),
    "another way to write the same name": (["a.csv", "./days/../a.csv"], ["a.csv"], ["days/../a.csv"]),
    "a file and the glob that holds it": (["*.csv", "a.csv"], ["a.csv"], ["a.csv"]),
    "a directory and one of its files": (
        ["days/01.csv", "days"],
        ["days/01.csv", "days/02.CSV", "days/deep/03.pq"],
        ["days/01.csv"],
    ),
    "three times": (["a.csv", "a.csv", "a.*"], ["a.csv"], ["a.csv", "a.csv"]),
}


@pytest.mark.parametrize(("patterns", "expected", "repeated"), REPEATS.values(), ids=REPEATS)
def test_a_file_that_is_named_more_than_once_is_read_once(
    patterns: list[str], expected: list[str], repeated: list[str]
) -> None:
    found = find_sources(patterns)

    assert [source.shown for source in found.sources] == expected
    assert list(found.repeated) == [Path(path) for path in repeated]


def test_a_link_to_a_file_is_that_file(tree: Path) -> None:
    (tree / "link.csv").symlink_to("a.csv")

    found = find_sources(["a.csv", "link.csv"])

    assert [source.shown for source in found.sources] == ["a.csv"]
    assert found.repeated == (Path("link.csv"),)


def test_two_files_of_the_same_content_are_two_files(tree: Path) -> None:
    assert len(find_sources(["days/01.csv", "a.csv"]).sources) == 2


KINDS = ".csv, .json, .jsonl, .log (each also rotated, and with .gz or .zst) or .parquet"
REFUSED = {
    "a missing file": (["nope.csv"], [("nope.csv", "no such file or directory", "Check the path")]),
    "a glob that matches nothing": (["nope-*.csv"], [("nope-*.csv", "no file matches", "Check the path")]),
    "a directory without logs": (
        ["bare"],
        [("bare", f"holds no log ({KINDS})", "another place")],
    ),
    "an unknown suffix": (["notes.doc"], [("notes.doc", "the suffix '.doc'", "Rename it")]),
    "no suffix at all": (["days/README"], [("days/README", "no suffix", "Rename it")]),
    "a glob that also matches other kinds": (
        ["*"],
        [
            ("notes.doc", f"expected {KINDS}", ""),
            ("bare", "no log", ""),
        ],
    ),
    "a name of 300 characters": (
        ["x" * 300 + ".csv"],
        [("x" * 300 + ".csv", "cannot be read: File name too long", "Check the path")],
    ),
    "a name of 300 characters, and other mistakes": (
        ["nope.csv", "x" * 300 + ".csv", "notes.doc"],
        [
            ("nope.csv", "no such file", ""),
            ("x" * 300 + ".csv", "File name too long", ""),
            ("notes.doc", "'.doc'", ""),
        ],
    ),
    "an empty pattern": ([""], [("''", "names nothing; expected a file, directory or glob", "Name a log")]),
    "a blank pattern": (["a.csv", "  "], [("'  '", "names nothing", "Name a log")]),
    "a file taken for a directory": (["a.csv/b.csv"], [("a.csv/b.csv", "no such file", "Check the path")]),
    "every mistake at once": (
        ["nope.csv", "a.csv", "bare", "notes.doc"],
        [("nope.csv", "no such file", ""), ("bare", "holds no log", ""), ("notes.doc", "'.doc'", "")],
    ),
}


@pytest.mark.parametrize(("patterns", "expected"), REFUSED.values(), ids=REFUSED)
def test_patterns_that_name_no_log(patterns: list[str], expected: list[tuple[str, str, str]]) -> None:
    with pytest.raises(InputError) as raised:
        find_sources(patterns)

    assert len(raised.value.problems) == len(expected)
    problems = {str(problem.where): problem for problem in raised.value.problems}
    for where, what, remedy in expected:
        assert what in str(problems[where].what)
        assert remedy in str(problems[where].remedy)


FORMATS = {
    "x.csv": "csv",
    "x.CSV": "csv",
    "x.parquet": "parquet",
    "x.Parquet": "parquet",
    "x.pq": "parquet",
    "2026-10-01.log.csv": "csv",
    "x.csv.gz": "csv",
    "x.Csv.GZ": "csv",
    "x.csv.zst": "csv",
}


@pytest.mark.parametrize(("name", "expected"), FORMATS.items(), ids=FORMATS)
def test_the_suffix_tells_the_format(name: str, expected: str) -> None:
    assert source_of(Path(name)).format == expected


@pytest.mark.parametrize(
    "name",
    [
        "x.csv.bak",
        "x.json",
        "x.json.1",
        "x.jsonl",
        "x.jsonl.gz",
        "x.log",
        "x",
        ".csv",
        "x.parquet.tmp",
        "x.gz",
        ".csv.gz",
        "x.parquet.gz",
        "x.csv.bz2",
    ],
)
def test_other_suffixes_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"expected \.csv or \.parquet"):
        source_of(Path(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    {
        "x.jsonl": "json",
        "x.ndjson": "json",
        "x.jsonl.gz": "json",
        "x.NDJSON.GZ": "json",
        "x.jsonl.zst": "json",
        "x.log": "lines",
        "x.log.gz": "lines",
        "x.Log.Zst": "lines",
        "PT1H.json": "json",
        "05:00:00_05:59:59_S0.JSON.gz": "json",
        "localhost_access_log.2026-10-03.txt": "lines",
        "native.txt.gz": "lines",
        "EDEMO.2026-10-05-05.0a1b2c3d.gz": "lines",
    }.items(),
)
def test_the_suffix_of_a_log(tree: Path, name: str, expected: str) -> None:
    (tree / name).touch()

    assert [source.format for source in find_sources([name]).sources] == [expected]


def test_outside_of_a_glob_or_a_directory_a_text_may_be_named(tree: Path) -> None:
    (tree / "days" / "notes.txt").write_text("buy milk")

    assert [source.shown for source in find_sources(["days/notes.txt"]).sources] == ["days/notes.txt"]
    assert "days/notes.txt" in [each.path for each in find_sources(["days"]).left_out]
