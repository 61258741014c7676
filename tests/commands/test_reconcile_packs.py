"""A claim pack as a side: it agrees with the logs that it is from, and what differs from others is found."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.commands.audit import Request, basis_of, by_account, report_on
from sla_audit.commands.claim_pack.enclosed import Enclosed, read_enclosed
from sla_audit.commands.claim_pack.gathered import evidence
from sla_audit.commands.rows import RowsAsked, kept_rows
from sla_audit.commands.two_sides.compare import compare
from sla_audit.commands.two_sides.packed_side import packed_side
from sla_audit.commands.two_sides.side import count_side
from sla_audit.contract.load import BUILT_IN, contract_file
from sla_audit.pack.manifest import AGREEMENT
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.examples import costly
from tests.builders.worlds import World, worlds
from tests.commands.test_reconcile import OCTOBER, asked, assert_whole, of_report, otherwise
from tests.program import ROOT

SAMPLE = ROOT / "sample_logs"
ACCOUNT, PACK = "tier-two", "tier-two-2026-10"


@contextmanager
def packed(request: Request, accounts: Sequence[str], *, all_rows: bool) -> Iterator[dict[str, Enclosed]]:
    """Enclose evidence of accounts, whether they can claim or not."""
    request = replace(request, logs=replace(request.logs, engine=LocalThreads(2)), daily=True)
    with kept_rows(request, RowsAsked("", but_plain=not all_rows), frozenset(accounts)) as traced:
        basis = basis_of(request, None, traced)
        whole = report_on(request, basis)
        keys = by_account(basis.counted.tally, basis.facts, request.contract)
        found = {}
        for account in accounts:
            gathered = evidence(request, basis, keys, account, all_rows=all_rows, pseudonyms=None, whole=whole)
            found[account] = read_enclosed({AGREEMENT: contract_file(BUILT_IN), **gathered.files}, gathered.terms)
        yield found


@costly(8)
@given(worlds, st.booleans(), st.integers(0, 1 << 32))
def test_packs_agree_with_their_logs_and_differ_from_others_by_what_moves(
    world: World, all_rows: bool, seed: int
) -> None:
    chance = random.Random(seed)
    named = [replace(row, request_id=f"r{at}" if chance.random() < 0.8 else None) for at, row in enumerate(world.rows)]
    changed = replace(world, rows=otherwise(named, chance))
    accounts = sorted({row.account_id for row in named})
    with TemporaryDirectory() as name:
        ours = asked(Path(name) / "ours", replace(world, rows=named), world.windows, chance)
        theirs = asked(Path(name) / "theirs", changed, world.windows, chance)
        with packed(theirs, accounts, all_rows=all_rows) as packs, packed(ours, accounts, all_rows=False) as own:
            for account in accounts:
                results = [of_report(side, account) for side in (ours, theirs)]
                # Without a request no pack is made, as nothing can be claimed: it could not tell that others have some.
                if results == [None, None] or not (packs[account].tally.requests and own[account].tally.requests):
                    continue
                pack = packed_side(packs[account], theirs)
                our_logs, their_logs = (count_side(side, account, OCTOBER) for side in (ours, theirs))
                if results[1] is not None:
                    assert compare(their_logs, pack).agree
                    assert compare(pack, their_logs).agree
                found = compare(our_logs, pack)
                assert_whole(found, results)
                assert found.unlisted == (("theirs",) if pack.answered.height else ())
                assert_whole(compare(packed_side(own[account], ours), pack), results)


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pack of the sample month, as it is, and with a pseudonym."""
    folder = tmp_path_factory.mktemp("claims")
    asked_for = ["claim", "pack", "--config", str(SAMPLE / "sla-audit.toml"), "--account", ACCOUNT, "--quiet"]
    assert run([*asked_for, "-o", str(folder)]) == 0
    assert run([*asked_for, "-o", str(folder / "hidden"), "--pseudonymise", str(folder / "key")]) == 0
    return folder


@pytest.fixture
def pack(claims: Path, tmp_path: Path) -> Path:
    """A copy of the pack, to be changed."""
    shutil.copytree(claims / PACK, tmp_path / PACK)
    return tmp_path / PACK


def reconciled(*arguments: str | Path, account: str = ACCOUNT) -> int:
    options = ["--config", str(SAMPLE / "sla-audit.toml"), "--account", account]
    return run(["reconcile", *options, *map(str, arguments)])


def test_a_pack_agrees_with_the_logs_that_it_is_from(claims: Path, capsys: Any) -> None:
    for each in (claims / PACK, claims / f"{PACK}.zip"):
        assert reconciled(SAMPLE / "logs", each) == 0
        assert "Both sides agree." in capsys.readouterr().out
    assert reconciled(claims / PACK, SAMPLE / "expected.json") == 0


