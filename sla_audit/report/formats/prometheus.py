"""The report as metrics, a Prometheus text file for a collector such as node_exporter's.

All are gauges: a report says how things stand, and a later one may say less. Accounts are named only where money
is at stake, and at most `MOST_RESULTS` of them, so that a bad month of many accounts does not flood the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, get_args

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.notice import Grade
from sla_audit.output.escape import for_label
from sla_audit.report.document import Report, amount
from sla_audit.report.ledger.fields import LEDGER
from sla_audit.report.selection import most_urgent_first
from sla_audit.report.sentences import DECISIONS, reasons_of
from sla_audit.report.sums import sum_of

MOST_RESULTS = 200
_COVERAGE = ("gaps", "cut_short", "thin_days", "strays")
_METERING = {
    "calls_not_logged": "Accounts and cycles with far fewer requests in the logs than calls billed (clause 2.9).",
    "fees_without_requests": "Accounts and cycles billed a fee without any request in the logs; others have some.",
}
_CLASSES = ("success", "explicit_failure", "excluded")


@dataclass(frozen=True)
class _Metric:
    """A gauge: its name with its unit, what it means, and its samples."""

    name: str
    meaning: str
    samples: Iterable[tuple[Mapping[str, str], str | int]]

    def lines(self, of_file: Mapping[str, str]) -> Iterator[str]:
        meaning = self.meaning.replace("\\", "\\\\")  # a clause of a contract may have one
        yield f"# HELP sla_audit_{self.name} {meaning}"
        yield f"# TYPE sla_audit_{self.name} gauge"
        for own, value in self.samples:
            labels = {**own, **of_file}
            written = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
            yield f"sla_audit_{self.name}{{{written}}} {value}"


def render_metrics(report: Report, contract: Contract) -> bytes:
    """Write the metrics; the same report gives the same bytes.

    Every sample says which months it is of, and whether they have ended, so that the files of a running month and of
    the last may lie in one directory: also for a month of which both speak.
    """
    of_file, contract = _of_the_file(report), contract.under(report.head["reading"])
    metrics = (
        *_of_the_report(report, contract),
        *_of_the_logs(report),
        *_of_cycles(report, contract),
        *_of_claims(report, contract),
        *_of_accounts(report),
    )
    # A metric without samples would only be noise.
    lines = [line for metric in metrics if (said := list(metric.lines(of_file)))[2:] for line in said]
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _of_the_report(report: Report, contract: Contract) -> Iterator[_Metric]:
    head, totals, currency = report.head, report.head["totals"], report.head["currency"]
    about = {"contract": contract.id, "contract_version": contract.version, "contract_sha256": contract.sha256}
    about |= {"reading": head["reading"], "time_zone": head["time_zone"], "schema": head["schema"]}
    yield _Metric("info", "What the report was made with.", [(about, 1)])
    as_of = _instant(date.fromisoformat(head["as_of"]), contract)
    yield _Metric("as_of_timestamp_seconds", "The start of the day of the audit.", [({}, as_of)])
    promised, clause = f"{contract.objective.success_rate:f}", contract.objective.clause
    yield _Metric("objective_ratio", f"The success rate that is promised (clause {clause}).", [({}, promised)])
    places = [({"place": name}, count) for name, count in head["rows"].items() if name != "read"]
    yield _Metric("log_rows", "Rows of the logs, by where they went.", places)
    yield from _of_left_out(head.get("left_out"))
    yield _Metric("accounts", "Accounts with a result.", [({}, totals["accounts"])])
    reasons = dict(report.results["reason"].value_counts().iter_rows())
    decisions = dict(report.results["decision"].value_counts().iter_rows())
    by_decision = [({"decision": name}, decisions.get(name, 0)) for name in DECISIONS]
    yield _Metric("results", "Results, one for each account and cycle, by decision.", by_decision)
    by_reason = [({"reason": name}, reasons.get(name, 0)) for name in reasons_of(contract)]
    yield _Metric("results_by_reason", "Results by the reason of the decision.", by_reason)
    yield _Metric("breached_results", "Results below the objective.", [({}, totals["breached"])])
    owed = [
        ({"reading": name, "currency": currency}, each["compensation"])
        for name, each in totals["readings"].items()
        if each["compensation"] is not None
    ]
    clause = contract.compensation.clause
    meaning = f"Compensation known to be owed, under each reading (clause {clause}); absent where none is known."
    yield _Metric("compensation", meaning, owed)
    yield from _estimates(report, clause)
    unknown = [({"reading": name}, each["undetermined"]) for name, each in totals["readings"].items()]
    yield _Metric("undetermined_results", "Results whose compensation is not known, under each reading.", unknown)
    states = [each["state"] for each in head["exclusions"]]
    yield _Metric(
        "exclusions",
        "Exclusions asserted, by what became of them.",
        [({"state": state}, states.count(state)) for state in ("applied", "refused")],
    )
    yield _Metric("warnings", "Warnings in the report.", [({}, len(head["warnings"]))])
    grades = [notice.get("grade") for notice in head.get("notices") or ()]
    yield _Metric(
        "graded_warnings",
        "Warnings that may change what is owed (money), that need a fact from somebody (fact), that are to be known.",
        [({"grade": grade}, grades.count(grade)) for grade in get_args(Grade) if any(grades)],
    )


def _estimates(report: Report, clause: str) -> Iterator[_Metric]:
    """Say what results that are undetermined would come to by what is known, as far as that is told."""
    currency, samples, without = report.head["currency"], [], []
    for name in report.readings:
        open_ = report.results.filter(pl.col(f"{name}/decision") == "undetermined")
        estimate = sum_of(open_[f"{name}/estimate"])
        if open_.height and estimate.known is not None:
            samples.append(({"reading": name, "currency": currency}, amount(estimate.known)))
        without.append(({"reading": name}, estimate.unknown))
    meaning = (
        "What undetermined results would be owed by what is known, had a running cycle ended, under each reading "
        f"(clause {clause}); absent where none is known."
    )
    yield _Metric("compensation_estimate", meaning, samples)
    yield _Metric("results_without_estimate", "Undetermined results of which that is not known.", without)


def _of_left_out(left_out: Sequence[Mapping[str, Any]] | None) -> Iterator[_Metric]:
    """Count what lay beside the logs and was not read; a report of a version that kept no list of it says nothing."""
    if left_out is not None:
        meaning = "Files beside the logs, in the directories given, that were not read."
        yield _Metric("left_out_files", meaning, [({}, len(left_out))])
        size = sum(each["bytes"] or 0 for each in left_out)
        yield _Metric("left_out_bytes", "Size of the files that were not read.", [({}, size)])


def _of_the_logs(report: Report) -> Iterator[_Metric]:
    """Say what is missing from the logs; reports of old versions do not know all of it."""
    head = report.head
    months = [({"cycle": each["cycle"]}, each["rows"]) for each in head.get("months") or ()]
    yield _Metric("service_rows", "Rows of the service in the logs, by month.", months)
    apis = [({"api": each["pattern"]}, each["rows"]) for each in head.get("apis") or ()]
    yield _Metric("api_rows", "Rows of the logs by the pattern of --api that their API matches.", apis)
    coverage, metering = head.get("coverage") or {}, head.get("metering") or {}
    found = [({"kind": kind}, len(coverage[kind])) for kind in _COVERAGE if kind in coverage]
    yield _Metric("log_gaps", "Stretches of time in which rows seem to be missing or misplaced, by kind.", found)
    if "months_skipped" in head:
        skipped = len(head["months_skipped"])
        yield _Metric("skipped_months", "Months without rows between those of the report.", [({}, skipped)])
    for kind, meaning in _METERING.items():
        if kind in metering:
            yield _Metric(f"{kind}_results", meaning, [({}, len(metering[kind]))])


def _of_cycles(report: Report, contract: Contract) -> Iterator[_Metric]:
    sums = report.results.group_by("cycle").agg(pl.col(_CLASSES).sum()).sort("cycle")
    requests = [
        ({"cycle": row["cycle"], "class": name}, row[name]) for row in sums.iter_rows(named=True) for name in _CLASSES
    ]
    yield _Metric("requests", "Requests of all accounts, by class (clause 2.7.1).", requests)
    left_out = [
        ({"cycle": cycle, "cause": str(clause)}, count)
        for cycle, clause, count in report.excluded_by_cause().iter_rows()
    ]
    yield _Metric("excluded_requests", "Excluded requests, by cause (clause 2.7.1).", left_out)
    owed = report.results.filter(pl.col("decision") == "owed")
    windows = list(owed.select("cycle", "opens_on", "closes_on").unique().sort("cycle").iter_rows())
    clause = contract.claim.clause
    opens = [({"cycle": cycle}, _instant(date.fromisoformat(day), contract)) for cycle, day, _ in windows]
    yield _Metric("claims_open_timestamp_seconds", f"When claims open (clause {clause}).", opens)
    closes = [
        ({"cycle": cycle}, _instant(date.fromisoformat(day) + timedelta(days=1), contract)) for cycle, _, day in windows
    ]
    yield _Metric("claims_close_timestamp_seconds", f"When claims have closed (clause {clause}).", closes)


def _of_claims(report: Report, contract: Contract) -> Iterator[_Metric]:
    """Say what the ledger has of the claims, of all months; nothing where the report was made without one."""
    sums = report.head.get(LEDGER) or ()
    labelled = [({"kind": each["kind"], "file_by": each["file_by"] or ""}, each) for each in sums]
    meaning = "Claims in the ledger: to be filed (by the last day to do so), awaited, credited and lapsed."
    yield _Metric("claims", meaning, [(labels, each["claims"]) for labels, each in labelled])
    currency = {"currency": report.head["currency"]}
    amounts = [({**labels, **currency}, each["amount"]) for labels, each in labelled]
    yield _Metric("claims_amount", "What they are worth, as far as that is known.", amounts)
    unknown = [(labels, each["undetermined"]) for labels, each in labelled]
    yield _Metric("undetermined_claims", "Those of which that is not known.", unknown)
    lapse = [
        (labels, _instant(date.fromisoformat(each["file_by"]) + timedelta(days=1), contract))
        for labels, each in labelled
        if each["file_by"]
    ]
    clause = contract.claim.clause
    yield _Metric(
        "claims_lapse_timestamp_seconds", f"When claims not filed by then have lapsed (clause {clause}).", lapse
    )


def _of_accounts(report: Report) -> Iterator[_Metric]:
    at_stake = most_urgent_first(report, "breached")
    named = list(at_stake.head(MOST_RESULTS).iter_rows(named=True))
    yield _Metric(
        "account_results_omitted",
        f"Results with money at stake that have no series of their own: only the {MOST_RESULTS} most urgent do.",
        [({}, at_stake.height - len(named))],
    )
    rates = [(_of(row), row["success_rate"]) for row in named if row["success_rate"] is not None]
    yield _Metric("account_success_ratio", "Success rate of an account, cut to six decimals (clause 2.7).", rates)
    failures = [(_of(row), row["explicit_failure"]) for row in named]
    yield _Metric("account_explicit_failures", "Explicit failures of an account (clause 2.7.1).", failures)
    owed = [
        ({**_of(row), "currency": report.head["currency"]}, row["compensation"])
        for row in named
        if row["compensation"] is not None
    ]
    yield _Metric("account_compensation", "Compensation owed to an account; absent where undetermined.", owed)
    estimates = [
        ({**_of(row), "currency": report.head["currency"]}, row["estimate"])
        for row in named
        if row["decision"] == "undetermined" and row["estimate"] is not None
    ]
    meaning = "What an undetermined account would be owed by what is known, had a running cycle ended."
    yield _Metric("account_compensation_estimate", meaning, estimates)
    more = [
        ({**_of(row), "credit_rate": row["more_credit_rate"]}, row["more_failures"])
        for row in named
        if row["reason"] == "cycle_running" and row["more_failures"] is not None
    ]
    meaning = "So many failures more in a running cycle, and a greater share of the fee applies (credit_rate)."
    yield _Metric("account_failures_to_next_tier", meaning, more)


def _of_the_file(report: Report) -> dict[str, str]:
    """Give the labels that tell the file from others: the cycles, and whether one was still running."""
    months = [each["cycle"] for each in report.head.get("months") or ()] or sorted(set(report.results["cycle"]))
    if not months:
        return {"period": "none", "period_state": "none"}
    first, last = months[0], months[-1]
    running = report.head["as_of"] <= str(cycle_named(last).last_day)
    return {"period": first if first == last else f"{first}..{last}", "period_state": "running" if running else "ended"}


def _of(result: Mapping[str, Any]) -> dict[str, str]:
    return {"account_id": result["account_id"], "cycle": result["cycle"]}


def _instant(day: date, contract: Contract) -> int:
    """Give the Unix time at which a day begins in the contract's time zone."""
    return int(datetime.combine(day, time(), contract.zone).timestamp())


def _escaped(label: str) -> str:
    return for_label(label).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
