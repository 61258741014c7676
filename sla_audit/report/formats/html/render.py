"""The page: a template filled with what a report says, its style and script inside it, and nothing from elsewhere."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment

from sla_audit.contract.model import Contract
from sla_audit.report import sentences
from sla_audit.report.document import Report
from sla_audit.report.formats import exclusions, metering, provenance
from sla_audit.report.formats.html.argued.clauses import cited, clause_texts, kept_whole
from sla_audit.report.formats.html.charts.drawing import colour
from sla_audit.report.formats.html.charts.drawn import Charts, charts
from sla_audit.report.formats.html.charts.labels import labels
from sla_audit.report.formats.html.charts.month_charts import month_charts
from sla_audit.report.formats.html.data import below_objective, below_total, page_data
from sla_audit.report.formats.html.environment import asset, page_environment
from sla_audit.report.formats.html.inline import content_security_policy, json_element_text
from sla_audit.report.formats.html.summary import summary
from sla_audit.report.formats.html.words import COLUMNS, OWED_CHART
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.ledger.listed import listed, titles
from sla_audit.report.ledger.summary import claims_of
from sla_audit.report.months.columns import columns_of
from sla_audit.report.owing import how_owed
from sla_audit.report.standing.warnings import warnings_by_grade
from sla_audit.report.standing.words import headlines

_NEAR = 3
_MOST_CLAIMS = 500
_STYLES = ("style.css", "months.css")
_SCRIPTS = (
    *("text.js", "links.js", "days.js", "detail.js", "argument.js", "copy.js", "totals.js", "address.js"),
    "table.js",
)


def render_html(report: Report, contract: Contract, words: Words = ENGLISH) -> bytes:
    """Make the page; the same report gives the same bytes."""
    head, agreement = report.head, contract
    contract, words = contract.under(head["reading"]), words.of_contract(contract)
    drawn = charts(report, contract, words)
    months = columns_of(report, words, alone=True)
    style, script = "".join(map(asset, _STYLES)), "\n".join(map(asset, _SCRIPTS))
    claims = listed(report, words)
    below, clauses = below_objective(report, contract, words), clause_texts(contract, words)
    page = _environment(words, tuple((clause.number, clause.anchor) for clause in clauses)).get_template(
        "page.html.jinja"
    )
    text = page.render(
        words=words,
        head=head,
        currency=words.heading(head["currency"]),
        contract=contract,
        how_owed="" if contract.is_share_of_fee else how_owed(contract, head["reading"], words),
        reading=contract.readings[head["reading"]],
        readings=report.readings,
        cycles=[claim.cycle for claim in drawn.claims],
        summary=summary(report, drawn.claims, _NEAR, contract.compensation.uncompensated_plans, words),
        charts=drawn,
        owed_label=_owed_label(drawn, words),
        **labels(drawn, words),
        columns=[(name, words.say(title, currency=head["currency"]), kind) for name, title, kind in COLUMNS],
        below=below,
        below_total=below_total(report, contract, words),
        clauses=clauses,
        cause_title=lambda number: words.cause_title(number, contract),
        claims=claims[:_MOST_CLAIMS],
        claims_hidden=max(len(claims) - _MOST_CLAIMS, 0),
        claim_sentences=list(claims_of(report, words)),
        claim_titles=list(titles(head["currency"], words)),
        months=months,
        month_charts=month_charts(report),
        lines=headlines(report, contract, words),
        warnings=warnings_by_grade(report, words),
        as_said=sentences.as_said(report.as_said, words),
        made=provenance.program(report, words),
        options=provenance.options(report, words),
        logs=provenance.logs(report, words),
        digest=provenance.digest_title(report, words),
        files=provenance.other_files(report, words),
        metering=list(metering.sentences(report, contract, words)),
        bills=metering.differing(report)[: metering.MOST_LISTED],
        bill_titles=metering.titles(contract, words),
        rows=sentences.rows(report, words),
        name_of_failures=list(sentences.name_of_failures(contract, words)),
        near_mark=sentences.near_mark(_NEAR, words),
        data=json_element_text(page_data(report, agreement, _NEAR, words)),
        style=style,
        script=script,
        policy=content_security_policy(style, script),
    )
    return text.encode()


@cache  # with it, its templates are compiled once, however many pages are made
def _environment(words: Words, anchors: tuple[tuple[str, str], ...]) -> Environment:
    """Make what fills the templates; `anchors` has for each number of a clause the element that it leads to."""
    environment = page_environment(words)
    environment.globals["anchors"] = dict(anchors)
    environment.filters |= {
        "cited": lambda text: cited(text, dict(anchors)),
        "whole": kept_whole,
        "colour": colour,
        "worth": metering.worth,
        "cause_clause": words.cause_clause,
        "saved_by": lambda exclusion: sentences.saved_by(exclusion, words),
        "exclusion_state": lambda exclusion: exclusions.state(exclusion, words),
        "exclusion_window": lambda exclusion: exclusions.window(exclusion, words),
        "exclusion_announced": lambda exclusion: exclusions.announced(exclusion, words),
        "exclusion_scope": lambda exclusion: exclusions.scope(exclusion, words),
        "exclusion_asserted_by": lambda exclusion: exclusions.asserted_by(exclusion, words),
        "exclusion_note": exclusions.note,
    }
    return environment


def _owed_label(drawn: Charts, words: Words) -> str:
    amounts = (
        words.say("{account}: {amount}", account=each.account, amount=words.owed(each.owed))
        for each in drawn.owed.first
    )
    return words.say(OWED_CHART, amounts=words.joined(amounts))