def test_facts_that_are_not_given_are_those_of_the_pack(claims: Path, capsys: Any) -> None:
    asked_for = ["--account", ACCOUNT, "--cycle", "2026-10", "--api", "/v1/compose", "--as-of", "2026-11-20"]
    assert run(["reconcile", str(SAMPLE / "logs"), str(claims / PACK), *asked_for]) == 0
    assert "360.00  360.00" in capsys.readouterr().out


def test_a_pack_with_a_pseudonym_is_of_whom_the_other_side_names(claims: Path, capsys: Any) -> None:
    (hidden,) = [path for path in (claims / "hidden").iterdir() if path.is_dir()]
    assert reconciled(SAMPLE / "logs", hidden) == 0
    assert reconciled(hidden, claims / PACK) == 0
    assert reconciled(claims / PACK, hidden, "--their-account", "whoever") == 0
    assert reconciled(SAMPLE / "logs", hidden, account="just-below") == 1
    assert "Theirs is 180.00 CNY more." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--account", "just-below"], "is a pack of 'tier-two', and this is about 'just-below'"),
        (["--their-account", "just-below"], "is a pack of 'tier-two', and this is about 'just-below'"),
        (["--cycle", "2026-09"], "is a pack of 2026-10, and this is about 2026-09"),
        (["--reading", "broad"], "Give --reading literal."),
        (["--api", "/v2/*"], "Give --api /v1/compose."),
    ],
)
def test_a_pack_of_something_else_is_refused(claims: Path, options: list[str], said: str, capsys: Any) -> None:
    assert reconciled(SAMPLE / "logs", claims / PACK, *options) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["rows.csv", "answered.csv", "report.json", "facts.json", "manifest.json", "letter.en.md"]
)
def test_a_pack_that_was_changed_is_refused_by_name(pack: Path, name: str, capsys: Any) -> None:
    content = (pack / name).read_bytes()
    (pack / name).write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    assert reconciled(SAMPLE / "logs", pack, "-o", pack.parent / "fresh.json") == 2
    assert f"error: {pack.as_posix()}: {name}" in capsys.readouterr().err
    assert not (pack.parent / "fresh.json").exists()
    (pack / name).unlink()
    assert reconciled(pack, SAMPLE / "logs") == 2
    assert f"error: {pack.as_posix()}: {name}: is missing" in capsys.readouterr().err


def test_a_zip_that_was_changed_is_refused_by_name(claims: Path, tmp_path: Path, capsys: Any) -> None:
    content = (claims / f"{PACK}.zip").read_bytes()
    path = tmp_path / f"{PACK}.zip"
    for changed in (content[:-30], content[:1000] + bytes([content[1000] ^ 1]) + content[1001:], content + b"\n"):
        path.write_bytes(changed)
        assert reconciled(SAMPLE / "logs", path) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"error: {path.as_posix()}: ")
        assert said.count(path.as_posix()) == said.count("error: ")


def test_a_folder_of_packs_is_no_side(claims: Path, capsys: Any) -> None:
    assert reconciled(SAMPLE / "logs", claims) == 2
    assert f"Name one: {(claims / PACK).as_posix()}" in capsys.readouterr().err


def test_no_output_is_put_into_a_pack(pack: Path, capsys: Any) -> None:
    assert reconciled(SAMPLE / "logs", pack, "-o", pack / "differ.html") == 2
    assert "which would then not be sound" in capsys.readouterr().err
    assert not (pack / "differ.html").exists()


def test_requests_of_a_pack_are_found_in_logs_that_say_something_else(claims: Path, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE / "logs", tmp_path / "logs")
    path = tmp_path / "logs" / "2026-10-a.csv"
    log = pl.read_csv(path, infer_schema=False)
    own = log.filter(account_id=ACCOUNT, api="/v1/compose")
    failed = own.filter(pl.col("status").is_in(["502", "503", "504"]))["request_id"].to_list()[:3]
    answered = own.filter(status="200")["request_id"].to_list()[5:7]
    request = pl.col("request_id")
    log = log.filter(request != failed[0]).with_columns(
        status=pl.when(request == failed[1])
        .then(pl.lit("200"))
        .when(request == answered[0])
        .then(pl.lit("503"))
        .otherwise("status"),
        client_aborted=pl.when(request == failed[2]).then(pl.lit("true")).otherwise("client_aborted"),
    )
    log.filter(request != answered[1]).write_csv(path)
    assert reconciled(tmp_path / "logs", claims / PACK, "-o", tmp_path / "differ.csv", "-o", tmp_path / "d.json") == 1
    found = pl.read_csv(tmp_path / "differ.csv").select("request_id", "difference")
    assert dict(found.iter_rows()) == {
        failed[0]: "only_theirs",
        failed[1]: "other_ending",
        failed[2]: "other_ending",
        answered[0]: "only_ours",  # which the pack has among its answers
    }
    said = pl.read_json(tmp_path / "d.json")
    groups = said["differences"].explode().struct.unnest()
    unlisted = groups.filter(difference="only_theirs", theirs_class="success")
    assert unlisted["requests"].to_list() == [2]
    assert said["unlisted"].to_list() == [["theirs"]]
