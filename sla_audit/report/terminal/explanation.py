"""An explanation for a person at a terminal: from all requests to the amount, each line with its clause."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.contract.terms.reading import Reading
from sla_audit.output.escape import for_terminal
from sla_audit.report.endings import how_it_ended
from sla_audit.report.explanation import Explanation, Step, Verdict, WhatIf
from sla_audit.report.formats import exclusions
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.numbers import rate_percent
from sla_audit.report.owing import credit_of, form_of
from sla_audit.report.sentences import REASONS
from sla_audit.report.terminal.claims import in_words
from sla_audit.report.terminal.layout import WARNING
from sla_audit.report.terminal.rate_and_amount import rate_and_amount
from sla_audit.sentence import to_say

_STYLES = {"owed": "bold red", "undetermined": WARNING, "not_owed": "bold green"}
_PLANS = {"paid": to_say("paid plan"), "free": to_say("free plan"), None: to_say("plan unknown")}
_WEEKDAYS = [*(to_say("Mon"), to_say("Tue"), to_say("Wed"), to_say("Thu"), to_say("Fri"), to_say("Sat"), to_say("Sun"))]
_FIGURE, _CLAUSE, _BAR = 10, 10, 40


def print_explanation(explained: Explanation, contract: Contract, console: Console, words: Words = ENGLISH) -> None:
    """Print an explanation; figures come from it, titles and clause numbers from the contract."""
    verdict, words = explained.verdict, words.of_contract(contract)
    agreement, contract = contract, contract.under(explained.reading)
    for text, style in zip(_about(explained, contract, words), chain(["bold"], repeat("dim")), strict=False):
        console.print(Text(text, style=style))
    console.print()
    console.print(Text(_outcome(explained, contract, words), style=_STYLES[verdict.decision]), soft_wrap=True)
    if verdict.decision == "owed":
        claim = in_words(explained.claim, words)
        said = words.say("Claim: {claim} (clause {clause}).", claim=claim, clause=contract.claim.clause)
        console.print(Text(said), soft_wrap=True)
    for title, lines in (
        (words.of("Requests"), _requests(explained, contract, words)),
        (words.of("Rate and amount"), rate_and_amount(explained, contract, words)),
        (words.of("If it were otherwise"), _otherwise(explained, agreement, words)),
    ):
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False, expand=True)
        table.add_column(justify="right", no_wrap=True, min_width=_FIGURE)
        table.add_column(overflow="fold", ratio=1)
        table.add_column(no_wrap=True, min_width=_CLAUSE)
        for figure, said, clause in lines:
            table.add_row(Text(figure), Text(said), Text(clause, style="dim"))
        console.print()
        console.print(Text(title, style="bold"))
        console.print(table)
    _print_asserted(explained, console, words)
    _print_days(explained, contract.readings[explained.reading], console, words)


def _print_asserted(explained: Explanation, console: Console, words: Words) -> None:
    """Print what is asserted by each exclusion that touches the account."""
    asserted = [each for each in explained.exclusions if exclusions.is_whole(each.asserted)]
    if not asserted:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False, expand=True)
    table.add_column(overflow="fold", min_width=_FIGURE, max_width=2 * _FIGURE)
    table.add_column(overflow="fold", ratio=1)
    for each in asserted:
        table.add_row(Text(for_terminal(each.id)), Text(for_terminal(exclusions.in_full(each.asserted, words))))
    console.print()
    console.print(Text(words.of("Exclusions"), style="bold"))
    console.print(table)


def _about(explained: Explanation, contract: Contract, words: Words) -> Iterator[str]:
    yield words.say("{account}, cycle {cycle}", account=for_terminal(explained.account_id), cycle=explained.cycle)
    yield words.say(
        "{first} to {last}, {plan}",
        first=explained.cycle_start,
        last=explained.cycle_end,
        plan=words.of(_PLANS[explained.plan]),
    )
    for period in explained.periods:
        judged = to_say("{first} to {last}, {plan}: judged")
        yield "  " + words.say(
            judged if period.plan == explained.plan else to_say("{first} to {last}, {plan}: not judged"),
            first=period.first_day,
            last=period.last_day,
            plan=words.of(_PLANS[period.plan]),
        )
    yield words.say(
        "{title}, {reading} reading, as of {as_of}",
        title=words.title(contract.title),
        reading=words.of(explained.reading),
        as_of=explained.as_of,
    )


def _outcome(explained: Explanation, contract: Contract, words: Words) -> str:
    verdict, terms = explained.verdict, contract.compensation
    if verdict.decision == "owed":
        return words.say(
            "Owed: {amount} {currency}, {form} (clause {clause}).",
            amount=words.owed(verdict.compensation),
            currency=explained.currency,
            form=words.of(form_of(terms)),
            clause=terms.clause,
        )
    said = to_say("Nothing is owed: {reason}.")
    if verdict.decision == "undetermined":
        said = to_say("Amount unknown: {reason}.")
    return words.say(said, reason=words.of(REASONS[verdict.reason]))


def _requests(explained: Explanation, contract: Contract, words: Words) -> Iterator[tuple[str, str, str]]:
    """Walk from all requests to the explicit failures."""
    clause = contract.objective.clause
    yield f"{explained.requests:,}", words.of("requests in the cycle"), clause
    for step in explained.steps:
        if step.class_ == "excluded":
            yield f"- {step.requests:,}", _left_out(step, contract, words), words.cause_clause(step.clause or 0)
    excluded = sum(step.requests for step in explained.steps if step.class_ == "excluded")
    yield f"{explained.requests - excluded:,}", words.of("counted"), clause
    for step in explained.steps:
        if step.class_ == "success":
            said = words.say("successes ({statuses})", statuses=_statuses(step, words))
            yield f"- {step.requests:,}", said, clause
    failed = [step for step in explained.steps if step.class_ == "explicit_failure"]
    statuses = "".join(words.say(" ({statuses})", statuses=_statuses(step, words)) for step in failed)
    reading = contract.readings[explained.reading]
    number = sum(step.requests for step in failed)
    said = words.count_of(number, "explicit failure{statuses}", "explicit failures{statuses}", statuses=statuses)
    yield f"{number:,}", said, reading.clause
    if explained.outside_service:
        said = words.of("more on days without service, not counted")
        yield f"{explained.outside_service:,}", said, "2.1" if contract.citations is None else clause


def _left_out(step: Step, contract: Contract, words: Words) -> str:
    cause, statuses = words.cause_title(step.clause or 0, contract), _statuses(step, words)
    if step.exclusion is None:
        return words.say("excluded: {cause} ({statuses})", cause=cause, statuses=statuses)
    said = to_say("excluded: {cause}, exclusion {exclusion} ({statuses})")
    return words.say(said, cause=cause, exclusion=for_terminal(step.exclusion), statuses=statuses)


def _otherwise(explained: Explanation, contract: Contract, words: Words) -> Iterator[tuple[str, str, str]]:
    """Say what each argument is worth: the other readings, and every exclusion."""
    now = explained.verdict
    for name, verdict in explained.readings.items():
        if name != explained.reading:
            change = _change(now, verdict, contract.under(name).compensation, words)
            said = words.say("under the {reading} reading: {change}", reading=words.of(name), change=change)
            yield _owed(verdict, words), said, contract.readings[name].clause
    terms = contract.under(explained.reading).compensation
    for exclusion in explained.exclusions:
        said = _what_if(exclusion, now, terms, words)
        yield _owed(exclusion.otherwise, words), said, words.cause_clause(exclusion.clause)
    if explained.untouched:
        said = words.count_of(
            explained.untouched,
            "other exclusion covers other times or accounts",
            "other exclusions cover other times or accounts",
        )
        yield f"{explained.untouched:,}", said, ""


def _what_if(exclusion: WhatIf, now: Verdict, terms: Compensation, words: Words) -> str:
    name = for_terminal(exclusion.id)
    if exclusion.otherwise is None:
        said = to_say("{name}: not known, since a tally has added up the requests that it depends on")
        return words.say(said, name=name)
    change = _change(now, exclusion.otherwise, terms, words)
    if exclusion.state == "refused":
        return words.say("had {name} been announced in time: {change}", name=name, change=change)
    if not exclusion.requests:
        return words.say("without {name}, which excluded no request: {change}", name=name, change=change)
    said = to_say("without {name}, which excluded {requests:,}: {change}")
    if exclusion.requests_alone not in {None, exclusion.requests}:
        said = to_say("without {name}, which excluded {requests:,} ({alone:,} of them by itself): {change}")
    return words.say(said, name=name, requests=exclusion.requests, alone=exclusion.requests_alone, change=change)


def _change(now: Verdict, otherwise: Verdict, terms: Compensation, words: Words) -> str:
    return words.of("nothing changes") if otherwise == now else _in_short(otherwise, terms, words)


def _in_short(verdict: Verdict, terms: Compensation, words: Words) -> str:
    failures = verdict.explicit_failure
    if verdict.success_rate is None:
        return words.count_of(
            failures,
            "{failures:,} failure, nothing counted",
            "{failures:,} failures, nothing counted",
            failures=failures,
        )
    return words.count_of(
        failures,
        "{failures:,} failure, {rate} %, {credit}",
        "{failures:,} failures, {rate} %, {credit}",
        failures=failures,
        rate=rate_percent(verdict.success_rate),
        credit=credit_of(verdict.credit_rate, terms, words),
    )


def _owed(verdict: Verdict | None, words: Words) -> str:
    return "?" if verdict is None or verdict.compensation is None else words.owed(verdict.compensation)


def _print_days(explained: Explanation, reading: Reading, console: Console, words: Words) -> None:
    """Draw the explicit failures of each day that has some."""
    failing = [day for day in explained.days if day.explicit_failure]
    console.print()
    if not failing:
        console.print(Text(words.of("No day has an explicit failure.")))
        return
    console.print(Text(words.of("Explicit failures by day"), style="bold"))
    most = max(day.explicit_failure for day in failing)
    for day in failing:
        bar = "#" * (day.explicit_failure if most <= _BAR else max(1, day.explicit_failure * _BAR // most))
        _, counted = reading.kept_and_counted(day.success, day.explicit_failure, day.excluded)
        weekday = words.of(_WEEKDAYS[day.day.weekday()])
        line = Text(f"{day.day:%m-%d} {weekday}  ").append(f"{bar:<{min(most, _BAR)}}", style="red")
        share = words.say("{failed:,} of {counted:,}", failed=day.explicit_failure, counted=counted)
        console.print(line.append(f"  {share}"), soft_wrap=True)
    rest = len(explained.days) - len(failing)
    if rest:
        console.print(Text(words.say("None on the other {rest} days.", rest=rest), style="dim"))


def _statuses(step: Step, words: Words) -> str:
    ended = [
        (each, how_it_ended(each.status, each.no_answer, words, each.error_code, each.took_over))
        for each in step.endings
    ]
    parts = [f"{each.requests:,} x {said}" for each, said in ended]
    silent = any(each.no_answer and each.status is not None for each in step.endings)
    more = any((each.error_code, each.took_over) != (None, None) for each in step.endings)
    return words.joined(parts) if silent or more else words.listed(parts)
