"""Files that appear together: kills before every step and at random, full disks, two runs at once."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sla_audit.errors import InputError
from sla_audit.output import atomic as together
from sla_audit.output.atomic import write_files
from sla_audit.output.destinations import place_of
from sla_audit.output.staging import Stage
from tests.builders.written_sets import NAMES, content, generation_of, hidden, is_settled, lay, write
from tests.program import ROOT

KILLS = int(os.environ.get("KILLS", "30"))
"""How often a run is killed at random. `KILLS=1000 pytest tests/output/test_atomic.py` takes some minutes."""

REPLACED = int(os.environ.get("REPLACED", "100"))
"""How often files are replaced while they are opened. `REPLACED=5000 pytest tests/output/test_atomic.py` takes time."""

SETS: dict[str, tuple[str, ...]] = {
    "one file": NAMES[:1],
    "two of a directory": NAMES[:2],
    "five of three directories": NAMES,
}


@pytest.fixture
def usual_mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def names(folder: Path) -> list[str]:
    """Give the names of all files of a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def shown(folder: Path) -> list[str]:
    """Give the names of all files of a folder but those of folders through which readers may still be on their way."""
    return sorted(path.name for path in folder.iterdir() if not is_settled(path))


def in_a_process(*arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.builders.written_sets", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class TestWriting:
    def test_files_appear_with_their_content_byte_for_byte(self, tmp_path: Path) -> None:
        write_files({tmp_path / "a.csv": "智能合图\n", tmp_path / "b.csv": "x\r\ny\n"})
        assert (tmp_path / "a.csv").read_bytes() == "智能合图\n".encode()
        assert (tmp_path / "b.csv").read_bytes() == b"x\r\ny\n"
        assert shown(tmp_path) == ["a.csv", "b.csv"]

    def test_a_file_that_was_there_is_replaced_as_a_whole(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("a much longer text than the new one")
        write_files({tmp_path / "a.csv": "new"})
        assert (tmp_path / "a.csv").read_text() == "new"
        assert shown(tmp_path) == ["a.csv"]

    @pytest.mark.usefixtures("usual_mask")
    def test_a_report_may_be_read_by_whoever_may_read_other_new_files(self, tmp_path: Path) -> None:
        write_files({tmp_path / "a.csv": "new"})
        assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o644

    @pytest.mark.usefixtures("usual_mask")
    @pytest.mark.parametrize("others", [[], ["b.csv"]], ids=["alone", "with another"])
    def test_a_report_that_only_some_may_read_stays_so(self, tmp_path: Path, others: list[str]) -> None:
        (tmp_path / "a.csv").write_text("old")
        (tmp_path / "a.csv").chmod(0o640)
        write_files({tmp_path / name: "new" for name in ["a.csv", *others]})
        assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o640

    @pytest.mark.parametrize("others", [[], ["b.csv"]], ids=["alone", "with another"])
    def test_a_symbolic_link_stays_and_what_it_leads_to_is_replaced(self, tmp_path: Path, others: list[str]) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "real.csv").write_text("old")
        (tmp_path / "a.csv").symlink_to("data/real.csv")
        write_files({tmp_path / name: "new" for name in ["a.csv", *others]})
        assert (tmp_path / "a.csv").readlink() == Path("data/real.csv")
        assert (tmp_path / "data" / "real.csv").read_text() == "new"
        assert not (tmp_path / "data" / "real.csv").is_symlink()
        assert shown(tmp_path / "data") == ["real.csv"]

    def test_a_link_to_nothing_yet_gets_its_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").symlink_to("real.csv")
        write_files({tmp_path / "a.csv": "new"})
        assert (tmp_path / "a.csv").readlink() == Path("real.csv")
        assert (tmp_path / "real.csv").read_text() == "new"

    def test_a_hard_link_keeps_the_old_content(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("old")
        (tmp_path / "kept.csv").hardlink_to(tmp_path / "a.csv")
        write_files({tmp_path / "a.csv": "new", tmp_path / "b.csv": "new"})
        assert (tmp_path / "kept.csv").read_text() == "old"

    def test_one_directory_under_two_names_does_not_wait_for_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As where a file system does not tell upper from lower case."""
        (tmp_path / "data").mkdir()
        (tmp_path / "DATA").symlink_to("data")
        monkeypatch.setattr("sla_audit.output.atomic.place_of", lambda path: path)
        write_files({tmp_path / "data" / "a.csv": "new", tmp_path / "DATA" / "b.csv": "new"})
        assert shown(tmp_path / "data") == ["a.csv", "b.csv"]

    def test_nothing_to_write_is_nothing_written(self, tmp_path: Path) -> None:
        write_files({})
        assert shown(tmp_path) == []

    def test_a_private_mask_hides_no_report_from_its_readers(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not even while the way to it leads through a hidden folder."""
        modes = []

        def look(path: Path, target: Path) -> Path:
            modes.extend(stat.S_IMODE(folder.stat().st_mode) for folder in tmp_path.rglob("*") if folder.is_dir())
            return real(path, target)

        real = Path.replace
        monkeypatch.setattr(Path, "replace", look)
        before = os.umask(0o077)
        try:
            write_files({tmp_path / "a.csv": "new", tmp_path / "b.csv": "new"})
        finally:
            os.umask(before)
        assert set(modes) == {0o755}
        assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o600


class TestFailure:
    def test_where_one_place_is_missing_no_file_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("old")
        with pytest.raises(InputError) as caught:
            write_files({tmp_path / "a.csv": "new", tmp_path / "missing" / "b.csv": "new", tmp_path / "c.csv": "new"})
        assert (tmp_path / "a.csv").read_text() == "old"
        assert shown(tmp_path) == ["a.csv"]
        (problem,) = caught.value.problems
        assert str(problem.where).endswith("missing/b.csv")
        assert str(problem.what) == "cannot be written: No such file or directory"
        assert str(problem.remedy)

    def test_a_directory_is_not_replaced_by_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").mkdir()
        with pytest.raises(InputError, match="cannot be written"):
            write_files({tmp_path / "a.csv": "new"})
        assert (tmp_path / "a.csv").is_dir()
        assert shown(tmp_path) == ["a.csv"]

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
        assert shown(tmp_path) == ["a.csv", "b.csv"]
        (problem,) = caught.value.problems
        assert str(problem.where).endswith("b.csv")
        assert str(problem.what) == "cannot be written: No space left on device"

    def test_an_interruption_leaves_what_was_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a.csv").write_text("old")

        def interrupt(descriptor: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_files({tmp_path / "a.csv": "new"})
        assert (tmp_path / "a.csv").read_text() == "old"
        assert shown(tmp_path) == ["a.csv"]


class TestKills:
    @pytest.mark.parametrize("before", [None, 0], ids=["where none were", "over old ones"])
    @pytest.mark.parametrize("files", SETS.values(), ids=SETS)
    def test_before_every_step_all_are_old_and_from_one_step_on_all_are_new(
        self, tmp_path: Path, files: tuple[str, ...], before: int | None
    ) -> None:
        seen = in_a_process("steps", str(tmp_path / "set"), json.dumps([files, before]))["seen"]
        switched = seen.index(1)
        assert 5 < switched < len(seen) - 5
        assert seen == [before] * switched + [1] * (len(seen) - switched)

    def test_what_one_killed_run_has_left_does_not_hinder_the_next(self, tmp_path: Path) -> None:
        done = in_a_process("runs", str(tmp_path / "set"), "150", "7")
        assert done["killed_after_the_switch"] > 5

    def test_at_random_moments_all_are_old_or_all_are_new(self, tmp_path: Path) -> None:
        chance, lines = random.Random(), 20_000
        lay(tmp_path, NAMES, None)
        left = 0
        for _ in range(KILLS):
            command = [sys.executable, "-m", "tests.builders.written_sets", "again", str(tmp_path), str(lines)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
                assert run.stdout is not None
                written = int(run.stdout.readline())
                time.sleep(chance.random() / 10)
                run.send_signal(signal.SIGKILL)
                written = int([str(written), *run.stdout.read().split()][-1])
            assert generation_of(tmp_path, lines=lines) in {written, written + 1}
            left += bool(hidden(tmp_path))
        assert left > KILLS / 10  # most kills met a run that was writing
        write(tmp_path, 0)
        assert generation_of(tmp_path) == 0
        assert not hidden(tmp_path)


class TestTheProgram:
    def test_killed_at_random_it_leaves_the_reports_of_one_run(self, tmp_path: Path) -> None:
        """Two runs that give different reports, killed in turn: any time, and while they write."""
        places = [tmp_path / name for name in ("a/report.json", "a/report.csv", "b/report.json", "b/rejects.csv")]
        for folder in {place.parent for place in places}:
            folder.mkdir()
        *outputs, rejects = map(str, places)
        options = [*(word for output in outputs for word in ("-o", output)), "--rejects", rejects, "--quiet"]
        commands = [
            [sys.executable, "-m", "sla_audit", "compute", "--config", "sample_logs/sla-audit.toml", *options, *more]
            for more in (["--reading", "literal"], ["--reading", "broad", "--cycle", "all"])
        ]
        sets, took = [], 0.0
        for command in commands:
            started = time.monotonic()
            subprocess.run(command, cwd=ROOT, check=True)
            took = time.monotonic() - started
            sets.append([place.read_bytes() for place in places])
        assert sets[0][:3] != sets[1][:3]
        chance = random.Random()
        for number in range(max(6, KILLS // 10)):
            with subprocess.Popen(commands[number % 2], cwd=ROOT) as run:
                if number % 4 < 2:
                    time.sleep(chance.random() * took)
                else:
                    while run.poll() is None and not hidden(tmp_path):
                        time.sleep(0.0005)
                    time.sleep(chance.random() / 50)
                run.kill()
            assert [place.read_bytes() for place in places] in sets


class TestReaders:
    def test_one_who_opens_files_in_a_loop_always_finds_them(self, tmp_path: Path) -> None:
        done = in_a_process("loop", str(tmp_path / "set"), str(REPLACED))
        assert done["missed"] == 0
        assert done["last"] == REPLACED

    def test_one_who_is_on_the_way_through_a_link_arrives(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every way that a name led at any moment still ends at the file in place, after that run and another."""
        lay(tmp_path, NAMES, 0)
        ways: dict[str, set[str]] = {name: set() for name in NAMES}

        def look(path: Path, target: Path) -> Path:
            done = real(path, target)
            for name in NAMES:
                place = tmp_path / name
                while place.is_symlink():
                    place = place.parent / place.readlink()
                    ways[name].add(str(place))
                ways[name].add(os.path.realpath(tmp_path / name))
            return done

        real = Path.replace
        monkeypatch.setattr(Path, "replace", look)
        write(tmp_path, 1)
        monkeypatch.undo()
        assert {len(led) > 3 for led in ways.values()} == {True}
        for generation in (1, 2):
            write(tmp_path, generation)
            for name, led in ways.items():
                assert {Path(way).read_text() for way in led} == {content(name, generation)}

    def test_nothing_is_kept_of_what_was_written(self, tmp_path: Path) -> None:
        """Contents take no more room once all are seen, and who removes a report has removed it."""
        lay(tmp_path, NAMES, 0)
        write(tmp_path, 1)
        files = [
            path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink() and path.stat().st_size
        ]
        assert sorted(path.relative_to(tmp_path).as_posix() for path in files) == sorted(NAMES)
        assert {path.stat().st_nlink for path in files} == {1}

    def test_what_was_kept_for_readers_is_removed_by_a_later_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lay(tmp_path, NAMES, 0)
        write(tmp_path, 1)
        first = set(tmp_path.rglob(".sla-audit-*"))
        write(tmp_path, 2)
        assert first < set(tmp_path.rglob(".sla-audit-*"))
        monkeypatch.setattr("sla_audit.output.staging.SECONDS_TO_STAY", 0)
        write(tmp_path, 3)
        assert names(tmp_path / "here") == ["below", "report.csv", "report.json"]

    def test_one_file_alone_leaves_nothing(self, tmp_path: Path) -> None:
        lay(tmp_path, NAMES[:1], None)
        write(tmp_path, 1, NAMES[:1])
        assert names(tmp_path / "here") == ["report.json"]


class TestTwoRuns:
    def test_two_runs_at_once_leave_the_set_of_one(self, tmp_path: Path) -> None:
        lay(tmp_path, NAMES, None)
        script = (
            "import sys\nfrom pathlib import Path\nfrom tests.builders.written_sets import write, NAMES\n"
            "names = NAMES[::int(sys.argv[2])]\n"  # the other run names the files in another order
            "for number in range(20): write(Path(sys.argv[1]), int(sys.argv[3]) * 1000 + number, names)"
        )
        runs = [
            subprocess.Popen([sys.executable, "-c", script, str(tmp_path), way, number], cwd=ROOT)
            for number, way in enumerate(map(str, (1, -1, 1)))
            for number in [str(number)]
        ]
        assert [run.wait() for run in runs] == [0, 0, 0]
        assert generation_of(tmp_path) in {19, 1019, 2019}
        assert not hidden(tmp_path)

    @pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOENT])
    def test_a_link_that_another_run_makes_a_file_again_is_looked_at_again(
        self, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, failures = os.path.realpath, [OSError(number, os.strerror(number))] * 3

        def changing(path: Any, **kwargs: Any) -> str:
            if failures and Path(path).name == "a.csv":
                raise failures.pop()
            return real(path, **kwargs)

        monkeypatch.setattr(os.path, "realpath", changing)
        write_files({tmp_path / "a.csv": "a", tmp_path / "b.csv": "b"})
        assert shown(tmp_path) == ["a.csv", "b.csv"]
        assert not failures

    def test_a_link_that_cannot_be_read_is_left_to_whoever_opens_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(path: Any, **_: Any) -> str:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

        monkeypatch.setattr(os.path, "realpath", failing)
        assert place_of(tmp_path / "a.csv") == tmp_path / "a.csv"


class TestFullDisk:
    @pytest.fixture
    def small_disk(self, tmp_path: Path) -> Iterator[Path]:
        disk = tmp_path / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("only root may mount a small file system, and not in every container")
        yield disk
        subprocess.run(["umount", str(disk)], check=True)

    def test_where_the_last_file_does_not_fit_all_stay_as_they_were(self, small_disk: Path) -> None:
        lay(small_disk / "set", NAMES, 0)
        files = {small_disk / "set" / name: content(name, 1) for name in NAMES[:-1]}
        with pytest.raises(InputError) as caught:
            write_files({**files, small_disk / "set" / NAMES[-1]: b"x" * 2**21})
        (problem,) = caught.value.problems
        assert str(problem.where).endswith(NAMES[-1])
        assert str(problem.what) == "cannot be written: No space left on device"
        assert generation_of(small_disk / "set") == 0
        assert not hidden(small_disk)

    def test_there_is_room_for_the_next_run_after_a_kill(self, small_disk: Path) -> None:
        """What a killed run has left is removed first."""
        (small_disk / "a.json").write_text("old")
        left = small_disk / ".sla-audit-0" / "new" / "a.json"
        left.parent.mkdir(parents=True)
        left.write_bytes(b"x" * 700_000)
        write_files({small_disk / "a.json": b"y" * 700_000})
        assert (small_disk / "a.json").read_bytes() == b"y" * 700_000
        assert shown(small_disk) == ["a.json"]

    def test_a_limit_on_the_size_of_files_is_a_full_disk(self, tmp_path: Path) -> None:
        lay(tmp_path, NAMES, 0)
        code = (
            "import sys\nfrom pathlib import Path\nfrom sla_audit.errors import InputError\n"
            "from tests.builders.written_sets import write\n"
            "try: write(Path(sys.argv[1]), 1, lines=5000)\n"
            "except InputError as error: print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
        )
        assert "cannot be written: File too large" in done.stdout
        assert generation_of(tmp_path) == 0
        assert not hidden(tmp_path)

    @pytest.mark.parametrize("call", ["link", "symlink", "replace"])
    def test_where_a_step_fails_all_stay_as_they_were(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
    ) -> None:
        """The third call of a kind fails, while some names are links already."""
        lay(tmp_path, NAMES, 0)
        calls = []
        real = getattr(os, call)

        def fail_at_the_third(*arguments: Any, **options: Any) -> Any:
            calls.append(arguments)
            if len(calls) == 3:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **options)

        monkeypatch.setattr(os, call, fail_at_the_third)
        if call == "link":  # the content is copied instead
            write(tmp_path, 1)
        else:
            with pytest.raises(InputError, match="No space left on device"):
                write(tmp_path, 1)
        assert generation_of(tmp_path) == (1 if call == "link" else 0)
        assert not hidden(tmp_path)


class TestAfterTheSwitch:
    @pytest.mark.parametrize("names_of", SETS.values(), ids=SETS)
    @pytest.mark.parametrize("step", ["flush", "settle"])
    def test_what_fails_once_the_files_have_appeared_does_not_take_them_back(
        self, tmp_path: Path, names_of: tuple[str, ...], step: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lay(tmp_path, names_of, 0)
        appeared, appear = [], together._appear

        def noted(*given: Any) -> None:
            appear(*given)
            appeared.append(True)

        def failing(stage: Stage) -> None:
            if appeared:
                raise OSError(errno.EIO, "Input/output error")
            do(stage)

        do = getattr(Stage, step)
        monkeypatch.setattr(together, "_appear", noted)
        monkeypatch.setattr(Stage, step, failing)
        late = write_files({tmp_path / name: "new" for name in names_of})
        assert [(tmp_path / name).read_text() for name in names_of] == ["new"] * len(names_of)
        assert late
        assert all("the files are written, and then Input/output error" in str(problem.what) for problem in late)
