"""Reports in Chinese: nothing stays English, figures are the same, and what machines read does not change."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from openpyxl import load_workbook
from rich.cells import cell_len

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError
from sla_audit.model.notice import Notice, in_a_row
from sla_audit.report.formats.registry import FORMATS
from sla_audit.report.language import ENGLISH, words_of
from sla_audit.report.quarters import OF_QUARTERS
from sla_audit.report.saved.restore import restore
from sla_audit.report.standing.warnings import warnings_by_grade
from tests.builders.reports.as_rendered import is_rendered_from
from tests.catalogues import PO, extracted, translated
from tests.program import ROOT, sla_audit

CONFIG = ("--config", "sample_logs/sla-audit.toml")
SAMPLE = ROOT / "sample_logs" / "expected.json"
CHINESE = words_of("zh")
TRANSLATED = translated()
MESSAGES = [message for message in TRANSLATED if message.id]
PEOPLE = [suffix for suffix, form in FORMATS.items() if form.for_people]
PLACE = re.compile(r"\{\w+[^}]*\}|%\(\w+\)s|%%")


def forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def named(message: Message) -> str:
    return forms(message.id)[0]


class TestCatalogue:
    def test_it_has_every_text_that_is_said_and_no_other(self) -> None:
        assert {message.id for message in MESSAGES} == {message.id for message in extracted() if message.id}

    def test_the_compiled_file_says_the_same(self) -> None:
        with PO.with_suffix(".mo").open("rb") as file:
            compiled = read_mo(file)
        said = [{named(each): forms(each.string) for each in some if each.id} for some in (compiled, MESSAGES)]
        assert said[0] == said[1]

    @pytest.mark.parametrize("message", MESSAGES, ids=named)
    def test_a_text_is_translated_with_its_places(self, message: Message) -> None:
        assert not message.fuzzy
        if not any("{" in form for form in forms(message.id)):  # else Babel takes "5 % of" for a place
            assert list(message.check(TRANSLATED)) == []
        for text in forms(message.string):
            assert text
            for form in forms(message.id):
                assert Counter(PLACE.findall(text)) == Counter(PLACE.findall(form))

    def test_what_no_catalogue_has_stays(self) -> None:
        assert CHINESE.of("a reading of somebody's own {contract}") == "a reading of somebody's own {contract}"
        assert CHINESE.of("") == ""


class TestQuarters:
    def test_every_text_that_is_said_otherwise_of_quarters_is_said_of_months(self) -> None:
        said = {form for message in MESSAGES for form in forms(message.id)}
        assert set(OF_QUARTERS) <= said
        assert set(OF_QUARTERS.values()) <= said

    @pytest.mark.parametrize(("of_months", "of_quarters"), OF_QUARTERS.items(), ids=list(OF_QUARTERS))
    def test_it_has_the_same_places(self, of_months: str, of_quarters: str) -> None:
        assert Counter(PLACE.findall(of_months)) == Counter(PLACE.findall(of_quarters))

    def test_texts_that_no_length_changes_stay(self) -> None:
        contract = load_contract(BUILT_IN)
        assert ENGLISH.of_cycles(contract) is ENGLISH
        cycle = contract.cycle.model_copy(update={"length": "quarter"})
        words = ENGLISH.of_cycles(contract.model_copy(update={"cycle": cycle}))
        assert words.of("objective met") == "objective met"
        assert words.of("month still running") == "quarter still running"
        assert words.of("at most the monthly service fee") == "at most the quarterly service fee"
        assert words.of_cycles(contract.model_copy(update={"cycle": cycle})) == words


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make the sample's report in every format, in both languages."""
    folders = {}
    for language in ("en", "zh"):
        folders[language] = tmp_path_factory.mktemp(language)
        outputs = [part for suffix in FORMATS for part in ("-o", str(folders[language] / f"report{suffix}"))]
        done = sla_audit("compute", *CONFIG, "--quiet", "--lang", language, *outputs)
        assert (done.returncode, done.stderr) == (0, "")
    return folders


