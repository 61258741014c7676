"""The report as GitHub-flavoured Markdown: for an issue, a wiki or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.report import wording
from sla_audit.report.document import Report
from sla_audit.report.figures import money, rate_percent
from sla_audit.report.safe_text import code_in_markdown as code
from sla_audit.report.safe_text import for_markdown
from sla_audit.report.selection import most_urgent_first

MOST_RESULTS = 200


def render_markdown(report: Report, contract: Contract) -> bytes:
    """Write the report with what is owed first; sections that have nothing to say are left out."""
    sections = (
        ("Needs attention", _attention(report)),
        ("Claims", [_bullet(text) for text in wording.claim_windows(report, contract)]),
        ("Results", _results(report, contract)),
        ("Exclusions", _exclusions(report, contract)),
        ("Requests left out of the rate, by cause", _causes(report, contract)),
        ("Rows of the logs", _rows(report)),
        ("Warnings", [f"- {code(warning)}" for warning in report.head["warnings"]]),
        ("How this was made", _made(report, contract)),
    )
    lines = [
        f"# {for_markdown(contract.title.en)}",
        "",
        f"**{for_markdown(wording.headline(report, contract))}**",
        "",
        for_markdown(wording.basis(report, contract)),
    ]
    for title, content in sections:
        written = list(content)
        if written:
            lines += ["", f"## {title}", "", *written]
    return ("\n".join(lines) + "\n").encode()


def _attention(report: Report) -> Iterator[str]:
    undetermined = wording.undetermined(report)
    if undetermined:
        yield _bullet(undetermined)
    for text in wording.other_readings(report):
        yield _bullet(text)
    for each in report.head["exclusions"]:
        if each["state"] == "refused":
            clause, state = wording.cause_clause(each["clause"]), wording.exclusion_state(each)
            yield f"- {code(each['id'])} {for_markdown(f'{state} (clause {clause}).')}"


def _results(report: Report, contract: Contract) -> Iterator[str]:
    found = most_urgent_first(report.results, "breached")
    yield for_markdown(wording.results_listed(report.results.height, found.height, contract))
    if found.height:
        yield ""
    owed = f"Owed, {report.head['currency']} ({contract.compensation.clause})"
    failed = f"Failed ({contract.readings[report.head['reading']].clause})"
    rate = f"Rate, % ({contract.objective.clause})"
    rows = [
        (
            code(result["account_id"]),
            result["cycle"],
            f"{result['success'] + result['explicit_failure']:,}",
            f"{result['explicit_failure']:,}",
            rate_percent(result["success_rate"]),
            "?" if result["compensation"] is None else money(result["compensation"]),
            for_markdown("; ".join([wording.why(result), *wording.differing(result, report)])),
        )
        for result in found.head(MOST_RESULTS).iter_rows(named=True)
    ]
    yield from _table(("Account", "Cycle", ">Counted", f">{failed}", f">{rate}", f">{owed}", "Why"), rows)
    hidden = found.height - len(rows)
    if hidden:
        yield ""
        yield f"{hidden:,} more are not shown here; they are in the report as CSV, XLSX, Parquet and JSON."


def _exclusions(report: Report, contract: Contract) -> Iterator[str]:
    rows = [
        (
            code(each["id"]),
            wording.cause_clause(each["clause"]),
            for_markdown(wording.cause_title(each["clause"], contract)),
            for_markdown(wording.exclusion_state(each)),
            f"{each['requests']:,}",
            "?" if each["requests_alone"] is None else f"{each['requests_alone']:,}",
            "?" if each["compensation_saved"] is None else money(each["compensation_saved"]),
        )
        for each in report.head["exclusions"]
    ]
    saved = f">Compensation saved, {report.head['currency']}"
    header = ("Exclusion", "Clause", "Cause", "State", ">Requests left out", ">By it alone", saved)
    return _table(header, rows)


def _causes(report: Report, contract: Contract) -> Iterator[str]:
    by_cause = report.excluded_by_cause().group_by("clause").agg(pl.col("requests").sum()).sort("clause")
    rows = [
        (wording.cause_clause(clause), for_markdown(wording.cause_title(clause, contract)), f"{requests:,}")
        for clause, requests in by_cause.iter_rows()
    ]
    return _table(("Clause", "Cause", ">Requests"), rows)


def _rows(report: Report) -> Iterator[str]:
    yield for_markdown(wording.rows(report))
    if report.head["inputs"]:
        yield ""
        files = [(code(each["path"]), f"{each['bytes']:,}", f"{each['rows']:,}") for each in report.head["inputs"]]
        yield from _table(("File", ">Bytes", ">Rows"), files)


def _made(report: Report, contract: Contract) -> Iterator[str]:
    yield _bullet(wording.agreement(contract))
    yield from map(_bullet, wording.readings(report, contract))
    yield _bullet(wording.days(contract))


def _bullet(text: str) -> str:
    return f"- {for_markdown(text)}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write a table, if it has rows; a column whose title begins with `>` is of figures, set to the right."""
    if rows:
        yield f"| {' | '.join(for_markdown(title.removeprefix('>')) for title in header)} |"
        yield f"| {' | '.join('--:' if title.startswith('>') else '---' for title in header)} |"
        for row in rows:
            yield f"| {' | '.join(row)} |"
