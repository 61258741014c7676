"""Keys that no path can name are refused where they are met: none is passed over, and none is taken for another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.storage.location import around, beside, location, parted
from tests.builders.stores.served import Run, Store

ROW = b"timestamp,account_id,status\n2026-10-05T04:00:00Z,a,200\n"


@pytest.mark.parametrize("key", ["logs//a.csv", "logs/./a.csv", "logs/x/../a.csv"])
def test_a_directory_with_such_a_key_is_refused(store: Store, program: Run, key: str) -> None:
    store.server.put("bucket/logs/b.csv", ROW)
    store.server.put(f"bucket/{key}", ROW)
    done = program("compute", "s3://bucket/logs", "--as-of", "2026-11-20", "--quiet")
    assert done.code == 2
    assert f"s3://bucket/{key}: has an empty part, . or .. in its key" in done.err


@pytest.mark.parametrize("written", ["s3://bucket/logs//a.csv", "s3://bucket/./a.csv", "s3:///a.csv", "s3://"])
def test_such_a_name_is_refused(written: str) -> None:
    with pytest.raises(InputError, match="has an empty part"):
        location(written)


def test_an_object_below_which_others_lie_is_refused(store: Store, program: Run) -> None:
    store.server.put("bucket/logs/a.csv", ROW)
    store.server.put("bucket/logs/a.csv/b.csv", ROW)
    done = program("compute", "s3://bucket/logs", "--as-of", "2026-11-20", "--quiet")
    assert done.code == 2
    assert "s3://bucket/logs/a.csv: is an object, and others lie below it" in done.err


def test_marks_of_directories_are_no_logs(store: Store, program: Run) -> None:
    for key in ("marked/", "marked/day/"):
        store.server.put(f"bucket/{key}", b"")
    store.server.put("bucket/marked/day/a.csv", ROW)
    assert program("compute", "s3://bucket/marked", "--as-of", "2026-11-20", "--quiet").code == 0


@pytest.mark.parametrize("name", ["a b.csv", "a+b%20c.csv", "a?b#c&d=e.csv", "日志.csv", "a[1].csv", "a:b.csv"])
def test_other_signs_are_a_name(store: Store, program: Run, tmp_path: Path, name: str) -> None:
    store.server.put(f"bucket/named/{name}", ROW)
    for place in ("s3://bucket/named", f"s3://bucket/named/{name}"):
        report = tmp_path / "report.json"
        done = program("compute", place, "--as-of", "2026-11-20", "--quiet", "-o", str(report))
        assert done.code == 0, done.err
        assert [each["path"] for each in json.loads(report.read_text())["inputs"]] == [f"s3://bucket/named/{name}"]


def test_what_does_not_exist_is_told(store: Store, program: Run) -> None:
    for place in ("s3://bucket/none.csv", "s3://nobody/none.csv", "s3://bucket/none/"):
        done = program("compute", place, "--as-of", "2026-11-20", "--quiet")
        assert (done.code, f"{place}: no such file or directory" in done.err) == (2, True)


def test_paths_beside_a_config_in_a_store_are_the_stores() -> None:
    folder = location("s3://bucket/a/b")
    assert str(beside(folder, "logs/x.csv")) == "s3://bucket/a/b/logs/x.csv"
    assert str(beside(folder, "../logs")) == "s3://bucket/a/logs"
    assert str(beside(folder, "oss://other/x")) == "oss://other/x"
    assert beside(folder, "/var/log") == Path("/var/log")
    assert str(beside(Path("conf"), "s3://bucket/x")) == "s3://bucket/x"


def test_a_path_of_a_store_is_none_of_this_machine() -> None:
    path = location("s3://bucket/a/b.csv")
    with pytest.raises(OSError, match="it is an object in a store"):
        path.unlink()
    with pytest.raises(OSError, match="not written to"):
        path.open("w")
    assert list(map(str, around(path))) == ["s3://bucket/a/b.csv", "s3://bucket/a", "s3://bucket"]


def test_names_in_a_variable_are_parted_without_their_scheme() -> None:
    assert parted("a.csv:s3://b/c d:/e:oss://f") == ["a.csv", "s3://b/c d", "/e", "oss://f"]
