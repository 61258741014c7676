"""An agreement by calendar quarters, from the logs of its months to every report: amounts, cycles, words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome

from sla_audit.cli.main import run
from sla_audit.report.formats.registry import FORMATS
from tests.browser import chromium, complaints, open_page
from tests.builders.quarters import AS_OF, BY_TIME, FAULTS, write_by_requests, write_facts, write_logs
from tests.builders.runs import refused, report
from tests.report.test_language import text_of

pytestmark = pytest.mark.usefixtures("folder")

FOUND = {
    ("alpha", "2026-Q3"): ("1.000000", "objective_met", "0.00"),
    ("alpha", "2026-Q4"): ("0.998996", "below_objective", "120.00"),  # 133 of 132,480 minutes
    ("beta", "2026-Q3"): ("1.000000", "objective_met", "0.00"),
    ("beta", "2026-Q4"): ("0.999003", "objective_met", "0.00"),  # 132 of them
    ("gamma", "2026-Q4"): ("0.986702", "below_objective", "300.00"),  # 900 of the 67,680 of its 47 days
}


@pytest.fixture
def facts(folder: Path) -> tuple[str, ...]:
    write_logs(folder)
    return ("--contract", BY_TIME, *write_facts(folder))


def found(document: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str, str]]:
    names = ("success_rate", "reason", "compensation")
    return {
        (each["account_id"], each["cycle"]): tuple(each[name] for name in names)  # type: ignore[misc]
        for each in document["results"]
    }


def audited(*options: str) -> dict[str, Any]:
    at = options.index("--as-of")
    return report("logs", *options[:at], *options[at + 2 :], as_of=options[at + 1])


def test_a_quarter_is_judged_as_one(facts: tuple[str, ...]) -> None:
    document = audited(*facts)
    assert found(document) == FOUND
    hours = {"2026-Q3": 2 * 92 * 24, "2026-Q4": (2 * 92 + 47) * 24 + 3 * (133 + 132 + 900)}
    assert {each["cycle"]: each["rows"] for each in document["months"]} == hours
    fourth = next(each for each in document["results"] if (each["account_id"], each["cycle"]) == ("gamma", "2026-Q4"))
    assert (fourth["cycle_start"], fourth["cycle_end"]) == ("2026-11-15", "2026-12-31")
    claim = fourth["claim"]
    assert (claim["opens_on"], claim["closes_on"]) == ("2027-01-01", "2027-01-30")


def test_whichever_quarters_are_asked_for_each_is_the_same(facts: tuple[str, ...]) -> None:
    for asked, cycles in {
        "2026-Q4": {"2026-Q4"},
        "last": {"2026-Q4"},
        "2026-Q3..2026-Q4": {"2026-Q3", "2026-Q4"},
    }.items():
        expected = {key: each for key, each in FOUND.items() if key[1] in cycles}
        assert found(audited(*facts, "--cycle", asked)) == expected


def test_a_tally_of_each_month_gives_the_same(facts: tuple[str, ...]) -> None:
    tallies = []
    for log in sorted(Path("logs").iterdir()):
        tallies.append(f"{log.stem}.tally.parquet")
        assert run(["tally", str(log), "--contract", BY_TIME, "-o", tallies[-1], "--quiet"]) == 0
    options = [each for each in facts if each not in {"--as-of", AS_OF}]
    assert found(report(*tallies, *options, as_of=AS_OF)) == FOUND


def test_the_same_by_months_gives_other_results(facts: tuple[str, ...]) -> None:
    """132 minutes of a quarter are within 0.1 % of it, and not within that of a month."""
    text = (
        Path(BY_TIME).read_text("utf-8").partition("[[examples]]")[0].replace('length = "quarter"', 'length = "month"')
    )
    Path("months.toml").write_text(text, "utf-8")
    bills = [f"{account},2026-{month:02},1,1" for account in FAULTS for month in range(7, 13)]
    Path("billing.csv").write_text("\n".join(["account_id,cycle,service_fee,cash_paid", *bills]) + "\n", "utf-8")
    months = found(audited("--contract", "months.toml", *facts[2:]))
    assert {key: each[0] for key, each in months.items() if each[1] == "below_objective"} == {
        ("alpha", "2026-12"): "0.998812",  # 53 of 44,640 minutes; the 40 each of October and November are too few
        ("beta", "2026-12"): "0.997043",
        ("gamma", "2026-12"): "0.979838",
    }


def test_a_quarter_runs_until_its_last_day(facts: tuple[str, ...]) -> None:
    for as_of, reason in {"2026-12-31": "cycle_running", "2027-01-01": "below_objective"}.items():
        document = audited(*facts[:-1], as_of, "--cycle", "2026-Q4")
        alpha = document["results"][0]
        verdict = alpha["readings"]["literal"]
        assert (alpha["reason"], alpha["success_rate"]) == (reason, "0.998996")
        assert verdict["estimate" if reason == "cycle_running" else "compensation"] == "120.00"


def test_a_quarter_is_whole_if_its_months_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = ("--contract", BY_TIME, *write_facts(folder))
    said = {
        "2026-10": "the logs of 2026-Q4 begin 31 days late",
        "2026-11": "no row from 2026-11-01 00:00 to 2026-12-01 00:00",
        "2026-12": "the logs of 2026-Q4 end 31 days early",
    }
    for month, told in said.items():
        for log in (folder / "logs").glob("*.csv"):
            log.unlink()
        write_logs(folder, without=(month,))
        capsys.readouterr()
        assert run(["compute", "logs", *facts, "--fail-on", "gaps"]) == 1
        assert told in capsys.readouterr().err.replace("\n", " ")


REFUSED = {
    "a month": ("2026-10", "'2026-10': the cycles of this agreement are quarters, as in 2026-Q4."),
    "months": ("2026-10..2026-12", "the cycles of this agreement are quarters, as in 2026-Q4."),
    "no cycle": ("2026-Q5", "expected YYYY-Qn, YYYY-Qn..YYYY-Qn, last, running or all."),
}


@pytest.mark.parametrize(("cycle", "told"), REFUSED.values(), ids=REFUSED)
def test_other_cycles_are_refused(
    facts: tuple[str, ...], capsys: pytest.CaptureFixture[str], cycle: str, told: str
) -> None:
    assert told in refused(capsys, "compute", "logs", *facts, "--cycle", cycle)


def test_one_quarter_is_explained_and_listed(facts: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("logs", *facts, "--account", "alpha")
    assert "expected one quarter, such as 2026-Q4 or last." in refused(capsys, "explain", *asked)
    assert run(["explain", *asked, "--cycle", "last", "--quiet"]) == 0
    said = capsys.readouterr().out
    for part in (
        "2026-10-01 to 2026-12-31",
        "99.8996 %",
        "133  minutes of faults",
        "10-31 Sat",
        "11-01 Sun",
        "12-05 Sat",
    ):
        assert part in said
    assert run(["rows", *asked, "--cycle", "2026-Q4", "--class", "failed", "--quiet", "-o", "rows.csv"]) == 0
    assert len(Path("rows.csv").read_text("utf-8").splitlines()) == 1 + 2 * 133
    assert "2027-01-01 is not in the cycle" in refused(
        capsys, "rows", *asked, "--cycle", "2026-Q4", "--day", "2027-01-01"
    )


RIGHTLY = re.compile(r"twelve months|所在月之前的十二个月|month \d* ?after the quarter")
"""What is of months whatever the cycle is: the year for which logs are kept, and when claims are taken."""


@pytest.mark.parametrize(
    ("language", "of_months"), [("en", r"\b[Mm]onth"), ("zh", "月度|当月|自然月|逐月|各月|月份|跨月")]
)
@pytest.mark.parametrize("by", ["time", "requests"])
def test_what_people_read_speaks_of_quarters(
    folder: Path, capsys: pytest.CaptureFixture[str], language: str, of_months: str, by: str
) -> None:
    write_logs(folder)
    contract = BY_TIME if by == "time" else write_by_requests(folder)
    _, bills, *more = write_facts(folder)
    facts = ("--contract", contract, "--lang", language)
    outputs = [f"report{suffix}" for suffix, form in FORMATS.items() if form.for_people]
    told = []
    for options in (
        ("--billing", bills, *more, "--show", "all"),
        ("--billing", bills, "--as-of", "2026-12-31"),
        ("--as-of", AS_OF),
    ):
        named = [part for output in outputs for part in ("-o", output)]
        assert run(["compute", "logs", *facts, *options, *named]) == 0
        told += [*capsys.readouterr(), *(text_of(Path(output)) for output in outputs)]
    asked = ("logs", *facts, "--billing", bills, *more)
    for command in (("check",), ("claim-check",), ("explain", "--account", "gamma", "--cycle", "last")):
        run([command[0], *asked, *command[1:], "--quiet"])
        told += capsys.readouterr()
    assert run(["contract", "show", contract, "--lang", language]) == 0
    told += capsys.readouterr()
    said = [RIGHTLY.sub("", text) for text in told]
    assert [found[0] for text in said for found in re.finditer(f".*(?:{of_months}).*", text)] == []
    assert any(re.search("quarter" if language == "en" else "季", text) for text in said)


@pytest.fixture
def by_requests(folder: Path) -> tuple[str, ...]:
    """Give what the first agreement's like by quarters is asked with; more than a request in a hundred fails."""
    write_logs(folder)
    return ("logs", "--contract", write_by_requests(folder), *write_facts(folder))


