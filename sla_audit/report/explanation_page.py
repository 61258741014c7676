"""An explanation for a person at a terminal: from all requests to the amount, each line with its clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.report.claims_table import in_words
from sla_audit.report.explanation import Edge, Explanation, Step, Verdict, WhatIf
from sla_audit.report.figures import money, percent, plural, rate_percent
from sla_audit.report.safe_text import for_terminal
from sla_audit.report.wording import REASONS

_STYLES = {"owed": "bold red", "undetermined": "yellow", "not_owed": "bold green"}
_PLANS = {"paid": "paid plan", "free": "free plan", None: "plan unknown"}
_FIGURE, _CLAUSE, _BAR = 10, 10, 40


def print_explanation(explained: Explanation, contract: Contract, console: Console) -> None:
    """Print an explanation; figures come from it, titles and clause numbers from the contract."""
    verdict, currency = explained.verdict, explained.currency
    console.print(Text(f"{for_terminal(explained.account_id)}, cycle {explained.cycle}", style="bold"), soft_wrap=True)
    days = f"{explained.cycle_start} to {explained.cycle_end}, {_PLANS[explained.plan]}"
    console.print(Text(days, style="dim"), soft_wrap=True)
    basis = f"{contract.title.en}, {explained.reading} reading, as of {explained.as_of}"
    console.print(Text(basis, style="dim"), soft_wrap=True)
    console.print()
    console.print(Text(_outcome(verdict, currency, contract), style=_STYLES[verdict.decision]), soft_wrap=True)
    if verdict.decision == "owed":
        console.print(Text(f"Claim: {in_words(explained.claim)} (clause {contract.claim.clause})."), soft_wrap=True)
    for title, lines in (
        ("Requests", _requests(explained, contract)),
        ("Rate and amount", _rate_and_amount(explained, contract)),
        ("If it were otherwise", _otherwise(explained, contract)),
    ):
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False, expand=True)
        table.add_column(justify="right", no_wrap=True, min_width=_FIGURE)
        table.add_column(overflow="fold", ratio=1)
        table.add_column(no_wrap=True, min_width=_CLAUSE)
        for figure, words, clause in lines:
            table.add_row(Text(figure), Text(words), Text(clause, style="dim"))
        console.print()
        console.print(Text(title, style="bold"))
        console.print(table)
    _print_days(explained, console)


def _outcome(verdict: Verdict, currency: str, contract: Contract) -> str:
    if verdict.decision == "owed":
        terms = contract.compensation
        return f"Owed: {money(verdict.compensation)} {currency}, as a {terms.paid_as} (clause {terms.clause})."
    words = "Nothing is owed" if verdict.decision == "not_owed" else "It cannot be told what is owed"
    return f"{words}: {REASONS[verdict.reason]}."


def _requests(explained: Explanation, contract: Contract) -> Iterator[tuple[str, str, str]]:
    """Walk from all requests to the explicit failures."""
    clause = contract.objective.clause
    yield f"{explained.requests:,}", "requests in the cycle", clause
    for step in explained.steps:
        if step.class_ == "excluded":
            cause = contract.cause(step.clause or 0)
            title = "" if cause is None else cause.title.en
            by = "" if step.exclusion is None else f", exclusion {for_terminal(step.exclusion)}"
            yield f"- {step.requests:,}", f"left out: {title}{by} ({_statuses(step)})", f"2.7.1 ({step.clause})"
    excluded = sum(step.requests for step in explained.steps if step.class_ == "excluded")
    yield f"{explained.requests - excluded:,}", "counted", clause
    for step in explained.steps:
        if step.class_ == "success":
            yield f"- {step.requests:,}", f"answered ({_statuses(step)})", clause
    failed = [step for step in explained.steps if step.class_ == "explicit_failure"]
    statuses = "".join(f" ({_statuses(step)})" for step in failed)
    reading = contract.readings[explained.reading]
    number = sum(step.requests for step in failed)
    yield f"{number:,}", f"explicit {plural(number, 'failure')}{statuses}", reading.clause
    if explained.outside_service:
        yield f"{explained.outside_service:,}", "more on days without service, not counted", "2.1"


def _rate_and_amount(explained: Explanation, contract: Contract) -> Iterator[tuple[str, str, str]]:
    verdict, objective, terms = explained.verdict, contract.objective, contract.compensation
    if verdict.success_rate is None:
        yield "no rate", "nothing was counted", objective.clause
        return
    rate = f"{rate_percent(verdict.success_rate)} %"
    promised = f"{percent(str(objective.success_rate))} %"
    yield (
        rate,
        f"= {explained.kept:,} / {explained.total:,}, cut and not rounded; the objective is {promised}",
        objective.clause,
    )
    credit = f"{percent(verdict.credit_rate)} %"
    if explained.tier_from is None:
        yield credit, "of the fee: the objective is met", terms.clause
    else:
        bounds = f"from {percent(explained.tier_from)} % to below {percent(explained.tier_below)} %"
        yield credit, f"of the fee, for a rate {bounds}", terms.clause
    yield from _edges(explained.fewer, explained.more)
    if explained.share is not None and verdict.compensation is not None:
        fee, cash = money(explained.service_fee), money(explained.cash_paid)
        yield money(explained.share), f"= {fee} x {credit}", terms.clause
        if verdict.decision == "owed":
            cap = "capped at" if verdict.capped else "not above"
            yield (
                money(verdict.compensation),
                f"owed: {cap} the cash paid, {cash}; rounded once, half up",
                terms.clause,
            )
        else:
            yield money(verdict.compensation), f"owed: {REASONS[verdict.reason]}", terms.clause


def _edges(fewer: Edge | None, more: Edge | None) -> Iterator[tuple[str, str, str]]:
    for edge, word in ((fewer, "fewer"), (more, "more")):
        if edge is not None:
            noun = plural(edge.failures, "failure")
            credit = percent(edge.credit_rate)
            yield f"{edge.failures:,}", f"{noun} {word}, and it is: {credit} % of the fee", ""


def _otherwise(explained: Explanation, contract: Contract) -> Iterator[tuple[str, str, str]]:
    """Say what each argument is worth: the other readings, and every exclusion."""
    now = explained.verdict
    for name, verdict in explained.readings.items():
        if name != explained.reading:
            yield _owed(verdict), f"under the {name} reading: {_change(now, verdict)}", contract.readings[name].clause
    for exclusion in explained.exclusions:
        yield _owed(exclusion.otherwise), _what_if(exclusion, now), f"2.7.1 ({exclusion.clause})"
    if explained.untouched:
        noun = "exclusion is" if explained.untouched == 1 else "exclusions are"
        yield f"{explained.untouched:,}", f"more {noun} of other times or accounts", ""


def _what_if(exclusion: WhatIf, now: Verdict) -> str:
    name = for_terminal(exclusion.id)
    if exclusion.otherwise is None:
        return f"{name}: not known, since a tally has added up the requests that it depends on"
    change = _change(now, exclusion.otherwise)
    if exclusion.state == "refused":
        return f"had {name} been announced in time: {change}"
    if not exclusion.requests:
        return f"without {name}, which left out no request: {change}"
    alone = exclusion.requests_alone
    shared = "" if alone in {None, exclusion.requests} else f" ({alone:,} of them by itself)"
    return f"without {name}, which left out {exclusion.requests:,}{shared}: {change}"


def _change(now: Verdict, otherwise: Verdict) -> str:
    return "nothing changes" if otherwise == now else _in_short(otherwise)


def _in_short(verdict: Verdict) -> str:
    failures = f"{verdict.explicit_failure:,} {plural(verdict.explicit_failure, 'failure')}"
    if verdict.success_rate is None:
        return f"{failures}, nothing counted"
    return f"{failures}, {rate_percent(verdict.success_rate)} %, {percent(verdict.credit_rate)} % of the fee"


def _owed(verdict: Verdict | None) -> str:
    return "?" if verdict is None or verdict.compensation is None else money(verdict.compensation)


def _print_days(explained: Explanation, console: Console) -> None:
    """Draw the explicit failures of each day that has some."""
    failing = [day for day in explained.days if day.explicit_failure]
    console.print()
    if not failing:
        console.print(Text("No day has an explicit failure."))
        return
    console.print(Text("Explicit failures by day", style="bold"))
    most = max(day.explicit_failure for day in failing)
    for day in failing:
        bar = "#" * (day.explicit_failure if most <= _BAR else max(1, day.explicit_failure * _BAR // most))
        counted = day.success + day.explicit_failure
        line = Text(f"{day.day:%m-%d %a}  ").append(f"{bar:<{min(most, _BAR)}}", style="red")
        console.print(line.append(f"  {day.explicit_failure:,} of {counted:,}"), soft_wrap=True)
    rest = len(explained.days) - len(failing)
    if rest:
        console.print(Text(f"None on the other {rest} days.", style="dim"))


def _statuses(step: Step) -> str:
    return ", ".join(f"{number:,} x {_STATUS.get(status, status)}" for status, number in step.statuses.items())


_STATUS: Mapping[str, str] = {"none": "no status"}