def text_of(path: Path) -> str:
    """Give what a person reads in a report."""
    if path.suffix == ".md":
        return path.read_text("utf-8")
    if path.suffix == ".xlsx":
        sheets = load_workbook(io.BytesIO(path.read_bytes())).worksheets
        cells = (str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row)
        return "\n".join([*(sheet.title for sheet in sheets), *cells])
    page = path.read_text("utf-8")
    words = json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[0])
    shown = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    # Titles of clauses are there in the other language too, which is marked.
    shown = re.sub(r'<span lang="(en|zh-CN)">[^<]*</span>', "", shown)
    labels = re.findall(r'aria-label="([^"]*)"', shown)
    parts = [re.sub(r"<[^>]*>", "\n", shown), *labels, *map(str, words["words"].values()), *words["columns"]["why"]]
    return unescape("\n".join(parts))


ENGLISH_WORDS = re.compile(r"(?<![-\w])[A-Za-z]{2,}(?:[ ,;:]+[A-Za-z]{2,})+")


NOTES = [each["note"] for each in json.loads(SAMPLE.read_bytes())["exclusions"]]


def english_in(text: str) -> list[str]:
    """Find what stays English; notes are as the facts have them."""
    for note in NOTES:
        text = text.replace(note, "")
    return ENGLISH_WORDS.findall(text)


class TestReports:
    @pytest.mark.parametrize("suffix", PEOPLE)
    def test_nothing_stays_english(self, made: dict[str, Path], suffix: str) -> None:
        assert english_in(text_of(made["en"] / f"report{suffix}"))
        assert english_in(text_of(made["zh"] / f"report{suffix}")) == []

    def test_the_page_names_its_language(self, made: dict[str, Path]) -> None:
        assert '<html lang="en">' in (made["en"] / "report.html").read_text("utf-8")
        assert '<html lang="zh-CN">' in (made["zh"] / "report.html").read_text("utf-8")

    @pytest.mark.parametrize("suffix", [".md", ".xlsx"])
    def test_figures_are_the_same(self, made: dict[str, Path], suffix: str) -> None:
        found = [
            Counter(re.findall(r"\d(?:[\d,.-]*\d)?", text_of(made[language] / f"report{suffix}")))
            for language in ("en", "zh")
        ]
        assert found[0] == found[1]

    @pytest.mark.parametrize("suffix", sorted(set(FORMATS) - set(PEOPLE)))
    def test_what_machines_read_is_the_same_to_the_byte(self, made: dict[str, Path], suffix: str) -> None:
        name = f"report{suffix}"
        assert (made["en"] / name).read_bytes() == (made["zh"] / name).read_bytes()

    def test_a_saved_report_gives_the_same_files_and_a_sentence_more(
        self, made: dict[str, Path], tmp_path: Path
    ) -> None:
        outputs = [part for suffix in PEOPLE for part in ("-o", str(tmp_path / f"report{suffix}"))]
        done = sla_audit("render", str(made["en"] / "report.json"), "--lang", "zh", *outputs)
        assert (done.returncode, done.stderr) == (0, "")
        for suffix in PEOPLE:
            assert is_rendered_from(tmp_path / f"report{suffix}", made["zh"] / f"report{suffix}", "zh")


PRINTED = {
    "the table": ("compute", *CONFIG, "--show", "all"),
    "claims": ("claim-check", "--report", str(SAMPLE), "--as-of", "2026-11-20"),
    "claims of several states": ("claim-check", "--report", str(SAMPLE), "--as-of", "2026-12-20"),
    "an explanation": ("explain", *CONFIG, "--account", "readings-differ", "--cycle", "2026-10"),
    "an owed one": ("explain", *CONFIG, "--account", "unannounced-works", "--cycle", "2026-10"),
}


