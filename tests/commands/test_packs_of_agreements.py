"""Claim packs by agreements of every kind: calls, days, credits, fees of faults; by requests and by intervals."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.commands.audit import Request, basis_of, report_on
from sla_audit.commands.claim_pack.enclosed import Enclosed, read_enclosed
from sla_audit.commands.claim_pack.gathered import evidence
from sla_audit.commands.claim_pack.make import folder_of
from sla_audit.commands.count import Logs
from sla_audit.commands.one_account import keys_of
from sla_audit.commands.rows import RowsAsked, kept_rows
from sla_audit.contract.load import contract_file, parse_contract
from sla_audit.judge.period import Period
from sla_audit.model.facts import Facts
from sla_audit.model.month import Month
from sla_audit.pack.manifest import AGREEMENT, BY_INTERVALS, LETTERS, MANIFEST, SEAL
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.examples import costly
from tests.builders.runs import refused

pytestmark = pytest.mark.usefixtures("folder")

MONTH = Month(2026, 10)
OCTOBER = Period(MONTH, MONTH)


class Packed(NamedTuple):
    """An agreement, what is logged and billed under it, and what its letters say."""

    contract: str
    zone: str
    billed: str
    bill: str
    failed: tuple[str, int, int, str]  # from when on so many requests, so many seconds apart, with a status
    amount: str
    says: tuple[str, ...]
    says_in_chinese: tuple[str, ...]
    part: str = ""


PACKS = [
    Packed(
        "jdcloud-general-image-ocr",
        "+08:00",
        "calls_bought",
        "100000",
        ("2026-10-05T03:00:00", 150, 60, "502"),
        "15,000 calls",
        ("we claim 15,000 calls, as calls given back", "| 100 x 150 failed calls | 15,000 calls |", "100,000"),
        ("我方申请赔偿 15,000 次，以返还调用次数赔偿", "当月购买的调用次数"),
    ),
    Packed(
        "jdcloud-iot-link",
        "+08:00",
        "service_fee",
        "500.00",
        ("2026-10-05T03:00:00", 1, 60, "502"),
        "we claim compensation of 50.00 CNY, as a voucher",
        ("Fee of the service for the cycle", "500.00 x 10 %", "10 % of the fee, for a rate from"),
        ("该服务周期的月度服务费用",),
    ),
    Packed(
        "jdcloud-face-compare",
        "+08:00",
        "billed_calls",
        "1000",
        ("2026-10-01T00:00:30", 180, 150, ""),
        "3.1 days",
        (
            "we claim 3.1 days, as time of service",
            "10 % of 31 days",
            "1 - 89.333333 / 8,928",
            "2026-10-01 00:00 - 00:05",
        ),
        ("我方申请赔偿 3.1 天", "二之一、有请求失败的时段"),
    ),
    Packed(
        "jdcloud-api-gateway",
        "+08:00",
        "hourly_fee,cash_paid",
        "1.00,720.00",
        ("2026-10-31T23:45:00", 20, 60, ""),
        "25.00 CNY",
        (
            "100 x the fee of 15 minutes at 1.00 an hour",
            "compensates whatever is below 100 %",
            "2026-10-31 23:45 - 24:00 (15 intervals) | 15 / 15 | yes",
            "not above the cash paid, 720.00",
            "issue the voucher",
        ),
        ("15 分钟的费用（每小时 1.00）", "低于 100% 即予赔偿"),
    ),
    Packed(
        "jdcloud-notification-service",
        "+08:00",
        "service_fee,cash_paid",
        "100.00,100.00",
        ("2026-10-05T01:00:00", 60, 60, ""),
        "15.00 CNY",
        ("(60 intervals), a | 60 / 60 | yes", "as a voucher"),
        ("（60 个时段）, a",),
    ),
    Packed(
        "aws-api-gateway",
        "Z",
        "service_fee",
        "200.00",
        ("2026-10-05T03:00:00", 9, 300, "500"),
        "20.00 USD",
        (
            "we claim 20.00 USD, as credit for later bills",
            "Account, and region: each is judged by itself | acme/east",
            "Amounts above 1.00 USD are owed",
            "Clause Credit Request and Payment Procedures asks for: dates, times and regions",
            'a case in the AWS Support Center with "SLA Credit Request" in its subject',
        ),
        ("抵扣后续账单", "账户及区域（分别判定）"),
        "/east",
    ),
    Packed(
        "google-vertex-ai-search-commerce",
        "-07:00",
        "service_fee",
        "200.00",
        ("2026-10-05T03:00:00", 6000, 1, "500"),
        "20.00 USD",
        ("(100 intervals) | 6,000 / 6,000 | yes", "it counts from 10 such intervals in a row on"),
        ("（100 个时段）",),
        "/east",
    ),
    Packed(
        "azure-storage-hot",
        "Z",
        "service_fee",
        "200.00",
        ("2026-10-05T03:00:00", 7, 3600, "500"),
        "20.00 USD",
        ("not above the fee, 200.00", "intervals of 1 hour"),
        ("1 小时",),
    ),
    Packed(
        "stedi-edi-translate",
        "Z",
        "service_fee",
        "200.00",
        ("2026-10-05T03:00:00", 200, 300, "500"),
        "20.00 USD",
        ("of which 200 are counted", "180 more intervals are listed in intervals.csv", "of every 5-minute interval"),
        ("另有 180 个时段列于 intervals.csv",),
    ),
]
OF_ALL = pytest.mark.parametrize("packed", PACKS, ids=lambda packed: packed.contract)
BY_TIME = [packed for packed in PACKS if packed.contract not in {"jdcloud-general-image-ocr", "jdcloud-iot-link"}]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lay_out(packed: Packed) -> None:
    """Write a log of two accounts, of which one is failed, and what is known of it."""
    start, many, step, status = packed.failed
    first = datetime.fromisoformat(f"{start}Z")  # as clocks in the zone show it
    usual = [datetime(2026, 10, day, hour, 30, tzinfo=UTC) for day in range(1, 31) for hour in range(0, 24, 6)]
    rows = [(at, account, "200", "east") for at in usual for account in ("acme", "other")]
    rows += [(first + timedelta(seconds=step * at), "acme", status, "east") for at in range(many)]
    rows += [(at, "acme", "200", "west") for at in usual] if packed.part else []
    lines = [f"{at:%FT%T}{packed.zone},{who},{status},a,{region}" for at, who, status, region in sorted(rows)]
    Path("log.csv").write_text("\n".join(["timestamp,account_id,status,api,region", *lines]) + "\n", "utf-8")
    Path("billing.csv").write_text(
        f"account_id,cycle,{packed.billed}\nacme{packed.part},2026-10,{packed.bill}\n", "utf-8"
    )


def pack(packed: Packed, *options: str) -> Path:
    """Make the packs of all that can claim, and give the folder of the one."""
    lay_out(packed)
    asked = ["--contract", packed.contract, "--billing", "billing.csv", "--cycle", "2026-10", "--as-of", "2026-11-20"]
    assert run(["claim", "pack", "log.csv", *asked, "-o", "claims", "--all", "--quiet", *options]) == 0
    (made,) = [path for path in Path("claims").iterdir() if path.is_dir()]
    return made


def verified(capsys: Any, path: Path) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run(["verify", str(path), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


@OF_ALL
def test_a_pack_is_made_says_its_claim_and_is_sound(packed: Packed, capsys: Any) -> None:
    made = pack(packed)
    by_intervals = packed in BY_TIME
    names = {*BY_INTERVALS, *LETTERS, MANIFEST, SEAL} - (set() if by_intervals else {"intervals.csv"})
    assert {path.name for path in made.iterdir()} == names
    english, chinese = ((made / f"letter.{language}.md").read_text("utf-8") for language in ("en", "zh"))
    for said in (packed.amount, *packed.says):
        assert said in english.replace("\\", "")
    for said in packed.says_in_chinese:
        assert said in chinese.replace("\\", "")
    code, found = verified(capsys, made)
    assert (code, found["sound"]) == (0, True)
    assert verified(capsys, made.with_name(f"{made.name}.zip"))[0] == 0


FIRST = {
    "voucher": ("voucher", "代金券"),
    "cash_paid": ("cash", "现金"),
    "share of the monthly fee": ("monthly service fee", "月度服务费用"),
    "its clauses": ("2.7.1", "2.10.1"),
    "explicit failures": ("xplicit failure", "明确失败"),
}


@OF_ALL
def test_no_sentence_of_the_first_agreement_stands_in_another_letter(packed: Packed) -> None:
    made, contract = pack(packed), parse_contract(contract_file(packed.contract), "contract")
    terms = contract.compensation
    own = {"voucher": terms.paid_as == "voucher", "cash_paid": terms.cap == "cash_paid"}
    own["share of the monthly fee"] = terms.base == "service_fee"
    said = "".join((made / f"letter.{language}.md").read_text("utf-8") for language in ("en", "zh"))
    said = said.replace("不含代金券抵扣", "").replace("without vouchers", "")  # of a bill, wherever its cash matters
    for name, texts in FIRST.items():
        if not own.get(name, False):
            assert not [text for text in texts if text in said], name


def test_the_letter_and_the_list_agree_about_intervals() -> None:
    made = pack(next(packed for packed in PACKS if packed.contract == "jdcloud-api-gateway"))
    listed = list(csv.DictReader(io.StringIO((made / "intervals.csv").read_text("utf-8"))))
    assert [row["interval_start"] for row in listed[:1]] == ["2026-10-31T23:45:00+08:00"]
    assert [row["interval_end"] for row in listed[-1:]] == ["2026-11-01T00:05:00+08:00"]  # which the next month is paid
    assert {(row["failed"], row["total"], row["counts"]) for row in listed} == {("1", "1", "true")}
    (result,) = json.loads((made / "report.json").read_bytes())["results"]
    assert result["fault_minutes"] == 15
    beside = [row["class"] for row in csv.DictReader(io.StringIO((made / "rows.csv").read_text("utf-8")))]
    assert beside.count("outside_period") == 5


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("intervals.csv", ",true", ",false"),
        ("rows.csv", ",explicit_failure,", ",success,"),
        ("answered.csv", ",1", ",9"),
    ],
)
def test_what_is_changed_in_a_pack_is_found(name: str, old: str, new: str, capsys: Any) -> None:
    made = pack(PACKS[2])
    path = made / name
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    code, found = verified(capsys, made)
    assert code == 1
    assert name in json.dumps(found["faults"])


def test_a_list_of_intervals_belongs_to_agreements_that_measure_them(capsys: Any) -> None:
    made = pack(PACKS[0])
    (made / "intervals.csv").write_text("account_id\n", "utf-8")
    code, found = verified(capsys, made)
    assert code == 1
    assert "was added" in json.dumps(found["faults"])


def test_pseudonyms_hide_an_account_whose_part_it_is(folder: Path, capsys: Any) -> None:
    (folder / "key").write_text("a key that nobody else has, of some length", "utf-8")
    aws = next(packed for packed in PACKS if packed.contract == "aws-api-gateway")
    made = pack(aws, "--pseudonymise", "key")
    assert all(b"acme" not in path.read_bytes() for path in made.iterdir())
    assert verified(capsys, made)[0] == 0


def test_one_by_itself_is_the_same_as_of_all() -> None:
    aws = next(packed for packed in PACKS if packed.contract == "aws-api-gateway")
    made = pack(aws)
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    asked = ["--contract", aws.contract, "--billing", "billing.csv", "--cycle", "2026-10", "--as-of", "2026-11-20"]
    assert run(["claim", "pack", "log.csv", *asked, "-o", "again", "--account", "acme/east", "--quiet"]) == 0
    assert {path.name: path.read_bytes() for path in (Path("again") / folder_of("acme/east", "2026-10")).iterdir()} == (
        before
    )


def test_rows_are_told_of_a_part_of_an_account(capsys: Any) -> None:
    lay_out(next(packed for packed in PACKS if packed.contract == "aws-api-gateway"))
    asked = ["log.csv", "--contract", "aws-api-gateway", "--cycle", "2026-10"]
    for part, failed in (("east", 9), ("west", 0)):
        assert run(["rows", *asked, "--account", f"acme/{part}", "-o", f"{part}.csv", "--quiet"]) == 0
        rows = pl.read_csv(f"{part}.csv", infer_schema=False)
        assert rows["region"].unique().to_list() == [part]
        assert (rows["class"] == "explicit_failure").sum() == failed
    Path("alias.csv").write_text("key,account,from,to\nacme,one,,\n", "utf-8")
    said = refused(capsys, "rows", *asked, "--account", "one/east", "--alias", "alias.csv")
    assert "judges an account apart by region; rows are not told of keys that stand for such accounts" in said


def test_bills_of_a_pack_are_those_that_the_agreement_asks_for(capsys: Any) -> None:
    made = pack(next(packed for packed in PACKS if packed.contract == "jdcloud-api-gateway"))
    (bill,) = json.loads((made / "facts.json").read_bytes())["billing"]
    assert bill == {
        "account_id": "acme",
        "cycle": "2026-10",
        "cash_paid": "720.00",
        "hourly_fee": "1.00",
        "billed_calls": None,
    }


# Logs that are drawn at random, near the edges of months, exclusions and intervals, under agreements whose runs and
# least numbers are made small.

AGREEMENTS = {
    "jdcloud-face-compare": {},
    "jdcloud-api-gateway": {"intervals_from = 5": "intervals_from = 2"},
    "jdcloud-notification-service": {},
    "google-vertex-ai-search-commerce": {
        "intervals_from = 10": "intervals_from = 2",
        "least_requests = 2000": "least_requests = 5",
    },
    "aws-api-gateway": {},
    "jdcloud-general-image-ocr": {},
}
EDGES = [(10, 1, 0), (11, 1, 0), (10, 10, 12), (10, 20, 0)]
HEAD = "timestamp,account_id,status,api,region,request_id"


def agreement(name: str) -> bytes:
    text = contract_file(name).decode()
    for old, new in AGREEMENTS[name].items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def drawn(chance: random.Random, zone: Any) -> Iterator[str]:
    """Draw rows in bursts, some logged again."""
    edges = [datetime(2026, month, day, hour, tzinfo=zone) for month, day, hour in EDGES]
    number = 0
    for _ in range(chance.randint(1, 14)):
        at = chance.choice(edges) + timedelta(minutes=chance.randint(-9, 9))
        account, region = chance.choice("ab"), chance.choice(["east", "west", ""])
        api, status = chance.choice(["q1", "q2", ""]), chance.choice(["", "500", "503", "502", "200", "404"])
        step = chance.choice([1, 20, 60, 60, 300])
        for _ in range(chance.randint(1, 12)):
            at += timedelta(seconds=step)
            named = f"r{number}" if chance.random() < 0.8 else ""
            number += 1
            answered = "200" if chance.random() < 0.2 else status
            row = f"{at.isoformat()},{account},{answered},{api},{region},{named}"
            yield row
            if named and chance.random() < 0.1:
                yield row


def exclusions(chance: random.Random, zone: Any, cause: int) -> str:
    rows = ["id,clause,starts_at,ends_at,notified_at,accounts,regions,apis"]
    for at in range(chance.choice([0, 0, 1, 2])):
        start = datetime(2026, 10, 10, 12, tzinfo=zone) + timedelta(seconds=chance.randint(-600, 600))
        end = start + timedelta(seconds=chance.choice([7, 60, 900]))
        noted = start - timedelta(days=9)
        who = chance.choice(["", "a"])
        rows.append(f"X{at},{cause},{start.isoformat()},{end.isoformat()},{noted.isoformat()},{who},,")
    return "\n".join(rows) + "\n"


def asked_of(name: str, folder: Path, chance: random.Random) -> Request:
    contract = parse_contract(agreement(name), AGREEMENT)
    cause = next(cause.number for cause in contract.causes if cause.basis == "facts")
    lines = list(drawn(chance, contract.zone))
    for at in range(2):
        (folder / f"log{at}.csv").write_text("\n".join([HEAD, *lines[at::2]]) + "\n", "utf-8")
    scoped = exclusions(chance, contract.zone, cause)
    if contract.unit.apart:
        scoped = scoped.replace(",a,,", ",a/east,,")
    (folder / "exclusions.csv").write_text(scoped, "utf-8")
    return Request(
        contract=contract,
        logs=Logs((str(folder / "log*"),), engine=LocalThreads(2)),
        as_of=date(2026, 11, 20),
        reading=chance.choice(list(contract.readings)),
        exclusions=folder / "exclusions.csv",
        period=OCTOBER,
        daily=True,
    )


def enclosed_of(request: Request, name: str, accounts: Sequence[str], *, all_rows: bool) -> Iterator[Enclosed]:
    """Give the evidence of each account, read back, after holding its report against that of all."""
    keys = keys_of(Facts(), accounts, request.contract)
    with kept_rows(request, RowsAsked("", but_plain=not all_rows), keys, beside=True) as traced:
        basis = basis_of(request, None, traced)
        whole = report_on(request, basis)
        for account in accounts:
            found = evidence(request, basis, None, account, all_rows=all_rows, pseudonyms=None, whole=whole)
            enclosed = read_enclosed({AGREEMENT: agreement(name), **found.files}, found.terms)
            expected = whole.report.results.filter(pl.col("account_id") == account)
            again = enclosed.report(replace(whole.coverage, strays=())).results
            if expected["requests"].sum():
                assert again.equals(expected.select(again.columns))
            yield enclosed


@pytest.mark.parametrize("name", AGREEMENTS)
def test_the_report_follows_from_the_evidence(name: str) -> None:
    @costly(25)
    @given(st.integers(0, 2**32 - 1), st.booleans())
    def holds(seed: int, all_rows: bool) -> None:
        with TemporaryDirectory() as folder:
            chance = random.Random(seed)
            request = asked_of(name, Path(folder), chance)
            parts = [f"/{region}" for region in ("east", "west", "unknown")] if request.contract.unit.apart else [""]
            accounts = [f"{account}{part}" for account in "ab" for part in parts]
            for enclosed in enclosed_of(request, name, accounts, all_rows=all_rows):
                told = enclosed.told()
                assert told.equals(enclosed.rows.select(told.columns))
                listed = enclosed.intervals
                assert (listed["failed"] > 0).all()
                assert (listed["failed"] <= listed["total"]).all()

    holds()
