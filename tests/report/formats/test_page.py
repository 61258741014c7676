"""The page as a document: sound, self-contained, with the figures of the report and the clause of each."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape
from importlib.resources import files
from typing import Any

import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.report.document import Report
from sla_audit.report.formats.html.inline import json_element_text
from sla_audit.report.formats.html.render import render_html
from sla_audit.report.saved.restore import restore
from tests.builders.reports.by_hand import NOT_OWED, OWED, UNDETERMINED, a_report
from tests.page_reader import Page, policy_hash, read_page
from tests.program import ROOT

CONTRACT = load_contract(BUILT_IN)
SAMPLE = ROOT / "sample_logs" / "expected.json"
WHOLE: dict[str, Any] = json.loads(SAMPLE.read_bytes())


@pytest.fixture(scope="module")
def report() -> Report:
    return restore(SAMPLE).report


@pytest.fixture(scope="module")
def content(report: Report) -> bytes:
    return render_html(report, CONTRACT)


@pytest.fixture(scope="module")
def page(content: bytes) -> Page:
    return read_page(content)


def text_of(content: bytes) -> str:
    """Give what a reader sees without scripts, its spaces even."""
    body = re.sub(r"(?s)<(style|script)\b.*?</\1>", " ", content.decode("utf-8"))
    body = re.sub(r'<span class="whole">(.*?)</span>', r"\1", body)
    return " ".join(re.sub(r"<[^>]*>", " ", body).replace("\u2019", "'").split())


def test_the_page_is_sound(page: Page) -> None:
    assert page.faults() == []


def test_the_same_report_gives_the_same_bytes(report: Report, content: bytes) -> None:
    assert render_html(report, CONTRACT) == content
    # The drawing library counts what it names, so that names would differ in a process that drew before.
    assert set(re.findall(rb"url\(#[^)]*\)", content)) <= {b"url(#missing)"}


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(page: Page) -> None:
    (style,) = page.named("style")
    (script,) = [each for each in page.named("script") if "type" not in each.attributes]
    assert page.allowed("default-src") == "'none'"
    assert page.allowed("style-src") == policy_hash(style.text)
    assert page.allowed("script-src") == policy_hash(script.text)
    assert {page.allowed(name) for name in ("base-uri", "form-action")} == {"'none'"}
    assert page.allowed("img-src") == "data:"


class TestWhatItSays:
    def test_what_is_owed_comes_first_and_that_it_is_a_voucher(self, content: bytes) -> None:
        said = text_of(content)
        assert "At least 2,051.67 CNY can be claimed until 2026-11-30 7 of 17 accounts, 2026-10, as vouchers" in said

    def test_what_needs_attention_stands_below_with_its_clauses(self, content: bytes) -> None:
        said = text_of(content)
        assert "Below the objective 11 of 17 results, whose success rate is under 99 % clause 2.7 " in said
        assert "Undetermined 2 1: not in accounts file, 1: no row in the billing file" in said
        assert "Under the broad reading at least 2,351.66 CNY Results on which the readings differ: 1 clause" in said
        assert "Close to a tier boundary 10 results" in said
        assert "11 days left from 2026-11-05 to 2026-11-30, both inclusive clause 2.10.2" in said

    def test_every_warning_is_there(self, content: bytes) -> None:
        said = unescape(re.sub(r"</?(a|span)\b[^>]*>", "", content.decode()))
        assert all(warning in said for warning in WHOLE["warnings"])

    def test_every_row_of_the_logs_is_accounted_for(self, page: Page) -> None:
        assert "Rows: 2,936 read = 2,754 counted + 42 outside service dates" in " ".join(page.texts)

    def test_the_days_have_the_figures_of_the_json(self, content: bytes) -> None:
        said = text_of(content)
        for day in WHOLE["daily"]:
            counted = day["success"] + day["explicit_failure"]
            rate = f"{Decimal(10**6 * day['success'] // counted).scaleb(-4):.4f}"
            figures = [day["success"], day["explicit_failure"], rate, day["excluded"]["total"]]
            assert f"{day['date']} {' '.join(map(str, figures))}" in said

    @pytest.mark.parametrize(
        ("as_of", "words"),
        [
            ("2026-11-04", "not yet open"),
            ("2026-11-05", "26 days left"),
            ("2026-11-30", "1 day left"),
            ("2026-12-01", "closed"),
        ],
    )
    def test_the_deadline_of_claims_at_every_edge(self, as_of: str, words: str) -> None:
        assert f"Claims for 2026-10 {words} from 2026-11-05 to" in text_of(
            render_html(a_report({}, as_of=as_of), CONTRACT)
        )

    @pytest.mark.parametrize(
        ("as_of", "words"),
        [
            ("2026-10-20", "Claims for 2026-09 12 days left"),
            ("2026-11-04", "Claims for 2026-10 not yet open"),
            ("2026-11-20", "Claims for 2026-10 11 days left"),
            ("2027-01-01", "Claims for 2026-10 closed"),
        ],
    )
    def test_of_several_windows_the_one_that_needs_attention_first_is_on_top(self, as_of: str, words: str) -> None:
        earlier = {"cycle": "2026-09", "opens_on": "2026-10-11", "closes_on": "2026-10-31"}
        assert words in text_of(render_html(a_report(earlier, {}, as_of=as_of), CONTRACT))

    def test_where_nothing_is_owed_there_is_no_deadline(self) -> None:
        owed = {"owed": 0, "compensation": "0.00"}
        said = text_of(render_html(a_report(NOT_OWED, totals=owed), CONTRACT))
        assert "Nothing is owed 1 result Service cycle 2026-10" in said
        assert "Claims for" not in said

    def test_a_month_that_runs_is_undetermined_for_that(self) -> None:
        running = UNDETERMINED | {"reason": "cycle_running"}
        said = text_of(render_html(a_report(running, totals={"owed": 0, "undetermined": 1}), CONTRACT))
        assert "Undetermined 1 month still running" in said
        assert "all results decided" not in said

    CARDS = (
        ("no month runs", {}, "Under the broad reading not known Results"),
        (
            "no logs at all",
            {"reason": "no_logs", "broad/reason": "no_logs"},
            "Under the broad reading not known Results",
        ),
        (
            "a month that runs",
            {
                "reason": "cycle_running",
                "broad/reason": "cycle_running",
                "broad/estimate": "360.00",
                "estimate": "90.00",
            },
            "Under the broad reading 360.00 CNY if the month ended today Results on which",
        ),
        (
            "a month that runs, without a bill",
            {"reason": "cycle_running", "broad/reason": "cycle_running"},
            "Under the broad reading not known Results",
        ),
    )

    @pytest.mark.parametrize(("row", "card"), [case[1:] for case in CARDS], ids=[case[0] for case in CARDS])
    def test_what_the_other_reading_gives_is_known_or_is_not_and_never_a_zero(
        self, row: dict[str, str], card: str
    ) -> None:
        unknown = {f"broad/{name}": text for name, text in UNDETERMINED.items() if name in ("decision", "compensation")}
        totals = {"readings": {name: {"compensation": None, "undetermined": 1} for name in ("literal", "broad")}}
        report = a_report(UNDETERMINED | unknown | {"broad/credit_rate": "0.60"} | row, totals=totals)
        assert card in text_of(render_html(report, CONTRACT))

    def test_without_logs_it_is_not_known_how_many_are_below_the_objective(self) -> None:
        said = text_of(render_html(a_report(UNDETERMINED | {"reason": "no_logs"}), CONTRACT))
        assert "Below the objective not known" in said
        assert "can be claimed until" not in said
        assert "nothing known to be owed; claims are taken until 2026-11-30" in said

    def test_where_nothing_is_known_to_be_owed(self) -> None:
        owed = {"owed": 0, "undetermined": 1, "compensation": "0.00"}
        said = text_of(render_html(a_report(UNDETERMINED, totals=owed), CONTRACT))
        assert "Nothing is known to be owed" in said
        assert "Undetermined 1 no row in the billing file" in said

    def test_a_report_without_days_says_so(self) -> None:
        assert "This report has no days" in text_of(render_html(a_report({}), CONTRACT))

    def test_a_report_without_results_is_a_page_too(self) -> None:
        empty = render_html(a_report(totals={"accounts": 0, "breached": 0, "owed": 0}), CONTRACT)
        assert read_page(empty).faults() == []
        assert "No results, literal reading" in text_of(empty)

    def test_what_a_saved_report_alone_may_say_is_a_page_too(self) -> None:
        exclusion = {"id": "M", "clause": 99, "state": "applied", "reason": None, "requests": 1}
        unknown = exclusion | {"requests_alone": None, "compensation_saved": None}
        nothing = {"compensation": "0.00", "literal/compensation": "0.00"}
        content = render_html(a_report(nothing, exclusions=[unknown]), CONTRACT)
        assert read_page(content).faults() == []
        assert "applied clause 2.7.1 (99) 1 not known not known" in text_of(content)

    def test_several_cycles_are_named_from_first_to_last(self) -> None:
        months = [{"account_id": "A", "cycle": month} for month in ("2026-09", "2026-10")]
        said = text_of(render_html(a_report(*months), CONTRACT))
        assert "Service cycles 2026-09 to 2026-10" in said

    def test_the_tail_of_those_owed_is_folded_with_its_sum(self) -> None:
        rows = [{"account_id": f"a{n:02}", "compensation": f"{n}.10"} for n in range(1, 21)]
        assert "And 8 other accounts, owed 36.80 CNY together." in text_of(render_html(a_report(*rows), CONTRACT))

    def test_readings_that_agree_are_said_to(self) -> None:
        agreeing = {"broad/compensation": OWED["literal/compensation"], "readings_differ": False}
        assert "All readings give every result the same amount." in text_of(render_html(a_report(agreeing), CONTRACT))


class TestTheData:
    def test_it_has_every_result_with_the_figures_of_the_json(self, page: Page) -> None:
        columns = page.data["columns"]
        cycle = columns["cycle"]
        columns["cycle"] = [cycle["values"][place] for place in cycle["places"]]
        place = {account: at for at, account in enumerate(columns["account"])}
        same = ("cycle", "requests", "success", "explicit_failure", "success_rate", "credit_rate", "compensation")
        assert len(place) == len(WHOLE["results"])
        for result in WHOLE["results"]:
            at = place[result["account_id"]]
            assert {name: columns[name][at] for name in same} == {name: result[name] for name in same}
            assert columns["excluded"][at] == result["excluded"]["total"]
            clauses = columns["clauses"][at] or ""
            found = dict(part.split(":") for part in clauses.split(";") if part)
            assert {clause: int(requests) for clause, requests in found.items()} == result["excluded"]["by_clause"]
            assert columns["readings"]["broad"]["compensation"][at] == result["readings"]["broad"]["compensation"]

    def test_it_has_the_days_of_results_below_the_objective(self, page: Page) -> None:
        columns = page.data["columns"]
        for result in WHOLE["results"]:
            days = columns["days"][columns["account"].index(result["account_id"])]
            assert (days is not None) == ("daily" in result)
            for day, written in zip(result.get("daily", ()), (days or "").split(";"), strict=False):
                counts = (day["success"], day["explicit_failure"], day["excluded"]["total"])
                assert tuple(map(int, written.split(","))) == (int(day["date"][-2:]), *counts)

    def test_amounts_stay_text(self, page: Page) -> None:
        columns = page.data["columns"]
        money = [each for name in ("service_fee", "cash_paid", "compensation") for each in columns[name]]
        assert {type(each) for each in money} == {str, type(None)}

    def test_a_reading_may_keep_excluded_requests_in_the_denominator(self) -> None:
        literal = CONTRACT.readings["literal"].model_copy(update={"excluded_in_denominator": True})
        contract = CONTRACT.model_copy(update={"readings": {**CONTRACT.readings, "literal": literal}})
        columns = read_page(render_html(a_report({}), contract)).data["columns"]
        assert (columns["kept"], columns["counted"]) == ([980], [1000])
        columns = read_page(render_html(a_report({}), CONTRACT)).data["columns"]
        assert (columns["kept"], columns["counted"]) == ([960], [980])


@pytest.mark.parametrize("text", ["</script>", "<!--<script>", "]]>", "a\u2028b", "a\u2029b", "&lt;", "\"'\\"])
def test_no_text_ends_the_element_that_holds_the_data(text: str) -> None:
    inside = json_element_text({text: [text]})
    assert not set("<>&\u2028\u2029") & set(inside)
    assert json.loads(inside) == {text: [text]}


STYLE = files("sla_audit.report.formats.html").joinpath("assets", "style.css").read_text("utf-8")
LIGHT, DARK, PRINT = (
    dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK, LIGHT | PRINT], ids=["light", "dark", "print"])
@pytest.mark.parametrize("ink", ["ink", "muted", "accent", "bad", "warn", "ok"])
@pytest.mark.parametrize("ground", ["page", "card"])
def test_text_stands_out_from_its_ground_as_wcag_asks(colours: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_warnings_stand_out_and_marks_of_charts_can_be_seen(colours: dict[str, str]) -> None:
    assert contrast(colours["ink"], colours["warn-wash"]) >= 4.5
    assert contrast(colours["warn"], colours["warn-wash"]) >= 4.5
    for mark in ("accent", "bad", "ok", "muted", *(f"c{number}" for number in range(1, 13))):
        assert contrast(colours[mark], colours["card"]) >= 3


def test_every_colour_that_a_drawing_uses_is_defined(content: bytes) -> None:
    used = set(re.findall(r"var\(--([a-z0-9]+)\)", content.decode("utf-8")))
    assert used <= set(LIGHT)
    assert set(LIGHT) == set(DARK)
