"""Claim packs in a ledger: each is noted under its claim as it appears, or neither is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run
from sla_audit.errors import InputError, Problem
from sla_audit.model.ledger import Packed
from sla_audit.output.folders import write_anew
from sla_audit.pack.manifest import sha256
from tests.builders.ledgers import found, histories, note, note_as_if_in_euros
from tests.program import ROOT

CONFIG = str(ROOT / "sample_logs" / "sla-audit.toml")
LEDGER = ("--ledger", "claims.db")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def packed(*arguments: str, output: str = "claims") -> int:
    return run(["claim", "pack", "--config", CONFIG, "-o", output, "--quiet", *LEDGER, *arguments])


def listed(capsys: Any) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    run(["claim", "list", "--format", "json", "--as-of", "2026-11-20", *LEDGER])
    return {each["account_id"]: each for each in json.loads(capsys.readouterr().out)["claims"]}


def all_packs() -> list[tuple[Packed, ...]]:
    return [each.packs for each in histories(Path("claims.db"))]


def test_a_pack_makes_its_claim_ready_and_is_named_there(capsys: Any) -> None:
    assert packed("--account", "tier-two") == 0
    claim = listed(capsys)["tier-two"]
    manifest = Path("claims/tier-two-2026-10/manifest.json").read_bytes()
    assert (claim["state"], claim["worth"], claim["pack_claims"]) == ("ready", "360.00", "360.00")
    assert (claim["pack_manifest"], claim["pack_as_of"]) == (sha256(manifest), "2026-11-20")
    assert claim["pack_letter"].encode() in Path("claims/tier-two-2026-10/letter.en.md").read_bytes()


def test_a_run_that_is_repeated_notes_nothing_twice_and_another_edition_comes_besides(capsys: Any) -> None:
    assert packed("--account", "tier-two") == 0
    before = Path("claims.db").read_bytes()
    assert packed("--account", "tier-two") == 0
    assert Path("claims.db").read_bytes() == before
    assert packed("--account", "tier-two", "--edition", "2", output="second") == 0
    assert [[each.edition for each in packs] for packs in all_packs()] == [[1, 2]]
    assert listed(capsys)["tier-two"]["pack_letter"].endswith("-2")


def test_the_ledger_may_stand_in_the_config_and_the_packs_be_under_pseudonyms(folder: Path, capsys: Any) -> None:
    config = folder / "sla-audit.toml"
    sample = ROOT / "sample_logs"
    names = ("accounts", "billing", "exclusions")
    facts = "".join(f"{name} = '{(sample / name).as_posix()}.csv'\n" for name in names)
    config.write_text(f"logs = ['{(sample / 'logs').as_posix()}']\n{facts}ledger = 'claims.db'\n")
    said = ["--cycle", "2026-10", "--as-of", "2026-11-20", "--account", "tier-two", "--pseudonymise", "key"]
    assert run(["claim", "pack", "--config", str(config), "-o", "claims", "--quiet", *said]) == 0
    assert listed(capsys)["tier-two"]["pack_letter"]


def test_all_leaves_out_what_was_filed(capsys: Any) -> None:
    assert packed("--account", "tier-two") == 0
    assert run(["claim", "file", "1", "--as-of", "2026-11-20", *LEDGER]) == 0
    assert packed("--all", output="rest") == 0
    assert not Path("rest/tier-two-2026-10").exists()
    claims = listed(capsys)
    assert claims["tier-two"]["state"] == "filed"
    ready = [str(each["number"]) for each in claims.values() if each["state"] == "ready"]
    assert len(ready) == 6
    assert run(["claim", "file", *ready, "--as-of", "2026-11-20", *LEDGER]) == 0
    assert packed("--all", output="none") == 2
    assert "all that can be claimed was filed or withdrawn" in capsys.readouterr().err
    assert packed("--account", "tier-two", "--edition", "2", output="again") == 0


def test_a_claim_that_is_worth_something_else_now_needs_another_edition(capsys: Any) -> None:
    assert packed("--account", "tier-two") == 0
    note(Path("claims.db"), found("tier-two", "180.00"))
    claim = listed(capsys)["tier-two"]
    assert (claim["worth"], claim["pack_claims"]) == ("180.00", "360.00")
    run(["claim", "show", "1", "--as-of", "2026-11-20", *LEDGER])
    assert "the pack of 2026-11-20 claims 360.00: make another edition" in capsys.readouterr().out


def test_a_run_that_is_refused_notes_nothing() -> None:
    Path("claims/tier-two-2026-10").mkdir(parents=True)
    assert packed("--account", "tier-two") == 2
    assert not Path("claims.db").exists()


def test_where_it_cannot_be_noted_no_pack_appears(capsys: Any) -> None:
    note_as_if_in_euros(Path("claims.db"), "tier-two")
    assert packed("--account", "tier-two") == 2
    assert "is in EUR" in capsys.readouterr().err
    assert not Path("claims").exists()


def test_what_has_appeared_is_gone_where_noting_it_fails_at_the_end(folder: Path) -> None:
    @contextmanager
    def full_disk() -> Iterator[None]:
        yield
        assert (folder / "claims" / "one").is_dir()
        raise InputError(Problem("claims.db", "cannot be written to", "Make room."))

    with pytest.raises(InputError):
        write_anew(folder / "claims", [("one", {"a": b"1"}), ("one.zip", b"2")], full_disk)
    assert not (folder / "claims").exists()