def test_a_saved_report_is_judged_again(by_requests: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compute", *by_requests, "--quiet", "-o", "r.json", "-o", "r.prom"]) == 0
    assert 'period="2026-Q3..2026-Q4",period_state="ended"' in Path("r.prom").read_text("utf-8")
    assert run(["render", "r.json", "--contract", "ours.toml", "-o", "again.json"]) == 0
    first, again = (json.loads(Path(name).read_text("utf-8")) for name in ("r.json", "again.json"))
    assert (again["results"], again["totals"]) == (first["results"], first["totals"])
    capsys.readouterr()
    assert run(["claim-check", "--report", "r.json", "--contract", "ours.toml", "--as-of", AS_OF]) == 0
    assert "2026-Q4" in capsys.readouterr().out
    of_a_month = {"cycle": "2026-09", "cycle_start": "2026-09-01", "cycle_end": "2026-09-30"}
    first["results"] = [{**each, **of_a_month} if each["cycle"] == "2026-Q3" else each for each in first["results"]]
    first["months"][0]["cycle"] = "2026-09"
    Path("months.json").write_text(json.dumps(first), "utf-8")
    assert run(["render", "months.json", "--contract", "ours.toml", "-o", "none.md"]) == 2
    told = capsys.readouterr().err
    assert "months.json: has the cycle 2026-09; a cycle of its contract is a quarter" in told
    assert not Path("none.md").exists()


def test_a_claim_is_packed_verified_compared_and_tracked(
    by_requests: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = (*by_requests, "--account", "gamma", "--cycle", "2026-Q4")
    assert run(["claim", "pack", *asked, "-o", "claims", "--ledger", "claims.db", "--quiet"]) == 0
    pack = "claims/gamma-2026-Q4"
    letters = {name: Path(pack, f"letter.{name}.md").read_text("utf-8") for name in ("en", "zh")}
    assert "Quarterly service fee" in letters["en"]
    assert "季度服务费用" in letters["zh"]
    assert not re.search(r"(?i)\bmonthly|月度", letters["en"] + letters["zh"])
    assert "SLA-2026Q4-" in letters["en"]
    assert run(["verify", pack]) == 0
    assert run(["verify", pack, "logs"]) == 0
    facts = by_requests[1:]
    assert run(["reconcile", pack, "logs", *facts, "--account", "gamma", "--cycle", "2026-Q4", "-o", "d.html"]) == 0
    assert "The quarter, 2026-Q4" in Path("d.html").read_text("utf-8")
    capsys.readouterr()
    listed = ("claim", "list", "--ledger", "claims.db", "--contract", "ours.toml", "--as-of", AS_OF)
    assert run([*listed, "--cycle", "2026-Q4"]) == 0
    assert "gamma" in capsys.readouterr().out
    assert run([*listed, "--cycle", "2026-10"]) == 1


def labels(page: Chrome) -> Iterator[str]:
    yield from page.execute_script("return [...document.querySelectorAll('svg.days text')].map(t => t.textContent)")


def test_the_page_numbers_the_days_of_a_quarter(facts: tuple[str, ...]) -> None:
    assert run(["compute", "logs", *facts, "--quiet", "-o", "r.html"]) == 0
    with chromium() as page:
        open_page(page, Path("r.html").absolute())
        page.execute_script("document.querySelectorAll('button.open')[0].click()")
        rows: list[list[str]] = page.execute_script(
            "return [...document.querySelectorAll('tr.detail details.figures tbody tr')]"
            ".map(row => [...row.cells].map(cell => cell.textContent))"
        )
        assert complaints(page) == []
        account = page.execute_script("return document.querySelector('button.open').textContent")
        first, last = ("2026-11-15", "2026-12-31") if account == "gamma" else ("2026-10-01", "2026-12-31")
        assert (rows[0][0], rows[-1][0]) == (first, last)
        failed = {day: int(count.replace(",", "")) for day, _, count, _ in rows if count != "0"}
        assert (
            failed
            == {"gamma": {"2026-12-20": 1800}, "alpha": {"2026-10-31": 80, "2026-11-01": 80, "2026-12-05": 106}}[
                account
            ]
        )
        days = [each for each in labels(page) if "-" in each]
        months = ("11", "12") if account == "gamma" else ("10", "11", "12")
        assert days == [day for month in months for day in (f"{month}-01", f"{month}-15") if day >= first[5:]]
