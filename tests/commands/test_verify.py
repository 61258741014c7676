"""Claim packs, checked: every byte that is changed is told, and what does not follow, and where other logs differ."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run
from sla_audit.commands.claim_pack.verify import verify
from sla_audit.errors import InputError
from sla_audit.pack.archive import read_pack, zip_of
from sla_audit.pack.manifest import CONTENTS, LETTERS, MANIFEST, SEAL, SIGNATURE, packed, read_manifest, seal_of, sha256
from tests.program import ROOT

CONFIG = str(ROOT / "sample_logs" / "sla-audit.toml")
PACK = "tier-two-2026-10"


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signed pack, and who may sign."""
    folder = tmp_path_factory.mktemp("signed")
    for name in ("key", "other"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    arguments = ["claim", "pack", "--config", CONFIG, "--account", "tier-two", "-o", str(folder), "--quiet"]
    assert run([*arguments, "--sign", str(folder / "key")]) == 0
    for name in ("key", "other"):
        public = (folder / f"{name}.pub").read_text()
        (folder / f"{name}.signers").write_text(f"{name}@example.com {public}")
    return folder


@pytest.fixture
def pack(signed: Path, tmp_path: Path) -> Path:
    """A copy of the pack, to be changed."""
    shutil.copytree(signed / PACK, tmp_path / PACK)
    return tmp_path / PACK


def faults(path: Path) -> list[str]:
    return [f"{each.where}: {each.what}" for each in verify(path).faults]


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_a_pack_is_sound_as_folder_and_as_zip(signed: Path) -> None:
    assert faults(signed / PACK) == []
    assert faults(signed / f"{PACK}.zip") == []


@pytest.mark.parametrize("name", [MANIFEST, SEAL])
def test_every_byte_of_manifest_and_seal_is_told(signed: Path, pack: Path, name: str) -> None:
    content = (pack / name).read_bytes()
    for at in range(len(content)):
        (pack / name).write_bytes(flipped(content, at))
        assert faults(pack), at


@pytest.mark.parametrize("name", [*CONTENTS, *LETTERS, SIGNATURE])
def test_bytes_of_every_other_file_are_told(pack: Path, name: str) -> None:
    content = (pack / name).read_bytes()
    for at in sorted({0, len(content) - 1, *random.Random(name).sample(range(len(content)), 20)}):
        (pack / name).write_bytes(flipped(content, at))
        assert any(name in each for each in faults(pack)), at
    (pack / name).write_bytes(content[:-1])
    assert faults(pack)
    (pack / name).unlink()
    assert bool(faults(pack)) == (name != SIGNATURE)


def test_bytes_of_the_zip_are_told(signed: Path, tmp_path: Path) -> None:
    content = (signed / f"{PACK}.zip").read_bytes()
    edges = {*range(40), *range(len(content) - 1500, len(content))}
    for at in sorted({*edges, *random.Random(1).sample(range(len(content)), 100)}):
        (tmp_path / "changed.zip").write_bytes(flipped(content, at))
        assert faults(tmp_path / "changed.zip"), at


def test_what_was_added_is_told(pack: Path) -> None:
    (pack / "note.txt").write_text("trust me")
    assert faults(pack) == ["note.txt: was added: no pack has such a file"]


class TestHostileArchives:
    @pytest.mark.parametrize(
        "name", ["../evil", "x/../../evil", "/etc/passwd", "a/b/c", "evil", "p/..", ".hidden/x", "p/a\\..\\b"]
    )
    def test_a_file_elsewhere_is_refused(self, tmp_path: Path, name: str) -> None:
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
            archive.writestr("p/manifest.json", b"{}")
            archive.writestr(name, b"x")
        assert faults(tmp_path / "bad.zip")
        assert not (tmp_path.parent / "evil").exists()

    def test_one_that_unpacks_to_much_is_not_unpacked(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("p/manifest.json", b"\0" * (64 << 20))
        assert "packed, as sla-audit claim pack does not" in faults(tmp_path / "bomb.zip")[0]

    def test_a_link_is_no_file_of_a_pack(self, pack: Path) -> None:
        (pack / "rows.csv").unlink()
        (pack / "rows.csv").symlink_to("/etc/passwd")
        assert "is no plain file" in faults(pack)[0]

    @pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x03\x04" + b"\0" * 100])
    def test_what_is_no_zip_is_told(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "pack.zip").write_bytes(content)
        assert faults(tmp_path / "pack.zip")

    def test_nothing_there_is_wrong_usage(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="is not there"):
            verify(tmp_path / "none.zip")
        assert run(["verify", str(tmp_path / "none.zip")]) == 2


def forged(pack: Path, change: Callable[[dict[str, bytes]], None]) -> list[str]:
    """Change files as someone would who makes manifest, letters and seal fit again, and give what is told."""
    files = dict(read_pack(pack).files)
    before = sha256(files[MANIFEST])
    change(files)
    contents = {name: files[name] for name in CONTENTS}
    manifest = read_manifest(files[MANIFEST], MANIFEST).model_copy(update={"files": packed(contents)})
    files[MANIFEST] = manifest.written()
    for name in LETTERS:
        files[name] = files[name].replace(before.encode(), sha256(files[MANIFEST]).encode())
    files[SEAL] = seal_of(files[MANIFEST], files)
    del files[SIGNATURE]
    pack.with_suffix(".zip").write_bytes(zip_of(manifest.folder, files))
    return faults(pack.with_suffix(".zip"))


class TestForgeries:
    """What someone makes fit who has the program: the figures must still follow from the evidence."""

    @pytest.mark.parametrize(
        ("name", "old", "new", "told"),
        [
            ("rows.csv", b",explicit_failure,,,6,", b",success,,,7,", "rows.csv, line"),
            ("rows.csv", b",502,502,502,", b",200,200,200,", "rows.csv, line"),
            ("rows.csv", b"cn-east-2,/v1/compose,explicit", b"cn-east-2,/v1/cutout,explicit", "rows.csv, line"),
            ("report.json", b'"explicit_failure": 16', b'"explicit_failure": 17', "report.json"),
            ("report.json", b'"compensation": "360.00"', b'"compensation": "720.00"', "report.json"),
            ("facts.json", b'"service_fee": "1200.00"', b'"service_fee": "2400.00"', "report.json"),
            ("facts.json", b'"plan": "paid"', b'"plan": "free"', "report.json"),
            ("answered.csv", b",200,false,", b",503,false,", "report.json"),
            ("agreement.toml", b"rate = 0.30", b"rate = 0.31", "report.json"),
            ("letter.json", b'"edition": 1', b'"edition": 2', "letter.en.md"),
            ("page.html", b"360.00", b"960.00", "page.html"),
            ("letter.en.md", b"360.00", b"960.00", "letter.en.md"),
            ("letter.zh.pdf", b"2026-11-20", b"2026-11-21", "letter.zh.pdf"),
        ],
    )
    def test_they_are_told(self, pack: Path, name: str, old: bytes, new: bytes, told: str) -> None:
        assert old in (pack / name).read_bytes()

        def change(files: dict[str, bytes]) -> None:
            files[name] = files[name].replace(old, new, 1)

        assert any(each.startswith(told) for each in forged(pack, change))

    def test_a_row_less_is_told(self, pack: Path) -> None:
        def change(files: dict[str, bytes]) -> None:
            files["rows.csv"] = b"".join(files["rows.csv"].splitlines(keepends=True)[:-1])

        assert any("report.json" in each for each in forged(pack, change))

    @pytest.mark.parametrize("name", ["rows.csv", "answered.csv", "facts.json", "agreement.toml", "letter.json"])
    def test_files_of_anything_are_told_and_break_nothing(self, pack: Path, name: str) -> None:
        chance = random.Random(name)
        original = (pack / name).read_bytes()

        def change(files: dict[str, bytes]) -> None:
            content = bytearray(original)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(content))
                content[at : at + chance.randint(0, 9)] = chance.choice(
                    [b"", b'"', b"\n", b",", b"\xff", b"-1", b"null", b"9" * 40, b"{", b"\0", b"true"]
                )
            files[name] = bytes(content)

        for _ in range(12):
            forged(pack, change)


class TestSignatures:
    def test_it_is_that_of_the_signer(self, signed: Path, capsys: Any) -> None:
        arguments = ["verify", str(signed / PACK), "--signers", str(signed / "key.signers")]
        assert run(arguments) == 0
        assert run([*arguments, "--identity", "key@example.com"]) == 0
        assert "it is signed" in capsys.readouterr().out
        assert run([*arguments, "--identity", "other@example.com", "--quiet"]) == 1

    def test_another_one_may_not_sign(self, signed: Path) -> None:
        assert run(["verify", str(signed / PACK), "--signers", str(signed / "other.signers"), "--quiet"]) == 1

    def test_it_is_missed_where_it_is_asked_for(self, signed: Path, pack: Path, capsys: Any) -> None:
        (pack / SIGNATURE).unlink()
        assert run(["verify", str(pack), "--signers", str(signed / "key.signers")]) == 1
        assert "the pack is not signed" in capsys.readouterr().out

    def test_who_has_no_ssh_keygen_is_told(self, signed: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        assert run(["verify", str(signed / PACK)]) == 2
        assert "ssh-keygen is not there" in capsys.readouterr().err

    def test_a_file_of_signers_must_be_one(self, signed: Path, capsys: Any) -> None:
        assert run(["verify", str(signed / PACK), "--signers", "no-such-file"]) == 2
        assert "--signers no-such-file: is no file" in capsys.readouterr().err

    def test_identity_needs_signers(self, signed: Path) -> None:
        assert run(["verify", str(signed / PACK), "--identity", "a"]) == 2


class TestOtherLogs:
    def found(self, capsys: Any, *arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run(["verify", *arguments, "--format", "json"])
        return code, json.loads(capsys.readouterr().out)

    def test_the_same_logs_say_the_same(self, signed: Path, capsys: Any) -> None:
        code, found = self.found(capsys, str(signed / PACK), str(ROOT / "sample_logs" / "logs"))
        assert (code, found["sound"], found["counted_again"]["equal"]) == (0, True, True)
        code, found = self.found(capsys, str(signed / f"{PACK}.zip"), "--config", CONFIG)
        assert (code, found["sound"], found["counted_again"]["equal"]) == (0, True, True)

    def test_each_figure_that_differs_is_told(self, signed: Path, tmp_path: Path, capsys: Any) -> None:
        shutil.copytree(ROOT / "sample_logs" / "logs", tmp_path / "logs")
        log = tmp_path / "logs" / "2026-10-a.csv"
        lines = log.read_text("utf-8").splitlines(keepends=True)
        failed = [at for at, line in enumerate(lines) if ",tier-two,50" in line]
        lines[failed[0]] = (
            lines[failed[0]].replace(",504,", ",200,").replace(",503,", ",200,").replace(",502,", ",200,")
        )
        log.write_text("".join(lines), "utf-8")
        code, found = self.found(capsys, str(signed / PACK), str(tmp_path / "logs"))
        assert code == 1
        assert found["sound"]
        differences = {
            each["what"]: (each["in_pack"], each["in_logs"]) for each in found["counted_again"]["differences"]
        }
        assert differences["explicit_failure"] == ("16", "15")
        assert differences["success"] == ("184", "185")
        assert "compensation" not in differences
        assert found["counted_again"]["less"] == "0.00"
        assert sum(what.startswith("2026-10-") for what in differences) == 2

    def test_the_other_side_has_facts_of_its_own(self, signed: Path, tmp_path: Path, capsys: Any) -> None:
        billing = (ROOT / "sample_logs" / "billing.csv").read_text("utf-8")
        assert "tier-two,2026-10,1200.00" in billing
        own = tmp_path / "billing.csv"
        own.write_text(billing.replace("tier-two,2026-10,1200.00", "tier-two,2026-10,1000.00"), "utf-8")
        logs = str(ROOT / "sample_logs" / "logs")
        code, found = self.found(capsys, str(signed / PACK), logs, "--billing", str(own))
        assert (code, found["counted_again"]["compensation"], found["counted_again"]["less"]) == (1, "300.00", "60.00")

    def test_an_account_that_the_logs_do_not_have_is_told(self, signed: Path, capsys: Any) -> None:
        logs = str(ROOT / "sample_logs" / "logs")
        code, found = self.found(capsys, str(signed / PACK), logs, "--account", "tier-tow")
        assert code == 1
        assert "Near it are: 'tier-two'" in found["counted_again"]["differences"][0]["in_logs"]

    def test_the_pack_says_what_it_is_about(self, signed: Path, capsys: Any) -> None:
        assert run(["verify", str(signed / PACK), str(ROOT / "sample_logs" / "logs"), "--cycle", "2026-11"]) == 2
        assert "leave out --cycle" in capsys.readouterr().err


def test_the_letters_name_the_digest_of_the_manifest(signed: Path) -> None:
    files = read_pack(signed / PACK).files
    for name in LETTERS:
        if name.endswith(".md"):
            assert sha256(files[MANIFEST]).encode() in files[name]
