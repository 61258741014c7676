"""Requests that came too soon after errors, from the file to the amount: months, rows, explanations, packs."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.commands.audit import Request, audit
from sla_audit.commands.count import Logs
from sla_audit.commands.rows import RowsAsked, rows
from sla_audit.judge.period import Period
from sla_audit.model.month import Month
from sla_audit.tally.local_threads import LocalThreads
from tests.builders import callers
from tests.builders.callers import FIRST, TERMS, ZONE, Row, contract_of
from tests.builders.elsewhere import small_tasks
from tests.builders.examples import costly
from tests.builders.runs import AS_OF, refused, report
from tests.oracles import repeats as oracle

OCTOBER = Period(Month(2026, 10), Month(2026, 10))
SAME = st.sampled_from([(), ("client",), ("api", "client")])
FEW = costly(40)


@contextmanager
def logged(listed: list[Row], chance: random.Random, *, aliases: bool) -> Iterator[tuple[Logs, Path | None]]:
    """Write rows into a folder of logs, and which account keys stand for beside it."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        callers.write(folder, listed, chance, again=True)
        alias = Path(name) / "alias.csv"
        alias.write_text(f"key,account,from,to\nA,B,,{FIRST + timedelta(days=1)}\n")
        engine = LocalThreads(2) if chance.random() < 0.7 else small_tasks()
        yield Logs((str(folder),), engine=engine), alias if aliases else None


@FEW
@given(
    callers.rows(),
    st.sampled_from(TERMS),
    SAME,
    st.booleans(),
    st.sampled_from([(), ("x",)]),
    st.randoms(use_true_random=False),
)
def test_of_each_row_it_is_said_whether_it_came_too_soon(
    listed: list[Row],
    terms: oracle.Terms,
    same: tuple[str, ...],
    aliases: bool,
    apis: tuple[str, ...],
    chance: random.Random,
) -> None:
    contract = contract_of(terms, same)
    told = callers.repeated(listed, terms, same, aliases=aliases, apis=apis or ("x", "y"))
    expected = {f"r{row.number}": is_one for row, is_one in zip(listed, told, strict=True)}
    with logged(listed, chance, aliases=aliases) as (logs, alias):
        found: dict[str, bool] = {}
        request = Request(contract, logs, date(2026, 11, 20), "literal", period=OCTOBER, alias=alias, apis=apis)
        results = audit(request).report.results
        for account in results["account_id"]:
            with rows(request, RowsAsked(account)) as behind:
                table = pl.concat(behind.tables)
            counted = table.filter(pl.col("class") != "duplicate")
            assert counted["request_id"].is_unique().all()
            assert counted.filter("repeated")["clause"].to_list() == [7] * counted["repeated"].sum()
            own = results.row(by_predicate=pl.col("account_id") == account, named=True)
            assert own["excluded"] == (counted["class"] == "excluded").sum()
            found |= dict(counted.select("request_id", "repeated").iter_rows())
    assert found == {name: is_one for name, is_one in expected.items() if name in found}
    of_service = {f"r{row.number}" for row in listed if not apis or row.api in apis}
    assert of_service <= set(found)


@FEW
@given(
    callers.rows(date(2026, 10, 1)),
    st.sampled_from(TERMS),
    SAME,
    st.sampled_from([None, "1min"]),
    st.randoms(use_true_random=False),
)
def test_a_month_is_judged_the_same_whichever_others_are_beside_it(
    listed: list[Row], terms: oracle.Terms, same: tuple[str, ...], interval: str | None, chance: random.Random
) -> None:
    contract = contract_of(terms, same, interval)
    with logged(listed, chance, aliases=False) as (logs, _):
        request = Request(contract, logs, date(2026, 11, 20), "literal")
        of_all = audit(request).report.results.filter(pl.col("cycle") == "2026-10")
        of_one = audit(Request(contract, logs, date(2026, 11, 20), "literal", period=OCTOBER)).report.results
    assert of_one.rows() == of_all.rows()
    told = callers.repeated(listed, terms, same)
    expected = Counter(
        row.account
        for row, is_one in zip(listed, told, strict=True)
        if is_one and row.at.astimezone(ZONE).date() >= date(2026, 10, 1)
    )
    left_out = Counter[str]()
    for result in of_all.iter_rows(named=True):
        for part in result["excluded_by_clause"] or []:
            left_out[result["account_id"]] += part["requests"] * (part["clause"] == 7)
    assert +left_out == expected


BACK_OFF = """
[repeats]
clause = "Back-off"
same = ["client"]
errors = ["5xx"]
wait = "1s"
factor = 2
most_wait = "4s"

[[classification]]
when = { repeated = true }
class = "excluded"
cause = 9

[[classification]]
when = { content_flag = true }"""
START = datetime.fromisoformat("2026-10-05T10:00:00+08:00")
SENT = [(0, 200), (10, 503), (10.4, 503), (12.4, 200), (20, 503), (20.2, 200), (30, 200), (31, 200), (32, 200)]
"""10.4 is sooner than a second after 10, and 12.4 is two after it: of 9 requests, 10.4 and 20.2 are left out."""


