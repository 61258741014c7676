"""What facts and logs name of each other: in the report, in its warnings, and as what matters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run

pytestmark = pytest.mark.usefixtures("folder")

LOG = "timestamp,account_id,status,region,api\n"
HEADERS = {
    "accounts.csv": "account_id,plan,applied_on\n",
    "billing.csv": "account_id,cycle,service_fee,cash_paid\n",
    "exclusions.csv": "id,clause,starts_at,ends_at,notified_at,accounts,regions,apis\n",
}
WINDOW = "2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,"
IN_NOVEMBER = "2026-11-05T00:00:00Z,2026-11-06T00:00:00Z,"
UNRELATED = {"count": 0, "near": 0, "listed": []}


def requests(*accounts: str) -> str:
    return LOG + "".join(
        f"2026-10-05T05:00:{at:02}Z,{account},200,cn-east-1,/v1\n" for at, account in enumerate(accounts)
    )


def report(log: str, *options: str, **facts: str) -> dict[str, Any]:
    Path("log.csv").write_text(log, "utf-8")
    given = []
    for name, rows in facts.items():
        Path(f"{name}.csv").write_text(HEADERS[f"{name}.csv"] + rows, "utf-8")
        given += [f"--{name}", f"{name}.csv"]
    command = ["compute", "log.csv", *given, "--as-of", "2026-11-20", "--quiet", "-o", "report.json"]
    assert run([*command, *options]) == 0
    found: dict[str, Any] = json.loads(Path("report.json").read_text("utf-8"))
    return found


def one(name: str, nearest: str | None = None, differs_by: str | None = None, **more: str) -> dict[str, Any]:
    listed = {**more, "name": name, "nearest": nearest, "differs_by": differs_by}
    return {"count": 1, "near": int(nearest is not None), "listed": [listed]}


def warnings(found: dict[str, Any], about: str) -> list[str]:
    return [each for each in found["warnings"] if about in each]


def matters(*facts: str, capsys: pytest.CaptureFixture[str]) -> bool:
    """Tell whether a run prints something, where nothing else is wrong with it."""
    capsys.readouterr()
    options = [part for name in facts for part in (f"--{name}", f"{name}.csv")]
    assert run(["compute", "log.csv", *options, "--as-of", "2026-11-20", "--print", "matters", "-o", "x.json"]) == 0
    return bool(capsys.readouterr().out)


PAID = "paid,2026-01-01\n"


def test_without_facts_there_is_nothing_to_compare() -> None:
    assert report(requests("a1"))["reconciliation"] == {"accounts": None, "billing": None, "exclusions": None}


def test_accounts_without_requests_are_usual_and_counted() -> None:
    found = report(requests("a1"), accounts=f"a1,{PAID}idle,{PAID}")
    assert found["reconciliation"]["accounts"] == {
        "given": 2,
        "in_logs": 1,
        "not_in_logs": one("idle"),
        "lacks": UNRELATED,
    }
    assert warnings(found, "idle") == []


SPELT = {
    "capitals": ("Acct-X", "acct-x", "letter_case", "capitals"),
    "leading zeros, lost by a spreadsheet": ("7", "007", "leading_zeros", "leading zeros"),
    "full-width digits": ("acct-\uff11", "acct-1", "full_width", "full-width forms"),
    "a space within": ("acct 1", "acct1", "spaces", "spaces"),
    "a letter": ("contoso", "contozo", "one_letter", "one letter"),
}


@pytest.mark.parametrize(("written", "logged", "differs_by", "said"), SPELT.values(), ids=SPELT)
def test_a_likely_misspelling_is_told_from_both_sides_and_matters(
    written: str, logged: str, differs_by: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(requests(logged), accounts=f"{written},{PAID}", billing=f"{written},2026-10,1.00,1.00\n")
    expected = {
        "given": 1,
        "in_logs": 0,
        "not_in_logs": one(written, logged, differs_by),
        "lacks": one(logged, written, differs_by),
    }
    assert found["reconciliation"] == {
        "accounts": expected,
        "billing": {**expected, "elsewhere": 0},
        "exclusions": None,
    }
    for file in ("accounts", "billing"):
        assert warnings(found, f"accounts of the {file} file that have") == [
            f"accounts of the {file} file that have no requests, and may be accounts of the logs, spelt otherwise: "
            f"{written!r} for {logged!r} (they differ by {said})"
        ]
        assert warnings(found, f"that the {file} file lacks") == [
            f"accounts of the logs that the {file} file lacks: {logged!r}"
        ]
    assert matters("accounts", "billing", capsys=capsys)


def test_numbered_accounts_are_not_near_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    found = report(requests("acct-003"), accounts="".join(f"acct-00{at},{PAID}" for at in range(3)))
    of_accounts = found["reconciliation"]["accounts"]
    assert (of_accounts["not_in_logs"]["count"], of_accounts["not_in_logs"]["near"]) == (3, 0)
    assert of_accounts["lacks"] == one("acct-003")
    assert not matters("accounts", capsys=capsys)


def test_an_account_that_has_its_own_row_is_not_taken_for_another() -> None:
    found = report(requests("a", "b"), accounts=f"a,{PAID}A,{PAID}b,{PAID}")
    assert found["reconciliation"]["accounts"]["not_in_logs"] == one("A")


def test_bills_of_other_months_and_free_accounts_are_no_matter() -> None:
    bills = "a1,2026-10,1.00,1.00\na1,2026-09,1.00,1.00\ngone,2026-09,1.00,1.00\n"
    found = report(requests("a1", "tester"), accounts=f"a1,{PAID}tester,free,2026-01-01\n", billing=bills)
    assert found["reconciliation"]["billing"] == {
        "given": 1,
        "in_logs": 1,
        "not_in_logs": UNRELATED,
        "lacks": UNRELATED,
        "elsewhere": 2,
    }


def test_an_account_out_of_service_is_in_the_logs() -> None:
    found = report(requests("a1"), accounts="a1,paid,2026-12-01\n")
    assert found["rows"]["outside_cycle"] == 1
    assert found["reconciliation"]["accounts"]["in_logs"] == 1


def test_accounts_of_other_services_and_months_are_not_compared() -> None:
    log = requests("a1") + "2026-10-05T05:00:00Z,A2,200,,/other\n2026-11-05T05:00:00Z,A3,200,,/v1\n"
    found = report(log, "--api", "/v1", "--cycle", "2026-10", accounts=f"a1,{PAID}a2,{PAID}a3,{PAID}")
    of_accounts = found["reconciliation"]["accounts"]
    assert (of_accounts["in_logs"], of_accounts["not_in_logs"]["near"], of_accounts["lacks"]) == (1, 0, UNRELATED)


NOWHERE = {
    "an account": ("Acct-A,,", "accounts", "Acct-A", "acct-a", "letter_case"),
    "a region": (",cn-north-9,", "regions", "cn-north-9", None, None),
    "an API": (",,/V1", "apis", "/V1", "/v1", "letter_case"),
}


@pytest.mark.parametrize(("scopes", "scope", "name", "nearest", "differs_by"), NOWHERE.values(), ids=NOWHERE)
def test_an_exclusion_about_what_is_found_nowhere_matters(
    scopes: str, scope: str, name: str, nearest: str | None, differs_by: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(requests("acct-a"), accounts=f"acct-a,{PAID}", exclusions=f"N1,3,{WINDOW},{scopes}\n")
    assert found["reconciliation"]["exclusions"] == {
        "given": 1,
        "found": 0,
        "not_found": one(name, nearest, differs_by, exclusion="N1", scope=scope),
    }
    (said,) = warnings(found, "exclusion 'N1' covers no request of the")
    assert repr(name) in said
    assert nearest is None or f"{name!r} for {nearest!r} (they differ by capitals)" in said
    assert matters("accounts", "exclusions", capsys=capsys)


HARMLESS = {
    "all is there": f"N1,3,{WINDOW},a1 ; idle\u00a0,cn-east-1,\u3000/v1\n",
    "all accounts": f"N1,3,{WINDOW},,,\n",
    "of another month": f"N1,3,{IN_NOVEMBER},nobody,nowhere,/nothing\n",
    "refused, for it was not announced": f"N1,1,{WINDOW},nobody,nowhere,/nothing\n",
}


@pytest.mark.parametrize("exclusions", HARMLESS.values(), ids=HARMLESS)
def test_an_exclusion_that_finds_its_names_or_needs_none(exclusions: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = report(requests("a1"), accounts=f"a1,{PAID}idle,{PAID}", exclusions=exclusions)
    scopes = found["reconciliation"]["exclusions"]
    assert (scopes["given"] - scopes["found"], scopes["not_found"]) == (0, UNRELATED)
    assert not matters("accounts", "exclusions", capsys=capsys)


def test_many_exclusions_are_told_by_the_first_few() -> None:
    exclusions = "".join(f"N{at},3,{WINDOW},q1q;q2q;q3q;x{at}y;x{at}z,,\n" for at in range(7))
    found = report(requests("a1"), exclusions=exclusions)
    assert found["reconciliation"]["exclusions"]["not_found"]["count"] == 35
    said = warnings(found, "covers no request of the accounts")
    assert len(said) == 5
    assert said[0] == (
        "exclusion 'N0' covers no request of the accounts 'q1q', 'q2q', 'q3q' and 2 more: they are found nowhere"
    )
    assert warnings(found, "found nowhere")[-1] == "10 more names in exclusions are found nowhere"


def test_no_more_than_a_thousand_are_listed_those_first_that_are_near_others() -> None:
    ids = [f"idle-{at:04}" for at in range(1500)]
    facts = pa.table({"account_id": ["zzz", *ids], "plan": ["paid"] * 1501, "applied_on": ["2026-01-01"] * 1501})
    pq.write_table(facts, "accounts.parquet")
    found = report(requests("ZZZ"), "--accounts", "accounts.parquet")
    missing = found["reconciliation"]["accounts"]["not_in_logs"]
    assert (missing["count"], missing["near"], len(missing["listed"])) == (1501, 1, 1000)
    assert missing["listed"][:2] == [
        {"name": "zzz", "nearest": "ZZZ", "differs_by": "letter_case"},
        {"name": "idle-0000", "nearest": None, "differs_by": None},
    ]


def test_spaces_in_facts_and_logs_are_no_part_of_an_id() -> None:
    log = requests("a1\u00a0", "\u3000a2").replace("a2,200", "a2,502")
    found = report(log, accounts=f" a1,{PAID}a2\u3000,{PAID}", billing="a2\u00a0,2026-10,1000.00,900.00\n")
    assert {result["account_id"]: result["compensation"] for result in found["results"]} == {
        "a1": "0.00",
        "a2": "600.00",
    }
    assert found["reconciliation"]["accounts"]["in_logs"] == 2


def test_a_report_of_an_earlier_version_says_nothing_of_it() -> None:
    saved = report(requests("a1"), accounts=f"a1,{PAID}")
    del saved["reconciliation"]
    Path("old.json").write_text(json.dumps(saved))
    assert run(["render", "old.json", "-o", "old.md"]) == 0
