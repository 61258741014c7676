"""Claim packs of accounts that the logs have under several keys, one of which changes hands within the month."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sla_audit.cli.main import run

NAMES = ("acme-ltd", "other-inc", "key-one", "key-two", "key-three")
STATUSES = [200] * 7 + [502, 404, 500]
FACTS = {
    "accounts": "account_id,plan,applied_on,expires_on\nacme-ltd,paid,2025-01-01,\nother-inc,paid,2025-01-01,\n",
    "billing": "account_id,cycle,service_fee,cash_paid\n"
    "acme-ltd,2026-10,1000.00,900.00\nother-inc,2026-10,500.00,400.00\n",
    "exclusions": "id,clause,starts_at,ends_at,notified_at,accounts,note\n"
    "M-1,1,2026-10-03T00:00:00+08:00,2026-10-04T00:00:00+08:00,2026-10-01T00:00:00+08:00,acme-ltd,works for acme-ltd\n",
    "alias": "key,account,from,to\nkey-one,acme-ltd,,\nkey-two,acme-ltd,,2026-10-15\nkey-two,other-inc,2026-10-16,\n"
    "key-three,other-inc,,\n",
}
WITHOUT_ALIAS = ("accounts", "billing", "exclusions")


def lines() -> Iterator[str]:
    yield "timestamp,account_id,status,request_id"
    number = 0
    for day in range(1, 32):
        for hour in range(0, 24, 2):
            key = NAMES[2 + number % 3]
            yield f"2026-10-{day:02}T{hour:02}:30:00+08:00,{key},{STATUSES[number * 7 % 10]},r-{number}"
            if number % 11 == 0:  # and logged again
                yield f"2026-10-{day:02}T{hour:02}:30:00+08:00,{key},{STATUSES[number * 7 % 10]},r-{number}"
            number += 1


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text("\n".join(lines()) + "\n", "utf-8")
    for name, text in FACTS.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    return tmp_path


def facts(*names: str) -> list[str]:
    return [each for name in names or FACTS for each in (f"--{name}", f"{name}.csv")]


def packed(*arguments: str) -> int:
    said = ["--cycle", "2026-10", "--as-of", "2026-11-20", "-o", "claims", "--quiet"]
    return run(["claim", "pack", "logs", *facts(), *said, *arguments])


def verified(capsys: Any, *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run(["verify", *arguments, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("account", ["acme-ltd", "other-inc"])
def test_the_pack_has_what_every_key_of_the_account_did_while_it_was_its_own(
    folder: Path, capsys: Any, account: str
) -> None:
    assert packed("--all") == 0
    pack = folder / "claims" / f"{account}-2026-10"
    (result,) = json.loads((pack / "report.json").read_bytes())["results"]
    inputs = ["logs", *facts("alias", *WITHOUT_ALIAS), "--cycle", "2026-10", "--as-of", "2026-11-20"]
    assert run(["rows", *inputs, "--account", account, "-o", "rows.csv", "--quiet"]) == 0
    rows = pl.read_csv("rows.csv", infer_schema=False)
    assert rows.filter(pl.col("class") != "duplicate").height == result["requests"]
    enclosed = list(csv.DictReader(io.StringIO((pack / "rows.csv").read_text("utf-8"))))
    kept = rows.filter(pl.col("status") != "200")  # which says nothing else, and is counted by day
    said = ("file", "place", "request_id", "class", "key")
    assert [tuple(row[name] for name in said) for row in enclosed] == kept.select(said).rows()
    own = {"acme-ltd": {"key-one", "key-two"}, "other-inc": {"key-two", "key-three"}}
    assert {row["key"] for row in enclosed} == own[account]
    assert verified(capsys, str(pack))[0] == 0


def test_one_by_itself_is_the_same_as_of_all(folder: Path) -> None:
    assert packed("--all") == 0
    before = {path: path.read_bytes() for path in (folder / "claims").rglob("*") if path.is_file()}
    assert packed("--account", "acme-ltd") == 0
    assert {path: path.read_bytes() for path in (folder / "claims").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("account", ["acme-ltd", "other-inc"])
def test_the_other_side_counts_the_keys_with_its_own_alias_file(folder: Path, capsys: Any, account: str) -> None:
    assert packed("--all") == 0
    pack = str(folder / "claims" / f"{account}-2026-10.zip")
    code, found = verified(capsys, pack, "logs", "--alias", "alias.csv")
    assert (code, found["counted_again"]) == (0, found["counted_again"] | {"equal": True, "differences": []})
    code, found = verified(capsys, pack, "logs", *facts())
    assert (code, found["counted_again"]["equal"]) == (0, True)
    code, found = verified(capsys, pack, "logs")
    assert (code, found["sound"], found["counted_again"]["equal"]) == (1, True, False)
    (folder / "alias.csv").write_text(FACTS["alias"].replace("2026-10-15", "2026-10-10"), "utf-8")
    code, found = verified(capsys, pack, "logs", "--alias", "alias.csv")
    assert (code, found["counted_again"]["equal"]) == (1 if account == "acme-ltd" else 0, account != "acme-ltd")


def test_pseudonyms_hide_accounts_and_keys(folder: Path, capsys: Any) -> None:
    assert packed("--all", "--pseudonymise", "secret") == 0
    for path in (folder / "claims").rglob("*"):
        shown = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        assert not [name for name in NAMES if name.encode() in shown], path
    packs = [str(path) for path in (folder / "claims").glob("*.zip")]
    assert [verified(capsys, pack)[0] for pack in packs] == [0, 0]
    equal = [
        [verified(capsys, pack, "logs", "--alias", "alias.csv", "--account", account)[0] for pack in packs]
        for account in NAMES[:2]
    ]
    assert sorted(equal) == [[0, 1], [1, 0]]
    equal = [
        [verified(capsys, pack, "logs", *facts(), "--account", account)[0] for pack in packs] for account in NAMES[:2]
    ]
    assert sorted(equal) == [[0, 1], [1, 0]]
