"""Content flags: which values are one, what the report says of those seen, and where they are too many."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from sla_audit.cli.main import run
from sla_audit.contract.load import BUILT_IN, contract_file
from sla_audit.intake.values.content_flags import USUAL, FlagWords
from sla_audit.model.flags import FlagCount
from sla_audit.tally.flags import added_up, first_of
from tests.builders.old_tallies import first_version

VERDICTS = ["pass", "normal", "ok", "clean", "safe", "compliant", "approved", "nonLabel", "n", "no", "VERY_UNLIKELY"]
CHINESE = ["正常", "合规", "通过", "无", "否", "安全", "审核通过"]
FLAGS = [
    "porn",
    "block",
    "reject",
    "review",
    "non-compliant",
    "not ok",
    "y",
    "1",
    1,
    True,
    "不合规",
    "疑似",
    "涉黄",
    0.7,
]


class TestWhatAFlagIs:
    @pytest.mark.parametrize("value", [*VERDICTS, *CHINESE, False, 0, 0.0, None, "-"], ids=repr)
    def test_a_verdict_that_nothing_was_found_is_none(self, value: Any) -> None:
        spellings = [value, f" {value}\t", f"{value}".upper(), f"\u3000{value}"] if isinstance(value, str) else [value]
        assert [USUAL.read(each) for each in spellings] == [False] * len(spellings)

    @pytest.mark.parametrize("value", FLAGS, ids=repr)
    def test_anything_else_is_one(self, value: Any) -> None:
        assert USUAL.read(value) is True

    def test_clean_words_are_none_besides(self) -> None:
        words = FlagWords(clean=["Review", 2])
        said = {"review": False, " REVIEW ": False, 2: False, "2.0": False, "pass": False, "porn": True, 3: True}
        assert {value: words.read(value) for value in said} == said

    def test_illegal_words_are_the_only_flags(self) -> None:
        words = FlagWords(illegal=["porn", "1"])
        said = {"Porn": True, 1: True, "1.0": True, "pass": False, "": False, 0: False}
        assert {value: words.read(value) for value in said} == said
        for value in ("pron", "true", "2", "疑似"):
            with pytest.raises(ValueError, match=r"told to be illegal \('1', 'porn'\) or clean"):
                words.read(value)

    def test_a_flag_may_say_that_all_is_well(self) -> None:
        words = FlagWords(clean=[True], illegal=[False])
        said = {"true": False, "false": True, "-": False, "null": False}
        assert {value: words.read(value) for value in said} == said

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"clean": []}, "names nothing"),
            ({"illegal": []}, "names nothing"),
            ({"illegal": ["porn", "-"]}, "'-' is how logs write that there is no value"),
            ({"clean": [["a"]]}, "expected a list of values"),
            ({"clean": {"a": 1}}, "expected a list of values"),
            ({"clean": ["OK", "porn"], "illegal": ["Porn"]}, "both clean and illegal: porn"),
            ({"ilegal": ["porn"]}, "Extra inputs are not permitted"),
        ],
    )
    def test_words_that_cannot_be_meant_are_refused(self, given: dict[str, Any], message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            FlagWords.model_validate(given)

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("Pass ", "Pass"),
            (True, "true"),
            (False, None),
            (0.0, None),
            ("No", "No"),
            (1.0, "1"),
            ("01", "1"),
            (0.25, "0.25"),
            ("-", None),
            (None, None),
            (float("nan"), None),
            ("x" * 101, "x" * 97 + "..."),
        ],
    )
    def test_how_a_value_is_told(self, value: Any, text: str | None) -> None:
        assert USUAL.spelt(value) == text


HEADER = "timestamp,account_id,status,content_flag\n"
T = "2026-10-05T02:00:00Z"
SEEN = ["pass", "pass", "porn", "", "-", "Pass", "正常", "涉黄", "pass"]
COUNTED = [("pass", 3, False), ("Pass", 1, False), ("porn", 1, True), ("正常", 1, False), ("涉黄", 1, True)]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def compute(*arguments: str) -> dict[str, Any]:
    assert run(["compute", *arguments, "--as-of", "2026-12-20", "--quiet", "-o", "report.json"]) == 0
    found: dict[str, Any] = json.loads(Path("report.json").read_text("utf-8"))
    return found


def flags(report: dict[str, Any]) -> list[tuple[str | None, int, bool]]:
    return [(flag["value"], flag["rows"], flag["flagged"]) for flag in report["content_flags"]]


def csv_log(name: str, values: Sequence[str], when: str = T) -> None:
    Path(name).write_text(HEADER + "".join(f"{when},a1,200,{value}\n" for value in values), "utf-8")


def json_log(name: str, values: Sequence[Any]) -> None:
    rows = [{"timestamp": T, "account_id": "a1", "status": 200, "content_flag": value} for value in values]
    Path(name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def parquet_log(name: str, values: pa.Array, row_group: int = 1 << 20, when: str = T) -> None:
    columns = {"timestamp": [when] * len(values), "account_id": ["a1"] * len(values), "status": [200] * len(values)}
    times = pa.array(columns["timestamp"]).cast(pa.timestamp("us", "UTC"))
    table = pa.table({**columns, "content_flag": values}).set_column(0, "timestamp", times)
    pq.write_table(table, name, row_group_size=row_group)


class TestWhatTheReportSays:
    def test_verdicts_are_counted_and_the_values_listed(self) -> None:
        """With `pass` for a flag, all rows were excluded, and the account had no rate at all."""
        rows = [f"{T},a1,200,pass", f"{T},a1,503,pass", f"{T},a1,503,porn"]
        Path("log.csv").write_text(HEADER + "\n".join(rows) + "\n")
        report = compute("log.csv")
        (result,) = report["results"]
        assert (result["success"], result["explicit_failure"]) == (1, 1)
        assert result["excluded"] == {"total": 1, "by_clause": {"5": 1}}
        assert flags(report) == [("pass", 2, False), ("porn", 1, True)]

    @pytest.mark.parametrize("options", [[], ["--no-statistics"]], ids=str)
    @pytest.mark.parametrize("row_group", [1, 2, 100])
    def test_they_are_the_same_in_every_format(self, row_group: int, options: list[str]) -> None:
        csv_log("log.csv", SEEN)
        json_log("log.jsonl", SEEN)
        parquet_log("log.parquet", pa.array([value or None for value in SEEN]), row_group)
        for name in ("log.csv", "log.jsonl", "log.parquet"):
            report = compute(name, *options)
            assert flags(report) == COUNTED
            assert report["results"][0]["excluded"]["by_clause"] == {"5": 2}

    @pytest.mark.parametrize(
        ("values", "counted"),
        [
            ([False, True, None, False], [("true", 1, True)]),
            ([0, 2, 0, None, 1], [("1", 1, True), ("2", 1, True)]),
            ([0.0, 0.5, None, 1.0], [("0.5", 1, True), ("1", 1, True)]),
            ([False, False], []),
            (["normal", "review", None], [("normal", 1, False), ("review", 1, True)]),
            ([None, None], []),
        ],
        ids=str,
    )
    def test_whatever_the_type(self, values: list[Any], counted: list[Any]) -> None:
        json_log("log.jsonl", values)
        assert flags(compute("log.jsonl")) == counted
        for row_group in (1, 10):
            parquet_log("log.parquet", pa.array(values), row_group)
            assert flags(compute("log.parquet")) == counted

    def test_a_value_that_the_path_says_is_counted_too(self) -> None:
        Path("content_flag=合规").mkdir()
        Path("content_flag=合规/log.csv").write_text("timestamp,account_id,status\n" + f"{T},a1,200\n" * 3)
        parquet_log("log.parquet", pa.array(["合规"] * 2))
        pq.write_table(pq.read_table("log.parquet").drop_columns(["content_flag"]), "content_flag=合规/log.parquet")
        report = compute("content_flag=合规")
        assert (flags(report), report["results"][0]["success"]) == ([("合规", 5, False)], 5)

    @pytest.mark.parametrize("options", [[], ["--no-statistics"]], ids=str)
    @pytest.mark.parametrize("row_group", [1, 10])
    def test_rows_of_months_that_were_not_asked_for_are_not_listed(self, row_group: int, options: list[str]) -> None:
        csv_log("october.csv", ["porn", "pass"])
        csv_log("november.csv", ["ad"] * 3, "2026-11-05T02:00:00Z")
        parquet_log("october.parquet", pa.array(["porn", "pass"]), row_group)
        parquet_log("november.parquet", pa.array(["ad"] * 3), row_group, "2026-11-05T02:00:00Z")
        both = pa.concat_tables(pq.read_table(f"{month}.parquet") for month in ("october", "november"))
        pq.write_table(both, "both.parquet", row_group_size=row_group)
        for logs in (["october.csv", "november.csv"], ["october.parquet", "november.parquet"], ["both.parquet"]):
            report = compute(*logs, "--cycle", "2026-10", *options)
            assert flags(report) == [("pass", 1, False), ("porn", 1, True)]

    def test_rows_that_are_duplicates_are_among_them(self) -> None:
        row = f"{T},a1,200,pass,r1\n"
        Path("log.csv").write_text(HEADER.replace("\n", ",request_id\n") + row * 3)
        report = compute("log.csv")
        assert (report["rows"]["duplicate"], flags(report)) == (2, [("pass", 3, False)])

    def test_many_values_are_added_up_without_a_name(self) -> None:
        csv_log("log.csv", [f"v{number:04}" for number in range(150)] + ["v0000", "pass"])
        listed = flags(compute("log.csv"))
        assert (len(listed), listed[0], listed[-1]) == (101, ("v0000", 2, True), (None, 51, True))
        csv_log("log.csv", [f"v{number:04}" for number in range(1100)] + ["pass", "pass"])
        assert flags(compute("log.csv")) == [(None, 1100, True), (None, 2, False)]

    def test_counts_add_up_in_any_order(self) -> None:
        chance = random.Random(14)
        for values in (999, 1001):
            parts = [FlagCount(f"v{number}", number % 7 + 1, number % 2 == 0) for number in range(values)] * 3
            whole = added_up(parts)
            chance.shuffle(parts)
            assert added_up([*added_up(parts[:500]), *added_up(parts[500:])]) == whole
            assert sum(each.rows for each in first_of(whole, 10)) == sum(each.rows for each in parts)

    def test_the_page_lists_them(self) -> None:
        csv_log("log.csv", [*SEEN, "<b>"])
        compute("log.csv", "-o", "page.html")
        page = Path("page.html").read_text("utf-8")
        assert '<bdi>涉黄</bdi></th><td class="n">1</td><td>illegal content</td>' in page
        assert '<bdi>pass</bdi></th><td class="n">3</td><td>no flag</td>' in page
        assert "<bdi>&lt;b&gt;</bdi>" in page

    def test_a_report_saved_before_they_were_told_is_rendered(self) -> None:
        csv_log("log.csv", SEEN)
        report = compute("log.csv")
        del report["content_flags"], report["often_flagged"]
        Path("report.json").write_text(json.dumps(report))
        assert run(["render", "report.json", "-o", "again.json", "-o", "again.html", "-o", "again.md"]) == 0
        assert json.loads(Path("again.json").read_text("utf-8")) == report


def config(text: str) -> list[str]:
    Path("sla-audit.toml").write_text(text, "utf-8")
    return ["--config", "sla-audit.toml"]


class TestTheConfig:
    def test_a_clean_word_is_no_flag(self) -> None:
        csv_log("log.csv", ["review", "pass", "porn"])
        report = compute("log.csv", *config('[content_flag]\nclean = "Review"\n'))
        assert flags(report) == [("pass", 1, False), ("porn", 1, True), ("review", 1, False)]
        assert report["results"][0]["success"] == 2

    @pytest.mark.parametrize("options", [[], ["--no-statistics"]], ids=str)
    @pytest.mark.parametrize("name", ["log.csv", "log.jsonl", "log.parquet"])
    def test_with_illegal_words_any_other_value_is_refused_with_its_row(
        self, name: str, options: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        values = ["porn", "pass", "weird"]
        {"log.csv": csv_log, "log.jsonl": json_log}.get(name, lambda name, each: parquet_log(name, pa.array(each), 1))(
            name, values
        )
        given = [*config('[content_flag]\nillegal = ["porn"]\n'), *options, "--as-of", "2026-12-20"]
        assert run(["compute", name, *given]) == 2
        place = {"log.csv": "line 4", "log.jsonl": "line 3", "log.parquet": "row 3"}[name]
        expected = (
            f"{name}, {place}: content_flag is 'weird'; expected a value that is told to be illegal ('porn') or clean"
        )
        assert expected in capsys.readouterr().err
        report = compute(name, *given[:-2], "--max-rejected", "1")
        assert flags(report) == [("pass", 1, False), ("porn", 1, True)]
        assert report["rows"]["rejected"] == 1

    def test_a_flag_of_booleans_may_say_that_all_is_well(self) -> None:
        json_log("log.jsonl", [True, True, False, None])
        report = compute("log.jsonl", *config("[content_flag]\nclean = [true]\nillegal = [false]\n"))
        assert flags(report) == [("true", 2, False), ("false", 1, True)]
        assert report["results"][0]["excluded"]["by_clause"] == {"5": 1}

    def test_it_holds_for_tallies_as_they_are_made(self) -> None:
        csv_log("log.csv", ["review", "pass", "porn"])
        given = config('[content_flag]\nclean = ["review"]\n')
        assert run(["tally", "log.csv", *given, "-o", "day.tally.parquet", "--quiet"]) == 0
        report = compute("day.tally.parquet")
        assert flags(report) == [("pass", 1, False), ("porn", 1, True), ("review", 1, False)]
        assert report["results"][0]["success"] == 2

    def test_a_mistake_names_the_field(self, capsys: pytest.CaptureFixture[str]) -> None:
        csv_log("log.csv", SEEN)
        assert run(["compute", "log.csv", *config('[content_flag]\nillegal = ["-"]\n')]) == 2
        assert "sla-audit.toml: content_flag.illegal: '-' is how logs write" in capsys.readouterr().err

    def test_a_dialect_has_words_of_its_own_and_the_config_goes_before(self) -> None:
        Path("own.toml").write_text(
            'schema = "sla-audit/dialect/1"\nid = "own"\ntitle = "Own"\nsource = "-"\nverified = true\n'
            'status = "code"\n[columns]\ntimestamp = ["at"]\n[content_flag]\nclean = ["low"]\nillegal = ["high"]\n'
            '[[outcomes]]\nended = "answered"\n'
        )
        Path("log.csv").write_text("at,account_id,code,content_flag\n" + f"{T},a1,200,low\n{T},a1,200,high\n")
        assert flags(compute("log.csv", "--dialect", "own.toml")) == [("high", 1, True), ("low", 1, False)]
        given = config('dialect = "own.toml"\n[content_flag]\nillegal = ["low"]\nclean = ["high"]\n')
        assert flags(compute("log.csv", *given)) == [("high", 1, False), ("low", 1, True)]


class TestTallies:
    def test_they_add_up_with_logs(self) -> None:
        csv_log("one.csv", SEEN)
        csv_log("two.csv", [*SEEN, "ad"])
        for name in ("one", "two"):
            assert run(["tally", f"{name}.csv", "-o", f"{name}.tally.parquet", "--quiet"]) == 0
        together = ["tally", "one.tally.parquet", "two.tally.parquet", "-o", "both.tally.parquet", "--quiet"]
        assert run(together) == 0
        expected = flags(compute("one.csv", "two.csv"))
        assert flags(compute("both.tally.parquet")) == flags(compute("one.tally.parquet", "two.csv")) == expected
        assert flags(compute("both.tally.parquet", "--cycle", "2026-11")) == []

    def test_the_first_version_does_not_tell_and_the_report_says_so(self) -> None:
        csv_log("one.csv", SEEN)
        assert run(["tally", "one.csv", "-o", "one.tally.parquet", "--quiet"]) == 0
        old = first_version(pq.read_table("one.tally.parquet"))
        said = json.loads(old.schema.metadata[b"sla-audit"])
        del said["content_flags"]
        pq.write_table(old.replace_schema_metadata({"sla-audit": json.dumps(said)}), "one.tally.parquet")
        report = compute("one.tally.parquet")
        assert flags(report) == []
        assert report["results"][0]["excluded"]["by_clause"] == {"5": 2}
        what = "tallies of an earlier version do not tell which content flags their logs have: one.tally.parquet"
        assert what in report["warnings"]
        assert not any("said that the service did not answer" in warning for warning in report["warnings"])


PAID = "account_id,cycle,service_fee,cash_paid\na1,2026-10,100.00,100.00\na2,2026-10,100.00,100.00\n"


class TestTooMany:
    @pytest.mark.parametrize(
        ("flagged", "clean", "often"), [(0, 9, False), (1, 9, False), (2, 18, False), (3, 26, True), (1, 8, True)]
    )
    def test_more_than_a_tenth_of_an_account_matters(
        self, flagged: int, clean: int, often: bool, capsys: pytest.CaptureFixture[str]
    ) -> None:
        said = ["a1,200,porn"] * flagged + ["a1,200,pass"] * clean + ["a2,200,"] * 900
        begins = datetime(2026, 9, 30, 16, tzinfo=UTC)  # all through October, so that no gap matters
        rows = [f"{(begins + at * timedelta(minutes=48)).isoformat()},{each}" for at, each in enumerate(said)]
        Path("log.csv").write_text(HEADER + "\n".join(rows) + "\n")
        Path("accounts.csv").write_text("account_id,plan,applied_on\na1,paid,2026-01-01\na2,paid,2026-01-01\n")
        Path("billing.csv").write_text(PAID)
        given = ["log.csv", "--accounts", "accounts.csv", "--billing", "billing.csv", "--as-of", "2026-12-20"]
        assert run(["compute", *given, "--print", "matters", "-o", "report.json"]) == 0
        printed = capsys.readouterr()
        requests = flagged + clean
        share = f"a1 {flagged * 100 // requests} % of {requests} in 2026-10"
        warned = (
            f"more than a tenth of the requests of 1 account are flagged as illegal content: {share}; clause 2.7.1 (5)"
        )
        assert (warned in printed.err, bool(printed.out)) == (often, often)
        worst = [{"account_id": "a1", "cycle": "2026-10", "requests": requests, "flagged": flagged}]
        said = json.loads(Path("report.json").read_text("utf-8"))["often_flagged"]
        assert said == {"results": 1 if often else 0, "worst": worst if often else []}

    def test_the_worst_come_first_and_few_are_named(self) -> None:
        rows = [
            f"{T},{account},200,{'porn' if at < flagged else 'pass'}"
            for account, flagged in {"a": 2, "b": 4, "c": 4, "d": 9, "e": 1}.items()
            for at in range(10)
        ]
        Path("log.csv").write_text(HEADER + "\n".join(rows) + "\n")
        report = compute("log.csv")
        assert [each["account_id"] for each in report["often_flagged"]["worst"]] == ["d", "b", "c", "a"]
        (said,) = [warning for warning in report["warnings"] if "a tenth" in warning]
        assert "of 4 accounts" in said
        assert "d 90 % of 10 in 2026-10, b 40 % of 10 in 2026-10, c 40 % of 10 in 2026-10; clause" in said

    def test_under_an_agreement_that_knows_no_flags_nothing_is_said(self) -> None:
        rule = '[[classification]]\nwhen = { content_flag = true }\nclass = "excluded"\ncause = 5\n'
        text = contract_file(BUILT_IN).decode()
        assert rule in text
        Path("own.toml").write_text(text.replace(rule, ""), "utf-8")
        csv_log("log.csv", ["porn", "pass"])
        report = compute("log.csv", "--contract", "own.toml")
        assert report["often_flagged"] == {"results": 0, "worst": []}
        assert report["results"][0]["success"] == 2
