"""A first look for a person at a terminal: what there is, what would be refused, and what to run next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.errors import Problem
from sla_audit.output.escape import for_terminal
from sla_audit.report.check_document import Check, CheckedGroup, CheckedProblem
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.numbers import size
from sla_audit.report.terminal.layout import WARNING
from sla_audit.sentence import Sentence, to_say

_MOST_NAMES, _MOST_PROBLEMS, _MOST_LEFT_OUT, _MOST_FOLDERS, _MOST_MONTHS = 8, 20, 10, 2, 6
_FORMATS = {"csv": "CSV", "json": "JSON lines", "lines": to_say("text"), "parquet": "Parquet"}
_SEVERAL = to_say("The logs are written in several ways; where NAME differs, each is one of [[sources]] in a config.")
_ZONES = {
    "said": to_say("each time says its zone"),
    "given": to_say("times without a zone are read in {time_zone}, as you say"),
    "dialect": to_say("times without a zone are read in {time_zone}, as the dialect says"),
    "assumed": to_say(
        "times without a zone are read in {time_zone}, the agreement's: look whether the gateway writes so"
    ),
}
_REASONS = {
    "unknown_kind": to_say("its suffix does not say what it holds"),
    "packing": to_say("packed in a way that is not read"),
    "not_a_file": to_say("no file"),
    "broken_link": to_say("a link that leads nowhere"),
    "cannot_be_listed": to_say("cannot be listed"),
}


def print_check(check: Check, contract: Contract, console: Console, words: Words = ENGLISH) -> None:
    """Print what was seen before a run."""
    count, words = len(check.problems), words.of_cycles(contract)
    headline = (
        Text(words.of("A run would go through, as far as was looked."), style="bold green")
        if not check.problems
        else Text(
            words.count_of(
                count,
                "A run would be refused: {count:,} fault.",
                "A run would be refused: {count:,} faults.",
                count=count,
            ),
            style="bold red",
        )
    )
    console.print(headline, soft_wrap=True)
    console.print(Text(_looked(check, contract, words), style="dim"), soft_wrap=True)
    if check.groups:
        console.print()
        console.print(_groups(check, words))
    for title, lines in (
        (to_say("Tallies"), _tallies(check, words)),
        (to_say("Left out"), _left_out(check, words)),
        (to_say("Facts"), _facts(check, words)),
        (to_say("A run"), _run(check, words)),
    ):
        shown = [*lines]
        if shown:
            console.print()
            console.print(_listed(words.of(title), shown))
    if check.problems:
        console.print()
        console.print(Text(words.of("What would be refused"), style="bold"))
        for problem in check.problems[:_MOST_PROBLEMS]:
            console.print(Text(_problem(problem, words), style="red"), soft_wrap=True)
        more = len(check.problems) - _MOST_PROBLEMS
        if more > 0:
            console.print(words.say("... and {more:,} more.", more=more))
    console.print()
    console.print(Text(words.of("Run next")), style="bold")
    console.print(Text(f"  {for_terminal(shlex.join(check.next))}"), soft_wrap=True)
    if len({(group.dialects, group.format) for group in check.groups if group.lacks}) > 1:
        console.print(Text(words.of(_SEVERAL), style="dim"), soft_wrap=True)


def _looked(check: Check, contract: Contract, words: Words) -> str:
    looked = check.looked
    said = words.say(
        "Looked at {files:,} of {of_files:,} files, {rows:,} rows of them ({bytes} of text).",
        files=looked.files,
        of_files=looked.of_files,
        bytes=size(looked.bytes),
        rows=looked.rows,
    )
    if check.first is not None and check.last is not None:
        said += " " + words.say(
            "Days seen, in {zone}: {first} to {last}.", zone=contract.time_zone, first=check.first, last=check.last
        )
    return said


def _groups(check: Check, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(words.of("Files"), justify="right", no_wrap=True)
    table.add_column(words.of("Size"), justify="right", no_wrap=True)
    table.add_column(words.of("Where, and how they are read"), overflow="fold")
    for group in check.groups:
        said = Text(_where(group, words))
        said.append(f"\n{_written(group, words)}", style="bold")
        named = [
            canonical if names == (canonical,) else f"{canonical}={','.join(names)}"
            for canonical, names in group.columns.items()
        ]
        if named:
            said.append(f"\n{for_terminal(' '.join(named))}", style="dim")
        if group.lacks:
            lacks = words.say("nothing says which column is {names}", names=words.listed(group.lacks))
            said.append(f"\n{lacks}", style=WARNING)
        if group.unread:
            said.append(f"\n{words.say('not read: {names}', names=_some(group.unread, words))}", style="dim")
        if group.zone in _ZONES:
            zone = words.say(_ZONES[group.zone], time_zone=group.time_zone)
            said.append(f"\n{zone}", style=WARNING if group.zone == "assumed" else "dim")
        if group.rejected:
            rows = words.say(
                "{rejected:,} of {rows:,} rows looked at cannot be read", rejected=group.rejected, rows=group.rows
            )
            said.append(f"\n{rows}", style="red")
        table.add_row(f"{group.files:,}", size(group.bytes), said)
    return table


def _where(group: CheckedGroup, words: Words) -> str:
    if group.files == 1:
        return for_terminal(group.example)
    folders = [f"{folder}/" for folder in group.folders]
    shown = words.listed(map(for_terminal, folders[:_MOST_FOLDERS]))
    more = len(folders) - _MOST_FOLDERS
    return words.say("{shown} and {more:,} more", shown=shown, more=more) if more > 0 else shown


def _written(group: CheckedGroup, words: Words) -> str:
    parts = [words.of(_FORMATS[group.format])]
    if len(group.dialects) == 1:
        parts.append(words.say("dialect {name}", name=group.dialects[0]))
    elif group.dialects:
        parts.append(words.say("one of the dialects {names}", names=words.listed(group.dialects)))
    if group.wrapper is not None:
        parts.append(words.say("within {wrapper}", wrapper=words.of(group.wrapper)))
    if group.packing is not None:
        parts.append(group.packing)
    return for_terminal(words.listed(parts))


def _tallies(check: Check, words: Words) -> Iterator[tuple[str, str]]:
    for each in check.tallies[:_MOST_LEFT_OUT]:
        yield (
            each.path,
            words.say("{requests:,} requests of {logs:,} logs", requests=each.requests, logs=len(each.sources)),
        )
    more = len(check.tallies) - _MOST_LEFT_OUT
    if more > 0:
        yield words.say("... and {more:,} more.", more=more), ""


def _left_out(check: Check, words: Words) -> Iterator[tuple[str, str]]:
    for each in check.left_out[:_MOST_LEFT_OUT]:
        why = words.of(_REASONS[each.reason])
        if each.looks_like is not None:
            why = words.joined([why, words.say("its lines look like {name}", name=each.looks_like)])
        yield each.path, why
    more = len(check.left_out) - _MOST_LEFT_OUT
    if more > 0:
        yield words.say("... and {more:,} more.", more=more), ""


def _facts(check: Check, words: Words) -> Iterator[tuple[str, str]]:
    found = check.reconciliation
    if not check.looked.rows and not check.looked.tallies:
        return
    if found["accounts"] is None:
        yield words.of("accounts"), words.of("no file: each account is taken as paid, and in service all month")
    if found["billing"] is None:
        yield words.of("billing"), words.of("no file: what is owed stays unknown")
    for name in ("accounts", "billing"):
        if found[name] is not None:
            yield words.of(to_say("accounts") if name == "accounts" else to_say("billing")), _file(found[name], words)
    scopes = found["exclusions"]
    if scopes is not None and scopes["not_found"]["count"]:
        names = _some([each["name"] for each in scopes["not_found"]["listed"]], words)
        yield words.of("exclusions"), words.say("about what was not seen: {names}", names=names)


def _file(file: Mapping[str, Any], words: Words) -> str:
    parts = [
        words.say("{seen:,} of {given:,} accounts were seen in the logs", seen=file["in_logs"], given=file["given"])
    ]
    for key, said in (
        ("not_in_logs", to_say("not seen: {names}")),
        ("lacks", to_say("seen, and not in the file: {names}")),
    ):
        if file[key]["count"]:
            parts.append(words.say(said, names=_unmatched(file[key], words)))
    return words.joined(parts)


def _unmatched(unmatched: Mapping[str, Any], words: Words) -> str:
    names = [
        each["name"]
        if each["nearest"] is None
        else words.say("{name} (near {nearest})", name=each["name"], nearest=each["nearest"])
        for each in unmatched["listed"]
    ]
    return _some(names, words, unmatched["count"])


def _run(check: Check, words: Words) -> Iterator[tuple[str, str]]:
    expected = check.expected
    if not check.groups and not check.looked.tallies:
        return
    yield (
        words.of("counts"),
        words.count_of(
            check.looked.of_files,
            "{files:,} file, {bytes}",
            "{files:,} files, {bytes}",
            files=check.looked.of_files,
            bytes=size(check.looked.of_bytes),
        ),
    )
    if check.months:
        first, last = check.months[0], check.months[-1]
        many = words.say("{first} to {last}", first=first, last=last)
        yield words.of("months"), many if len(check.months) > _MOST_MONTHS else words.listed(check.months)
    if check.groups:
        yield (
            words.of("duplicates"),
            words.of("found by request ids")
            if expected.request_ids
            else words.of("not looked for: no request ids are read"),
        )
        yield words.of("takes"), words.say("about {time}, at a rough rate", time=_time(expected.about_seconds, words))


def _time(seconds: int, words: Words) -> str:
    if seconds < 100:
        return words.count_of(seconds, "{count} second", "{count} seconds", count=seconds)
    minutes = round(seconds / 60)
    return words.count_of(minutes, "{count} minute", "{count} minutes", count=minutes)


def _problem(problem: CheckedProblem, words: Words) -> str:
    """Say why a run would be refused."""
    where = problem.where
    if problem.files > 1:
        where = Sentence("{where} and {more:,} more", where=where, more=problem.files - 1)
    lines = Problem(where, problem.what, problem.remedy).lines(words.of)
    return "\n".join(map(for_terminal, "\n  ".join(lines).split("\n")))


def _listed(title: str, lines: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(title, overflow="fold")
    table.add_column("", overflow="fold")
    for name, said in lines:
        table.add_row(Text(for_terminal(name)), Text(for_terminal(said)))
    return table


def _some(names: Sequence[str], words: Words, count: int | None = None) -> str:
    """Name the first few."""
    shown = words.listed(map(for_terminal, names[:_MOST_NAMES]))
    more = (len(names) if count is None else count) - min(len(names), _MOST_NAMES)
    return words.say("{shown} and {more:,} more", shown=shown, more=more) if more > 0 else shown
