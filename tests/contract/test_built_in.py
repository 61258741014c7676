"""The agreements that come with the program: each whole, and each with figures computed by hand."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from sla_audit.cli.main import run
from sla_audit.contract.built_in import built_in_contracts, built_in_file
from sla_audit.contract.load import BUILT_IN, examples_of, load_contract
from tests.builders.runs import report

VOUCHER_BY_RATE = (
    "jdcloud-image-matting",
    "jdcloud-image-style-classification",
    "jdcloud-photo-filters-matching",
    "jdcloud-smart-compose",
)
"""JD Cloud's agreements that owe a voucher by the success rate of a month."""
BY_HAND = {
    # requests, unanswered ones, fee and cash paid: rate, what is owed
    "98.75 %, below the cap": (400, 5, "1000.00", "1000.00", "0.987500", "150.00"),
    "98.75 %, at most the cash paid": (400, 5, "1000.00", "120.00", "0.987500", "120.00"),
    "90 % exactly is of the tier above": (100, 10, "1000.00", "1000.00", "0.900000", "300.00"),
    "99 % exactly is no breach": (100, 1, "1000.00", "1000.00", "0.990000", "0.00"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def texts() -> dict[str, list[str]]:
    """Give the services of each text."""
    services = tomllib.loads((files("sla_audit.contract") / "built_in" / "services.toml").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for contract, service in services.items():
        found.setdefault(service["agreement"], []).append(contract)
    return found


TEXTS = texts()


def test_each_text_is_used_and_each_has_its_services() -> None:
    folder = files("sla_audit.contract") / "built_in"
    written = {each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")}
    assert written == {"services", *TEXTS}
    assert {text: len(services) for text, services in TEXTS.items() if text.startswith("jdcloud")} == {
        "jdcloud-image-services": 4,
        "jdcloud-call-packages": 17,
        "jdcloud-service-time": 24,
        "jdcloud-one-for-one": 5,
        "jdcloud-api-gateway": 1,
        "jdcloud-iot-link": 1,
        "jdcloud-queues": 2,
    }
    assert built_in_contracts() == sorted(service for services in TEXTS.values() for service in services)


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_hand_computed_is_what_the_program_finds(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of services of one text, those that print another table are tested too."""
    tables = {repr(load_contract(each).compensation): each for each in TEXTS[text]}
    assert run(["contract", "test", *tables.values()]) == 0
    said = capsys.readouterr().out
    assert all(f"{each}: all " in said for each in tables.values())


@pytest.mark.parametrize("contract", built_in_contracts())
def test_each_carries_worked_examples_at_each_side_of_an_edge(contract: str) -> None:
    loaded = load_contract(contract)
    examples = examples_of(contract, loaded)
    assert len(examples) >= 3
    assert any(example.owed for example in examples)
    assert any(not example.owed for example in examples)
    assert any(example.closes_on for example in examples)


def test_the_file_of_the_first_agreement_is_what_it_was() -> None:
    """Reports name it by its digest."""
    written = "7621077d39da44b91de0ea9a12aa0db74fa7b27efb04c8924e3c6df13ac1bfe7"
    assert hashlib.sha256(built_in_file(BUILT_IN)).hexdigest() == written


@pytest.mark.parametrize("contract", built_in_contracts())
def test_each_is_whole(contract: str) -> None:
    loaded = load_contract(contract)
    assert loaded.id == contract
    assert "$" not in built_in_file(contract).decode()


def test_no_two_have_one_title() -> None:
    assert len({load_contract(each).title for each in built_in_contracts()}) == len(built_in_contracts())


@pytest.mark.parametrize("contract", VOUCHER_BY_RATE)
@pytest.mark.parametrize("example", BY_HAND.values(), ids=BY_HAND)
def test_what_is_owed_is_what_a_hand_computes(contract: str, example: tuple[int, int, str, str, str, str]) -> None:
    requests, unanswered, fee, cash, rate, owed = example
    answers = [""] * unanswered + ["200"] * (requests - unanswered)
    rows = [f"2026-10-{1 + at % 31:02}T12:{at % 60:02}:00+08:00,acme,{status}" for at, status in enumerate(answers)]
    Path("log.csv").write_text("\n".join(["timestamp,account_id,status", *rows]) + "\n", encoding="utf-8")
    billing = f"account_id,cycle,service_fee,cash_paid\nacme,2026-10,{fee},{cash}\n"
    Path("billing.csv").write_text(billing, encoding="utf-8")
    (result,) = report("log.csv", "--billing", "billing.csv", "--contract", contract)["results"]
    assert (result["requests"], result["success_rate"], result["compensation"]) == (requests, rate, owed)
    assert result["claim"] == {"opens_on": "2026-11-05", "closes_on": "2026-11-30", "calendar": "official"}


def test_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["contract", "list"]) == 0
    said = capsys.readouterr().out
    assert all(contract in said for contract in built_in_contracts())
    assert run(["contract", "list", "--lang", "zh"]) == 0
    assert "京东云智能抠图服务等级协议" in capsys.readouterr().out.replace("\n", "").replace(" ", "")


def test_a_file_is_begun_with_one_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["contract", "new", "ours.toml", "--from", "jdcloud-image-matting"]) == 0
    assert Path("ours.toml").read_bytes() == built_in_file("jdcloud-image-matting")
    assert "ours.toml: written. Give it an id and a version of its own." in capsys.readouterr().out
    assert run(["contract", "check", "ours.toml"]) == 0
    Path("ours.toml").write_text("mine", encoding="utf-8")
    assert run(["contract", "new", "ours.toml", "--from", "jdcloud-image-matting"]) == 2
    assert "ours.toml: is there already" in capsys.readouterr().err
    assert Path("ours.toml").read_text(encoding="utf-8") == "mine"


def test_a_file_is_begun_with_what_there_is_only(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["contract", "new", "ours.toml", "--from", "nobody"]) == 2
    assert "Name one of sla-audit contract list, or the path of a contract file." in capsys.readouterr().err
    assert not Path("ours.toml").exists()


WRONG = """
[[examples]]
name = "a rate that is not what follows"
requests = 400
failures = 5
facts = { service_fee = "1000.00", cash_paid = "1000.00" }
rate = "0.987600"
owed = "151.00"
closes_on = 2026-11-29
"""


def test_an_example_that_does_not_hold_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    ours = built_in_file(BUILT_IN).decode().replace('id = "jdcloud-smart-compose"', 'id = "ours"') + WRONG
    Path("ours.toml").write_text(ours, encoding="utf-8")
    assert run(["contract", "test", "ours.toml"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "ours.toml: 1 of 1 examples differ",
        "  a rate that is not what follows: the rate is 0.987500; worked out by hand: 0.987600",
        "  a rate that is not what follows: owed is 150.00 (below_objective); worked out by hand: 151.00",
        "  a rate that is not what follows: the claim closes_on 2026-11-30; worked out by hand: 2026-11-29",
    ]


def test_a_file_without_examples_has_nothing_to_test(capsys: pytest.CaptureFixture[str]) -> None:
    Path("ours.toml").write_bytes(built_in_file(BUILT_IN))
    assert run(["contract", "test", "ours.toml"]) == 2
    assert "ours.toml: has no worked example" in capsys.readouterr().err


def test_an_id_that_is_nearly_right_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["contract", "show", "jdcloud-face-compair"]) == 2
    assert "Perhaps jdcloud-face-compare" in capsys.readouterr().err
