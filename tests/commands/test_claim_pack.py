"""Claim packs: who can claim, what is enclosed, what the letters say, and that all of it follows from the evidence."""

from __future__ import annotations

import csv
import gc
import io
import json
import random
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pypdfium2
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.commands.audit import basis_of, by_account, report_on
from sla_audit.commands.claim_pack import make
from sla_audit.commands.claim_pack.enclosed import read_enclosed
from sla_audit.commands.claim_pack.gathered import evidence
from sla_audit.commands.claim_pack.make import folder_of
from sla_audit.commands.rows import RowsAsked, kept_rows
from sla_audit.contract.load import BUILT_IN, contract_file
from sla_audit.judge.period import Period
from sla_audit.model.month import Month
from sla_audit.pack.manifest import AGREEMENT, CONTENTS, LETTERS, MANIFEST, SEAL, sha256
from sla_audit.report.letter.parties import reference
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.sent_again import sent_again
from tests.builders.worlds import SLOW, World, request_of, worlds
from tests.program import ROOT

OCTOBER = Period(Month(2026, 10), Month(2026, 10))
PARTIES = {
    "claimant": "杭州示例科技有限公司",
    "claimant_address": "1 Example Road, Hangzhou",
    "contact": "sla@example.com",
    "signatory": "Wang Xiaoming",
    "provider": "Cloud Co. <Ltd> & *Sons*",
    "provider_address": "Beijing",
}