class TestTerminal:
    @pytest.mark.parametrize("command", PRINTED.values(), ids=PRINTED)
    def test_nothing_stays_english(self, command: tuple[str, ...]) -> None:
        done = sla_audit(*command, "--lang", "zh", columns=200)  # so wide that no note is folded
        assert done.stdout
        assert english_in(done.stdout + done.stderr) == []

    @pytest.mark.parametrize("columns", [80, 120])
    def test_columns_line_up(self, columns: int) -> None:
        lines = sla_audit("compute", *CONFIG, "--lang", "zh", columns=columns).stdout.splitlines()
        head = next(at for at, line in enumerate(lines) if line.startswith("账户"))
        edge = cell_len(lines[head].partition("理由")[0])
        rows = [line for line in lines[head + 1 :] if re.match(r"[a-z-]+ +\d", line)]
        assert len(rows) == 12
        for line in rows:
            # The amounts end two cells before the next column begins.
            amount = next(text for at, text in enumerate(line) if cell_len(line[: at + 1]) == edge - 2)
            assert amount in "0123456789?"

    def test_the_variable_and_the_config_name_the_language(self, tmp_path: Path) -> None:
        said = sla_audit("render", str(SAMPLE), "--lang", "zh")
        assert sla_audit("render", str(SAMPLE), variables={"SLA_AUDIT_LANG": "zh"}).stdout == said.stdout
        (tmp_path / "log.csv").write_text("timestamp,account_id,status\n2026-10-05T00:00:00Z,A,200\n")
        (tmp_path / "sla.toml").write_text('logs = ["log.csv"]\nlang = "zh"\nas_of = 2026-11-20\n')
        assert "审计日" in sla_audit("compute", "--config", str(tmp_path / "sla.toml")).stdout

    def test_json_is_the_same(self) -> None:
        for command in (
            ("compute", *CONFIG, "-o", "-"),
            (*PRINTED["claims"], "--format", "json"),
            (*PRINTED["an explanation"], "--format", "json"),
        ):
            assert sla_audit(*command).stdout == sla_audit(*command, "--lang", "zh").stdout

    def test_another_language_is_refused(self) -> None:
        done = sla_audit("compute", *CONFIG, "--lang", "fr")
        assert done.returncode == 2
        assert "'fr' is not one of 'en', 'zh'" in done.stderr


class TestNotices:
    NOTICE = Notice("{paths} and {more} more", paths=in_a_row(["{more}.csv", "b.csv", Notice("c")]), more=2)

    def test_values_are_put_in_once(self) -> None:
        assert str(self.NOTICE) == "{more}.csv, b.csv, c and 2 more"
        assert self.NOTICE.told(CHINESE.of) == "{more}.csv、b.csv、c 等（另有 2 个）"

    def test_json_keeps_them(self) -> None:
        again = Notice.from_json(json.loads(json.dumps(self.NOTICE.as_json())))
        assert str(again) == str(self.NOTICE)

    def test_a_place_may_have_any_name(self) -> None:
        saved = {"text": "{text} {self}", "values": {"text": "{self}", "self": {"text": "b", "values": {}}}}
        assert str(Notice.from_json(saved)) == "{self} b"
        assert Notice.from_json(saved).as_json() == saved

    def test_a_report_without_them_keeps_its_warnings(self, tmp_path: Path) -> None:
        older = json.loads(SAMPLE.read_bytes())
        del older["notices"]
        report = restore(_saved(older, tmp_path)).report
        for words in (CHINESE, ENGLISH):
            assert [text for group in warnings_by_grade(report, words) for text in group.said] == older["warnings"]

    def test_notices_that_say_something_else_are_refused(self, tmp_path: Path) -> None:
        other = json.loads(SAMPLE.read_bytes())
        outside = next(each for each in other["notices"] if each["values"].get("requests") == 42)
        outside["values"]["requests"] = 43
        with pytest.raises(InputError, match="notices do not say what the warnings say"):
            restore(_saved(other, tmp_path))


def _saved(document: dict[str, Any], folder: Path) -> Path:
    path = folder / "report.json"
    path.write_text(json.dumps(document), "utf-8")
    return path
