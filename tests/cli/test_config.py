"""`sla-audit.toml`: the options of a run, with paths relative to the file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.options.config import ClaimSettings, Config, SourceSettings, StorageTable, read_config
from sla_audit.errors import InputError
from sla_audit.intake.facts.form import BillingForm, FactsForms
from sla_audit.intake.values.content_flags import FlagWords

OF_LOGS = {
    "logs",
    "format",
    "log_format",
    "dialect",
    "columns",
    "delimiter",
    "encoding",
    "time_zone",
    "content_flag",
    "no_statistics",
    "as_of_version",
}
SETTINGS = OF_LOGS | {
    "claim",
    "storage",
    "lang",
    "keep_duplicates",
    "hash_logs",
    "metering_tolerance",
    "contract",
    "accounts",
    "billing",
    "alias",
    "facts",
    "exclusions",
    "holidays",
    "ledger",
    "near",
    "apis",
    "cycle",
    "as_of",
    "reading",
    "output",
    "show",
    "print",
    "fail_on",
    "max_rejected",
    "rejects",
    "jobs",
    "engine",
    "spark_master",
    "quiet",
}


def write(folder: Path, text: str) -> Path:
    path = folder / "sla-audit.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_config_says_nothing(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, "")) == Config()


def test_a_config_may_say_everything(tmp_path: Path) -> None:
    config = read_config(
        write(
            tmp_path,
            """
            contract = "jdcloud-smart-compose"
            logs = ["logs", "more/*.parquet"]
            accounts = "accounts.csv"
            billing = "facts/billing.csv"
            alias = "alias.csv"
            exclusions = "../exclusions.csv"
            holidays = "holidays.csv"
            delimiter = "tab"
            encoding = "gb18030"
            time_zone = "Asia/Tokyo"
            dialect = "kong"
            format = "jsonl"
            log_format = "$msec $status"
            near = 5
            apis = ["/v1/compose", "/v1/c*"]
            cycle = "2026-10"
            as_of = 2026-11-20
            reading = "broad"
            output = ["report.json", "out/report.csv"]
            show = "all"
            print = "matters"
            fail_on = ["breach", "undetermined"]
            max_rejected = "0.1%"
            rejects = "rejects.csv"
            ledger = "claims.db"
            jobs = 2
            engine = "spark"
            spark_master = "spark://driver:7077"
            no_statistics = true
            as_of_version = 12
            keep_duplicates = true
            hash_logs = true
            metering_tolerance = 3
            quiet = true
            lang = "zh"

            [columns]
            timestamp = ["date", "time"]
            status = "code"
            account_id = { from = "host", pattern = '^([a-z]+)' }

            [content_flag]
            clean = ["Review"]
            illegal = ["porn", 1]

            [facts.billing]
            numbers = "1,000.00"
            columns = { service_fee = "应付金额" }

            [claim]
            claimant = "示例有限公司"
            font = "SimSun.ttf"

            [storage]
            endpoint = "https://s3.example.com"
            addressing = "virtual"
            """,
        )
    )

    assert config.model_fields_set >= SETTINGS
    assert config == Config(
        contract="jdcloud-smart-compose",
        logs=(str(tmp_path / "logs"), str(tmp_path / "more/*.parquet")),
        accounts=tmp_path / "accounts.csv",
        billing=tmp_path / "facts/billing.csv",
        alias=tmp_path / "alias.csv",
        exclusions=tmp_path / "../exclusions.csv",
        holidays=tmp_path / "holidays.csv",
        delimiter="tab",
        encoding="gb18030",
        time_zone="Asia/Tokyo",
        dialect="kong",
        format="jsonl",
        log_format="$msec $status",
        near=5,
        apis=("/v1/compose", "/v1/c*"),
        cycle="2026-10",
        as_of=date(2026, 11, 20),
        reading="broad",
        output=(tmp_path / "report.json", tmp_path / "out/report.csv"),
        show="all",
        print="matters",
        fail_on=("breach", "undetermined"),
        max_rejected="0.1%",
        rejects=tmp_path / "rejects.csv",
        ledger=tmp_path / "claims.db",
        jobs=2,
        engine="spark",
        spark_master="spark://driver:7077",
        no_statistics=True,
        as_of_version=12,
        keep_duplicates=True,
        hash_logs=True,
        metering_tolerance="3",
        quiet=True,
        lang="zh",
        columns={
            "timestamp": ("date", "time"),
            "status": ("code",),
            "account_id": {"from": "host", "pattern": "^([a-z]+)"},
        },
        content_flag=FlagWords(clean=["review"], illegal=["porn", "1"]),
        facts=FactsForms(billing=BillingForm(numbers="1,000.00", columns={"service_fee": "应付金额"})),
        claim=ClaimSettings(claimant="示例有限公司", font=tmp_path / "SimSun.ttf"),
        storage=StorageTable(endpoint="https://s3.example.com", addressing="virtual"),
    )


def test_the_settings_are_those_of_the_design() -> None:
    assert set(Config.model_fields) == SETTINGS | {"sources", "audits"}
    assert set(SourceSettings.model_fields) == OF_LOGS


SHORT: dict[str, tuple[str, str, Any]] = {
    "one API is a list of one": ('apis = "/v1/compose"', "apis", ("/v1/compose",)),
    "one condition is a list of one": ('fail_on = "breach"', "fail_on", ("breach",)),
    "a number of rejects": ("max_rejected = 12", "max_rejected", "12"),
    "no rejects": ("max_rejected = 0", "max_rejected", "0"),
    "a day as text": ('as_of = "2026-11-20"', "as_of", date(2026, 11, 20)),
    "an instant": (
        "as_of = 2026-11-20T00:00:00+14:00",
        "as_of",
        datetime(2026, 11, 20, tzinfo=timezone(timedelta(hours=14))),
    ),
    "an instant as text": ('as_of = "2026-11-20T05:00:00Z"', "as_of", datetime(2026, 11, 20, 5, tzinfo=UTC)),
    "date and time written as for the option": (
        'columns = { timestamp = "date,time" }',
        "columns",
        {"timestamp": ("date", "time")},
    ),
}


@pytest.mark.parametrize(("text", "field", "expected"), SHORT.values(), ids=SHORT)
def test_short_ways_to_say_it(tmp_path: Path, text: str, field: str, expected: Any) -> None:
    assert getattr(read_config(write(tmp_path, text)), field) == expected


def test_standard_input_lies_in_no_folder(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, 'logs = ["-", "x.csv"]')).logs == ("-", str(tmp_path / "x.csv"))


@pytest.mark.parametrize("field", ["logs", "output"])
def test_one_path_is_a_list_of_one(tmp_path: Path, field: str) -> None:
    config = read_config(write(tmp_path, f'{field} = "x.csv"'))

    assert [Path(path) for path in getattr(config, field)] == [tmp_path / "x.csv"]


def test_paths_are_relative_to_the_file_wherever_the_run_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    write(tmp_path / "conf", 'logs = ["logs"]\naccounts = "a.csv"\noutput = "r.json"\ncontract = "my.toml"')
    monkeypatch.chdir(tmp_path)

    config = read_config(Path("conf/sla-audit.toml"))

    assert [Path(pattern) for pattern in config.logs] == [Path("conf/logs")]
    assert (config.accounts, config.output) == (Path("conf/a.csv"), (Path("conf/r.json"),))
    assert config.contract is not None
    assert Path(config.contract) == Path("conf/my.toml")


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "accounts.csv"

    config = read_config(write(tmp_path, f"accounts = '{elsewhere.as_posix()}'"))

    assert config.accounts == elsewhere


def test_a_built_in_contract_is_no_path(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, 'contract = "jdcloud-smart-compose"')).contract == "jdcloud-smart-compose"


WRONG: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "an unknown setting": (
        'acounts = "a.csv"',
        [("acounts", "no such setting", "The settings are: logs, format, log_format, dialect")],
    ),
    "the option's name with a dash": ("as-of = 2026-11-20", [("as-of", "no such setting", "as_of")]),
    "an unknown table": ("[column]\nstatus = 'code'", [("column", "no such setting", "columns")]),
    "an unknown way to show": ("show = 'none'", [("show", "'owed', 'breached' or 'all', found 'none'", "")]),
    "an unknown condition, by its place in the list": (
        "fail_on = ['breach', 'late']",
        [("fail_on[2]", "'breach', 'undetermined' or 'gaps', found 'late'", "")],
    ),
    "a log that is no text": ("logs = ['a.csv', 7]", [("logs[2]", "text, found 7", "")]),
    "an account file that is a list": ("accounts = ['a.csv']", [("accounts", "path", "")]),
    "a share that is a float": ("max_rejected = 0.5", [("max_rejected", "text, found 0.5", "")]),
    "a tolerance that is a boolean": ("max_rejected = true", [("max_rejected", "text, found true", "")]),
    "a day that is none": ("as_of = 'soon'", [("as_of", "found 'soon'", "")]),
    "a day with a time": ("as_of = 2026-11-20T05:00:00", [("as_of", "an instant with its offset from UTC", "")]),
    "columns that are no table": ("columns = 'status'", [("columns", "found 'status'", "")]),
    "a column that is a number": ("[columns]\nstatus = 7", [("columns.status", "found 7", "")]),
    "jobs that are no number": ("jobs = 'many'", [("jobs", "found 'many'", "")]),
    "a cycle that is a date": ("cycle = 2026-10-01", [("cycle", "text", "")]),
    "every mistake at once": (
        "acounts = 'a.csv'\nshow = 'none'\njobs = 'many'",
        [("show", "found 'none'", ""), ("jobs", "found 'many'", ""), ("acounts", "no such setting", "")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_mistakes_are_named_by_field(tmp_path: Path, text: str, expected: list[tuple[str, str, str]]) -> None:
    path = write(tmp_path, text)

    with pytest.raises(InputError) as raised:
        read_config(path)

    problems = raised.value.problems
    assert [str(problem.where) for problem in problems] == [f"{path.as_posix()}: {field}" for field, _, _ in expected]
    for problem, (_, what, remedy) in zip(problems, expected, strict=True):
        assert what in str(problem.what)
        assert remedy in str(problem.remedy)


UNREADABLE: dict[str, tuple[bytes | None, str]] = {
    "no file": (None, "cannot be read: No such file or directory"),
    "not TOML": (b"logs = logs", "not a TOML file in UTF-8: Invalid value (at line 1, column 8)"),
    "a key twice": (
        b"jobs = 1\njobs = 2\n",
        "not a TOML file in UTF-8: Cannot overwrite a value (at line 2, column 9)",
    ),
    "a month that TOML takes for a broken date": (b"cycle = 2026-10\n", "not a TOML file in UTF-8: "),
    "not UTF-8": (b"contract = '\xff'", "not a TOML file in UTF-8: 'utf-8' codec can't decode byte 0xff"),
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "sla-audit.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError) as raised:
        read_config(path)

    (problem,) = raised.value.problems
    assert str(problem.where) == path.as_posix()
    assert str(problem.what).startswith(message)
    assert str(problem.remedy)