@settings(SLOW, max_examples=30)
@given(worlds, st.sampled_from(["literal", "broad"]), st.booleans(), st.integers(0, 1 << 32))
def test_the_report_follows_from_the_evidence(world: World, reading: str, all_rows: bool, seed: int) -> None:
    chance = random.Random(seed)
    world = replace(world, rows=sent_again(world.rows, chance))
    with TemporaryDirectory() as name:
        folder = Path(name)
        request = request_of(world, folder, reading, OCTOBER, chance)
        request = replace(request, logs=replace(request.logs, engine=LocalThreads(2)), daily=True)
        accounts = frozenset(row.account_id for row in world.rows)
        with kept_rows(request, RowsAsked("", but_plain=not all_rows), accounts) as traced:
            basis = basis_of(request, None, traced)
            whole = report_on(request, basis)
            keys = by_account(basis.counted.tally, basis.facts, request.contract)
            for account in sorted(accounts):
                gathered = evidence(request, basis, keys, account, all_rows=all_rows, pseudonyms=None, whole=whole)
                enclosed = read_enclosed({AGREEMENT: contract_file(BUILT_IN), **gathered.files}, gathered.terms)
                expected = whole.report.results.filter(pl.col("account_id") == account)
                found = enclosed.report(replace(whole.coverage, strays=())).results
                if expected["requests"].sum():
                    assert found.equals(expected.select(found.columns))
                told = enclosed.told()
                assert told.equals(enclosed.rows.select(told.columns))
                assert not (all_rows and enclosed.answered.height)


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packs of the sample month."""
    folder = tmp_path_factory.mktemp("packs")
    assert made(folder / "claims", "--all", **PARTIES) == 0
    return folder / "claims"


def made(folder: Path, *arguments: str, **said: str) -> int:
    options = [each for name, text in said.items() for each in (f"--{name.replace('_', '-')}", text)]
    config = str(ROOT / "sample_logs" / "sla-audit.toml")
    return run(["claim", "pack", "--config", config, "-o", str(folder), "--quiet", *arguments, *options])


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_account_that_can_claim_has_a_folder_and_a_zip_of_the_same(packs: Path) -> None:
    expected = json.loads((ROOT / "sample_logs" / "expected.json").read_bytes())
    owed = {result["account_id"]: result for result in expected["results"] if result["decision"] == "owed"}
    assert {path.name for path in packs.iterdir() if path.is_dir()} == {f"{account}-2026-10" for account in owed}
    for account, result in owed.items():
        files = content_of(packs / f"{account}-2026-10")
        assert set(files) == {*CONTENTS, *LETTERS, MANIFEST, SEAL}
        with zipfile.ZipFile(packs / f"{account}-2026-10.zip") as archive:
            assert {f"{account}-2026-10/{name}": content for name, content in files.items()} == {
                name: archive.read(name) for name in archive.namelist()
            }
        (found,) = json.loads(files["report.json"])["results"]
        assert {name: found[name] for name in result if name not in {"daily", "failures", "without"}} == {
            name: value for name, value in result.items() if name not in {"daily", "failures", "without"}
        }


def test_the_same_inputs_give_the_same_bytes(packs: Path, tmp_path: Path) -> None:
    assert made(tmp_path / "again", "--all", **PARTIES) == 0
    assert content_of(tmp_path / "again") == content_of(packs)
    assert made(tmp_path / "again", "--all", **PARTIES) == 0  # what is there already is the same


def test_what_a_pack_took_is_let_go_before_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = list[int]()

    def counted(*given: Any) -> make.MadePack:
        held.append(len(gc.get_objects()))
        return one_pack(*given)

    one_pack = make._pack
    monkeypatch.setattr(make, "_pack", counted)
    gc.disable()
    try:
        assert made(tmp_path, "--all") == 0
    finally:
        gc.enable()
    assert len(held) > 3
    assert held[-1] - held[1] < 500 * (len(held) - 2)  # of some 3,000 in circles


def test_a_pack_that_is_there_is_not_overwritten(packs: Path, tmp_path: Path, capsys: Any) -> None:
    shutil.copytree(packs, tmp_path / "claims")
    before = content_of(tmp_path / "claims")
    assert made(tmp_path / "claims", "--all", **PARTIES | {"contact": "another"}) == 2
    assert "is there already, and is another" in capsys.readouterr().err
    assert content_of(tmp_path / "claims") == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_form_of_the_letter_says_the_claim(packs: Path, language: str) -> None:
    files = content_of(packs / "tier-two-2026-10")
    manifest = sha256(files[MANIFEST])
    docx = Document(io.BytesIO(files[f"letter.{language}.docx"]))
    cells = [cell.text for table in docx.tables for row in table.rows for cell in row.cells]
    pdf = pypdfium2.PdfDocument(files[f"letter.{language}.pdf"])
    assert len(pdf) <= 2
    texts = {
        "md": files[f"letter.{language}.md"].decode().replace("\\", ""),
        "docx": "\n".join([*(each.text for each in docx.paragraphs), *cells]),
        "pdf": "\n".join(page.get_textpage().get_text_bounded() for page in pdf),
    }
    listed = [each["sha256"] for each in json.loads(files[MANIFEST])["files"]]
    number = reference(BUILT_IN, "tier-two", "2026-10", 1)
    for form, text in texts.items():
        said = ["360.00", "92.0000", "2.10.2", "2.10.1", "2026-11-30", "2026-11-20", number, manifest, *listed]
        said += [PARTIES["provider"], PARTIES["claimant_address"], "tier-two", "M-1012"]
        missing = [each for each in said if each not in text.replace("\r\n", "\n")]
        assert not missing, form


def test_what_is_not_given_is_marked_in_the_letter(tmp_path: Path) -> None:
    assert made(tmp_path / "claims", "--account", "tier-two") == 0
    text = (tmp_path / "claims" / "tier-two-2026-10" / "letter.en.md").read_text("utf-8").replace("\\", "")
    assert text.count("[TO FILL IN: ") == 7
    chinese = (tmp_path / "claims" / "tier-two-2026-10" / "letter.zh.md").read_text("utf-8")
    assert chinese.count("【请填写：") == 7


def test_who_claims_may_stand_in_the_config(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sample_logs", tmp_path / "sample")
    config = tmp_path / "sample" / "sla-audit.toml"
    config.write_text(config.read_text("utf-8") + '\n[claim]\nclaimant = "Acme"\nprovider = "Cloud"\n', "utf-8")
    folder = str(tmp_path / "claims")
    assert run(["claim", "pack", "--config", str(config), "--account", "tier-two", "-o", folder, "--quiet"]) == 0
    assert json.loads((tmp_path / "claims" / "tier-two-2026-10" / "letter.json").read_bytes())["claimant"] == "Acme"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--account", "tier-two", "--as-of", "2026-11-02"], "claims for 2026-10 open on 2026-11-05"),
        (["--account", "tier-two", "--as-of", "2026-12-01"], "claims for 2026-10 closed after 2026-11-30"),
        (["--account", "announced-works"], "nothing is owed for it: objective met"),
        (["--account", "no-billing"], "cannot be told: no row in the billing file"),
        (["--account", "tier-tow"], "Near it are: 'tier-two'"),
        (["--all", "--as-of", "2026-12-01"], "no account can claim: claims for 2026-10 closed"),
        (["--all", "--account", "tier-two"], "--account ID, or --all"),
        ([], "--account ID, or --all"),
        (["--all", "--cycle", "all"], "expected one month"),
        (["--all", "--font", "README.md"], "cannot be used"),
        (["--all", "--sign", "no-such-key"], "ssh-keygen does not sign with it"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_written(
    tmp_path: Path, capsys: Any, arguments: list[str], said: str
) -> None:
    assert made(tmp_path / "claims", *arguments) == 2
    assert said in capsys.readouterr().err.replace("\n", " ")
    assert not (tmp_path / "claims").exists()


def test_every_row_can_be_enclosed(tmp_path: Path) -> None:
    assert made(tmp_path / "claims", "--account", "tier-two", "--all-rows") == 0
    files = content_of(tmp_path / "claims" / "tier-two-2026-10")
    rows = list(csv.DictReader(io.StringIO(files["rows.csv"].decode())))
    assert sum(row["class"] in {"success", "explicit_failure", "excluded"} for row in rows) == 200
    assert len(files["answered.csv"].splitlines()) == 1
    assert run(["verify", str(tmp_path / "claims" / "tier-two-2026-10"), "--quiet"]) == 0


class TestPseudonyms:
    def test_they_hide_the_account_and_stay_the_same(self, tmp_path: Path) -> None:
        key = tmp_path / "key"
        logs = tmp_path / "tier-two"
        shutil.copytree(ROOT / "sample_logs" / "logs", logs)
        for name in ("one", "two"):
            arguments = [str(logs), "--account", "tier-two", "--pseudonymise", str(key)]
            assert made(tmp_path / name, *arguments) == 0
        assert content_of(tmp_path / "one") == content_of(tmp_path / "two")
        assert key.stat().st_mode & 0o077 == 0
        (folder,) = (path for path in (tmp_path / "one").iterdir() if path.is_dir())
        for path, content in content_of(tmp_path / "one").items():
            assert b"tier-two" not in content, path
        assert run(["verify", str(folder), "--quiet"]) == 0
        assert run(["verify", str(folder), str(logs), "--account", "tier-two", "--quiet"]) == 0
        assert run(["verify", str(folder), str(logs), "--account", "tier-three", "--quiet"]) == 1

    def test_a_short_key_is_refused(self, tmp_path: Path, capsys: Any) -> None:
        (tmp_path / "key").write_text("secret")
        assert made(tmp_path / "claims", "--all", "--pseudonymise", str(tmp_path / "key")) == 2
        assert "too short for a key" in capsys.readouterr().err


@pytest.mark.parametrize(
    "account", ["../../etc/passwd", "a/b", "", ".", "..", "CON", "企业", "a" * 500, "-x", "A", "a b"]
)
def test_a_folder_has_a_name_that_is_one(account: str) -> None:
    name = folder_of(account, "2026-10")
    assert name.endswith("-2026-10")
    assert len(name) < 100
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert name[0] not in "._-"


def test_different_accounts_have_different_folders() -> None:
    accounts = ["a b", "a-b", "a/b", "A", "a", "企业", "行业", "", "account"]
    assert len({folder_of(account, "2026-10").lower() for account in accounts}) == len(accounts)


def test_the_letter_is_dated_as_the_audit(packs: Path) -> None:
    files = content_of(packs / "tier-two-2026-10")
    assert b"(D:20261120000000" in files["letter.en.pdf"]
    assert Document(io.BytesIO(files["letter.en.docx"])).core_properties.created.date() == date(2026, 11, 20)