@pytest.fixture
def contract(folder: Path) -> str:
    """Write a log of one caller in October, and one in September that ends with an error; and the contract."""
    assert run(["contract", "new", "back-off.toml", "--from", "jdcloud-image-matting"]) == 0
    written = Path("back-off.toml").read_text(encoding="utf-8")
    assert written.count("[[classification]]\nwhen = { content_flag = true }") == 1
    written = written.replace("[[classification]]\nwhen = { content_flag = true }", BACK_OFF.strip())
    Path("back-off.toml").write_text(written, encoding="utf-8")
    lines = [
        f"{(START + timedelta(seconds=at)).isoformat(timespec='milliseconds')},acme,{status},c" for at, status in SENT
    ]
    head = "timestamp,account_id,status,client"
    Path("log.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    Path("billing.csv").write_text("account_id,cycle,service_fee,cash_paid\nacme,2026-10,100.00,100.00\n")
    return "back-off.toml"


def test_from_the_log_to_the_amount(contract: str, capsys: pytest.CaptureFixture[str]) -> None:
    """5 of 7 that are counted are answered: 71.4285 %, under 90 %: 60 % of 100.00."""
    assert run(["contract", "check", contract]) == 0
    found = report("log.csv", "--contract", contract, "--cycle", "2026-10", "--billing", "billing.csv")
    (result,) = found["results"]
    assert (result["success"], result["explicit_failure"]) == (5, 2)
    assert result["excluded"] == {"total": 2, "by_clause": {"9": 2}}
    assert (result["success_rate"], result["compensation"]) == ("0.714285", "60.00")
    assert {name: each["excluded"] for name, each in result["readings"].items()} == {"literal": 2, "broad": 2}
    asked = ["log.csv", "--contract", contract, "--cycle", "2026-10", "--account", "acme"]
    capsys.readouterr()
    assert run(["explain", *asked, "--as-of", AS_OF, "--quiet"]) == 0
    assert "- 2 excluded: the user's application or installation" in " ".join(capsys.readouterr().out.split())


def test_the_rows_say_it(contract: str) -> None:
    asked = ["log.csv", "--contract", contract, "--cycle", "2026-10", "--account", "acme", "--quiet", "--as-of", AS_OF]
    assert run(["rows", *asked, "-o", "rows.csv"]) == 0
    with Path("rows.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [int(row["place"].split()[1]) for row in listed if row["repeated"] == "true"] == [4, 7]
    assert {row["repeated"] for row in listed} == {"true", "false"}
    assert run(["explain", *asked, "--rows", "some.csv"]) == 0
    assert Path("some.csv").read_text(encoding="utf-8") == Path("rows.csv").read_text(encoding="utf-8")
    other = [each if each != contract else "jdcloud-image-matting" for each in asked]
    assert run(["rows", *other, "-o", "other.csv"]) == 0
    assert "repeated" not in Path("other.csv").read_text(encoding="utf-8")


def test_a_pack_has_all_rows_and_is_found_to_be_right(contract: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["log.csv", "--contract", contract, "--cycle", "2026-10", "--billing", "billing.csv"]
    claimed = ["--account", "acme", "--as-of", "2026-11-20", "--quiet", "-o", "packs"]
    assert run(["claim", "pack", *asked, *claimed]) == 0
    rows_of_pack = (Path("packs/acme-2026-10") / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows_of_pack) == 1 + len(SENT)
    assert run(["verify", "packs/acme-2026-10.zip", "--quiet"]) == 0
    assert run(["verify", "packs/acme-2026-10.zip", "log.csv", "--quiet"]) == 0
    Path("log.csv").write_text(Path("log.csv").read_text(encoding="utf-8").replace("10.400", "11.000"))
    assert run(["verify", "packs/acme-2026-10.zip", "log.csv", "--quiet"]) == 1


def test_tallies_are_refused(contract: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "tally", "log.csv", "--contract", contract, "-o", "log.tally.parquet")
    assert "asks how soon a request came after an error (Back-off), which counts do not tell" in told
    assert not Path("log.tally.parquet").exists()
    assert run(["tally", "log.csv", "-o", "log.tally.parquet", "--quiet"]) == 0
    told = refused(capsys, "compute", "log.tally.parquet", "--contract", contract, "--cycle", "2026-10")
    assert "which counts do not tell" in told
    assert "--keep client" not in told
    assert run(["check", "log.tally.parquet", "--contract", contract]) == 2
    assert "which counts do not tell" in " ".join(capsys.readouterr().out.split())
    told = refused(capsys, "compute", "log.tally.parquet", "--contract", contract, "--lang", "zh")
    assert "计数无法说明" in told


def test_an_error_of_the_eve_makes_the_first_of_the_month_wait(contract: str) -> None:
    lines = ["2026-09-30T23:59:59.500+08:00,acme,503,c", "2026-10-01T00:00:00.400+08:00,acme,503,c"]
    Path("log.csv").write_text("\n".join(["timestamp,account_id,status,client", *lines]) + "\n", encoding="utf-8")
    found = report("log.csv", "--contract", contract, "--cycle", "2026-10")
    (result,) = found["results"]
    assert result["excluded"] == {"total": 1, "by_clause": {"9": 1}}
    assert (found["rows"]["counted"], found["rows"]["outside_period"]) == (1, 1)
