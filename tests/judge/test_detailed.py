"""Of which results a report tells more: those below the objective, and of the others those of which most failed."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from sla_audit.judge.breakdown.detailed import MOST_OTHERS, ranked, told_of
from sla_audit.judge.classification.rules import CLASSES
from tests.program import ROOT, sla_audit

SAMPLE: dict[str, Any] = json.loads((ROOT / "sample_logs" / "expected.json").read_bytes())


def told(failed: list[int], tiers: list[int | None], excused: dict[int, int]) -> list[bool]:
    cycles = pl.DataFrame({"number": range(len(failed))}, schema={"number": pl.Int64})
    verdict = pl.DataFrame({"explicit_failure": failed, "tier": pl.Series(tiers, dtype=pl.Int8)})
    return ranked(cycles, {"literal": verdict}, "literal", touched(excused))["told"].to_list()


def touched(excused: dict[int, int]) -> pl.DataFrame:
    counts = {name: list(excused.values()) for name in ("requests", "requests_alone", *CLASSES)}
    types = {"exclusion": pl.Int32} | dict.fromkeys(("number", *counts), pl.Int64)
    return pl.DataFrame({"exclusion": [0] * len(excused), "number": list(excused), **counts}, schema=types)


@pytest.mark.parametrize(
    ("said", "failed", "tiers", "excused", "expected"),
    [
        ("below the objective", [5], [0], {}, [True]),
        ("met, with failures", [5], [-1], {}, [True]),
        ("met, without any", [0], [-1], {}, [False]),
        ("met, as an exclusion took all failures out", [0], [-1], {0: 7}, [True]),
        ("no rate, and nothing failed", [0], [None], {}, [False]),
    ],
)
def test_more_is_told_of(
    said: str, failed: list[int], tiers: list[int | None], excused: dict[int, int], expected: list[bool]
) -> None:
    assert told(failed, tiers, excused) == expected, said


def test_of_many_others_those_of_which_most_failed_and_all_below() -> None:
    many = MOST_OTHERS + 3
    failed = [1, *range(2, many + 2), 1]
    found = told(failed, [0, *([-1] * many), 0], {1: 10**6})
    assert found[0]
    assert found[-1]
    assert found[1]  # fewest failures, but very many that were excused
    assert [at for at, each in enumerate(found) if not each] == [2, 3, 4]


def test_without_is_told_in_the_order_of_cycles_and_then_of_exclusions() -> None:
    cycles = pl.DataFrame({"number": [3, 9, 4]}, schema={"number": pl.Int64})
    verdict = pl.DataFrame({"explicit_failure": [0, 0, 9], "tier": pl.Series([-1, -1, 0], dtype=pl.Int8)})
    both = pl.concat([touched({4: 1, 3: 2}).with_columns(exclusion=pl.lit(1, pl.Int32)), touched({3: 1, 4: 5})])
    found = told_of(ranked(cycles, {"literal": verdict}, "literal", both), both)
    assert found.select("row", "exclusion", "requests").rows() == [(0, 0, 1), (0, 1, 2), (2, 0, 5), (2, 1, 1)]


def test_a_report_says_what_explain_says() -> None:
    of_results = {each["account_id"]: each["without"] for each in SAMPLE["results"] if each.get("without")}
    assert of_results
    for account, without in of_results.items():
        asked = ("--config", "sample_logs/sla-audit.toml", "--account", account)
        explained = json.loads(sla_audit("explain", *asked, "--format", "json").stdout)
        expected = {each["id"]: each for each in explained["exclusions"] if each["requests"]}
        assert [each["exclusion"] for each in without] == list(expected)
        for each in without:
            said = expected[each["exclusion"]]
            assert each["requests"] == said["requests"]
            assert each["requests_alone"] == said["requests_alone"]
            names = ("success", "explicit_failure", "success_rate", "credit_rate", "decision", "compensation")
            assert {name: each[name] for name in names} == {name: said["otherwise"][name] for name in names}
