"""Keys of the logs that stand for accounts: day by day, in logs and in tallies; what matches nothing stays in sight."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.errors import InputError
from sla_audit.intake.facts.aliases import read_aliases
from sla_audit.intake.facts.form import AliasForm
from sla_audit.judge.allocation.aliases import aliased
from sla_audit.model.tally import OUTCOME, SLOT, Tally
from tests.program import sla_audit

FIRST = date(2026, 10, 1)
DAYS = [FIRST + timedelta(days=at) for at in range(12)]
HEADER = "key,account,from,to\n"


class Alias(NamedTuple):
    key: str
    account: str
    first: date | None = None
    end: date | None = None

    def holds(self, key: str, day: date) -> bool:
        return self.key == key and (self.first or day) <= day and (self.end is None or day < self.end)


@st.composite
def alias_files(draw: st.DrawFn) -> list[Alias]:
    """Draw aliases of which none overlap, in any order; accounts may be keys too."""
    found = []
    for key in ("k1", "k2", "a"):
        edges = sorted(draw(st.sets(st.integers(0, 12), max_size=6)))
        for first, end in zip(edges[::2], edges[1::2], strict=False):
            found.append(
                Alias(key, draw(st.sampled_from(["a", "b", "k2"])), FIRST + timedelta(first), FIRST + timedelta(end))
            )
        if not edges and draw(st.booleans()):
            found.append(Alias(key, draw(st.sampled_from(["a", "b", "k2"]))))
    return draw(st.permutations(found))


def frame(aliases: Sequence[Alias]) -> pl.DataFrame:
    schema = {"key": pl.String, "account": pl.String, "from": pl.Date, "to": pl.Date}
    return pl.DataFrame(list(aliases), schema=schema, orient="row")


counts = st.lists(
    st.tuples(st.sampled_from(["k1", "k2", "a", "x"]), st.integers(0, 11), st.integers(0, 1), st.integers(1, 9)),
    unique_by=lambda count: count[:3],
)


@given(alias_files(), counts)
def test_requests_are_those_of_the_account_of_their_day(
    aliases: list[Alias], rows: list[tuple[str, int, int, int]]
) -> None:
    keys = sorted({key for key, *_ in rows}, reverse=True)
    tally = Tally(
        pl.DataFrame({"account_id": keys}, schema={"account_id": pl.String}),
        pl.DataFrame([(at, at + 1) for at in range(12)], schema=SLOT, orient="row"),
        pl.DataFrame(
            [(status, False, False, False, None, None, None, None, False) for status in (200, 502)],
            schema=OUTCOME,
            orient="row",
        ),
        pl.DataFrame(
            [(keys.index(key), slot, outcome, requests) for key, slot, outcome, requests in rows],
            schema={"account": pl.UInt32, "slot": pl.UInt32, "outcome": pl.UInt32, "requests": pl.Int64},
            orient="row",
        ),
    )
    result = aliased(tally, pl.Series(DAYS), frame(aliases))

    wanted: Counter[tuple[str, int, int]] = Counter()
    unmatched: Counter[str] = Counter()
    for key, slot, outcome, requests in rows:
        accounts = [alias.account for alias in aliases if alias.holds(key, DAYS[slot])]
        assert len(accounts) <= 1
        wanted[accounts[0] if accounts else key, slot, outcome] += requests
        unmatched[key] += 0 if accounts else requests
    ids = result.tally.accounts["account_id"].to_list()
    found = {
        (ids[account], slot, outcome): requests for account, slot, outcome, requests in result.tally.counts.iter_rows()
    }
    assert found == wanted
    assert result.tally.counts.height == len(wanted)
    assert set(ids) == {account for account, *_ in wanted}
    listed = dict(result.unmatched.group_by("key").agg(pl.col("requests").sum()).iter_rows())
    assert listed == {key: requests for key, requests in unmatched.items() if requests}
    assert result.matched["requests"].sum() + result.unmatched["requests"].sum() == tally.requests


WRONG: dict[str, tuple[str, list[str]]] = {
    "a key twice": (
        "k,a,,\nk,b,,\n",
        [
            "alias.csv, line 3: key 'k', from the beginning on, but line 2 has the same key, from the beginning on; "
            "expected one account for a key on each day"
        ],
    ),
    "a key twice on one day": (
        "k,a,,2026-10-11\nk,b,2026-10-10,\n",
        [
            "alias.csv, line 3: key 'k', from 2026-10-10 on, but line 2 has the same key, from the beginning to the "
            "end of 2026-10-10; expected one account for a key on each day"
        ],
    ),
    "the same twice": (
        "k,a,2026-10-01,\nk,a,2026-10-01,\n",
        [
            "alias.csv, line 3: key 'k', from 2026-10-01 on, but line 2 has the same key, from 2026-10-01 on; expected "
            "one account for a key on each day"
        ],
    ),
    "no account, no key": (
        "k,,,\n-,a,,\n",
        [
            "alias.csv, line 2: account is empty; expected the account's id, and no word for none such as '-' or NULL",
            "alias.csv, line 3: key is '-'; expected the account's id, and no word for none such as '-' or NULL",
        ],
    ),
    "no days": (
        "k,a,soon,2026/10/1\n",
        [
            "alias.csv, line 2: from is 'soon'; expected a date such as 2026-10-09, or nothing",
            "alias.csv, line 2: to is '2026/10/1'; expected a date such as 2026-10-09, or nothing: write 2026-10-01, "
            'or set dates = "2026/10/1" in [facts.alias] of the config',
        ],
    ),
    "no day at all": (
        "k,a,2026-10-01,2026-10-01\n",
        ["alias.csv, line 2: to is '2026-10-01'; expected a day after from, which is not in it"],
    ),
}


@pytest.mark.parametrize(("rows", "expected"), WRONG.values(), ids=WRONG)
def test_aliases_that_are_wrong_are_refused(tmp_path: Path, rows: str, expected: list[str]) -> None:
    path = tmp_path / "alias.csv"
    path.write_text(HEADER + rows)
    with pytest.raises(InputError) as refused:
        read_aliases(path)
    assert [str(each).replace(f"{tmp_path.as_posix()}/", "") for each in refused.value.problems] == expected


def test_aliases_in_other_words(tmp_path: Path) -> None:
    path = tmp_path / "alias.csv"
    path.write_text("域名;账号;from;to\nk;a;2026/10/1;\nk;b;;2026/10/1\n")
    form = AliasForm(delimiter=";", columns={"key": "域名"}, dates="2026/10/31")
    assert read_aliases(path, form).rows() == [("k", "a", FIRST, None), ("k", "b", None, FIRST)]


LOG = "timestamp,account_id,status,content_flag\n" + "".join(
    f"2026-10-{day:02}T23:59:{at:02}+08:00,{key},{502 if at < failed else 200},\n"
    for day in range(1, 32)
    for key, failed in (("api.acme.example", 2), ("acme", 0), ("API.beta.example", 1), ("scanner", 3))
    for at in range(10)
)
ALIASES = HEADER + (
    "api.acme.example,acme,,2026-10-16\napi.acme.example,beta,2026-10-16,\napi.beta.example,beta,,\nidle.example,acme,,\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log.csv").write_text(LOG)
    (tmp_path / "alias.csv").write_text(ALIASES)
    (tmp_path / "billing.csv").write_text(
        "account_id,cycle,service_fee,cash_paid\nacme,2026-10,1000.00,900.00\nbeta,2026-10,1000.00,900.00\n"
    )
    return tmp_path


def audited(folder: Path, logs: str, *options: str) -> dict[str, Any]:
    facts = ("--alias", "alias.csv", "--billing", "billing.csv", "--as-of", "2026-11-20", "--cycle", "2026-10")
    ran = sla_audit("compute", logs, *facts, "-o", "report.json", *options, folder=folder)
    assert ran.returncode == 0, ran.stderr
    return json.loads((folder / "report.json").read_text())  # type: ignore[no-any-return]


def figures(report: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {each["account_id"]: (each["requests"], each["explicit_failure"]) for each in report["results"]}


WANTED = {"acme": (310 + 150, 30), "beta": (160, 32), "API.beta.example": (310, 31), "scanner": (310, 93)}


def test_an_audit_by_alias(folder: Path) -> None:
    report = audited(folder, "logs")
    assert figures(report) == WANTED
    assert report["reconciliation"]["alias"] == {
        "given": 3,
        "in_logs": 1,
        "not_in_logs": {
            "count": 2,
            "near": 1,
            "listed": [
                {"name": "api.beta.example", "nearest": "API.beta.example", "differs_by": "letter_case"},
                {"name": "idle.example", "nearest": None, "differs_by": None},
            ],
        },
        "lacks": {
            "count": 3,
            "near": 1,
            "listed": [
                {"name": "API.beta.example", "nearest": "api.beta.example", "differs_by": "letter_case"},
                {"name": "acme", "nearest": None, "differs_by": None},
                {"name": "scanner", "nearest": None, "differs_by": None},
            ],
        },
    }
    assert [each for each in report["warnings"] if "keys of the" in each] == [
        "keys of the alias file that have no requests, and may be keys of the logs, spelt otherwise: "
        "'api.beta.example' for 'API.beta.example' (they differ by capitals)",
        "keys of the logs that match nothing in the alias file, and stand for themselves: 'API.beta.example', 'acme', "
        "'scanner'",
    ]
    again = sla_audit("render", "report.json", "-o", "again.json", folder=folder)
    assert again.returncode == 0, again.stderr
    assert (folder / "again.json").read_bytes() == (folder / "report.json").read_bytes()
    (folder / "report.json").write_text((folder / "report.json").read_text().replace('"in_logs": 1', '"in_logs": 2'))
    assert "reconciliation.alias.given is 3" in sla_audit("render", "report.json", "-o", "x.json", folder=folder).stderr


def test_tallies_are_of_keys_and_audited_by_alias(folder: Path) -> None:
    made = sla_audit("tally", "logs", "-o", "october.tally.parquet", folder=folder)
    assert made.returncode == 0, made.stderr
    assert figures(audited(folder, "october.tally.parquet")) == WANTED


def test_an_account_is_explained_by_all_its_keys(folder: Path) -> None:
    asked = ("--alias", "alias.csv", "--account", "beta", "--cycle", "2026-10", "--format", "json")
    ran = sla_audit("explain", "logs", *asked, folder=folder)
    assert ran.returncode == 0, ran.stderr
    assert sum(step["requests"] for step in json.loads(ran.stdout)["steps"]) == 160


def test_a_config_may_name_the_aliases(folder: Path) -> None:
    (folder / "alias.csv").write_text(ALIASES.replace("2026-10-16", "2026/10/16"))
    (folder / "sla-audit.toml").write_text(
        'logs = ["logs"]\nalias = "alias.csv"\ncycle = "2026-10"\n[facts.alias]\ndates = "2026/10/31"\n'
    )
    ran = sla_audit("compute", "--config", "sla-audit.toml", "-o", "-", folder=folder)
    assert ran.returncode == 0, ran.stderr
    assert figures(json.loads(ran.stdout)) == WANTED
