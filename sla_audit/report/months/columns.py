"""What the months side by side say: the columns that every format has, in words and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sla_audit.report import sentences
from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.report.months.table import Figures, MonthRow, Months, WindowState, months_of
from sla_audit.report.sums import if_ended_today
from sla_audit.sentence import to_say


@dataclass(frozen=True)
class MonthColumn:
    """A column: its title, whether it is of figures, and its cells, one a month and one for all of them.

    Columns of one `group` are read together, so that nothing comes between them where a table is broken.
    """

    title: str
    cells: tuple[str, ...]
    figures: bool = True
    group: str = ""


def columns_of(report: Report, words: Words, *, alone: bool = False) -> list[MonthColumn]:
    """Give the columns of the months of a report, the last cell of each that of all months.

    There are none of a single month, unless it may be `alone`.
    """
    months = months_of(report, alone=alone)
    return [] if months is None else list(_columns(months, report.head["currency"], words))


def _columns(months: Months, currency: str, words: Words) -> Iterator[MonthColumn]:
    figures = [*(row.figures for row in months.rows), months.total]

    def of_each(take: Callable[[Figures], str]) -> tuple[str, ...]:
        return tuple(map(take, figures))

    cycles = tuple(row.cycle for row in months.rows)
    yield MonthColumn(words.of("Cycle"), (*cycles, words.of(to_say("Total"))), figures=False, group="cycle")
    yield MonthColumn(words.of("Results"), of_each(lambda each: f"{each.results:,}"), group="results")
    below = of_each(lambda each: "?" if each.below is None else f"{each.below:,}")
    yield MonthColumn(words.of("Below the objective"), below, group="results")
    owed = of_each(lambda each: each.owed.in_words(words))
    yield MonthColumn(words.say("Owed, {currency}", currency=currency), owed, group="owed")
    yield MonthColumn(words.of("Undetermined"), of_each(lambda each: f"{each.owed.unknown:,}"), group="owed")
    yield MonthColumn(words.of("Claims"), windows_in_words(months, words), figures=False, group="claims")
    if months.total.claimed is not None:
        for title, field, group in _CLAIMED:
            cells = of_each(lambda each, field=field: getattr(each.claimed, field).in_words(words))  # type: ignore[misc]
            yield MonthColumn(words.say(title, currency=currency), cells, group=group)


_CLAIMED = (
    (to_say("Filed, {currency}"), "filed", "filed"),
    (to_say("To come, {currency}"), "awaited", "filed"),
    (to_say("Credited, {currency}"), "credited", "ended"),
    (to_say("Lapsed, {currency}"), "lapsed", "ended"),
)


def windows_in_words(months: Months, words: Words) -> tuple[str, ...]:
    """Say of each month how its claim window stands, and of all of them, as the last, how much can be claimed."""
    return (*(_window(row, words) for row in months.rows), _in_all(months, words))


def _window(row: MonthRow, words: Words) -> str:
    if row.state == "running":
        return words.joined([words.of("month still running"), *if_ended_today(row.figures.estimate, words)])
    if not row.figures.owed_results and not row.figures.owed.unknown:
        return words.of("nothing owed")
    said = {
        "not_yet_open": to_say("not open until {opens_on}{unsure}"),
        "open": to_say("can be claimed until {closes_on}{unsure}"),
        "closed": to_say("closed on {closes_on}{unsure}"),
    }[row.state]
    if row.state == "open" and not row.figures.owed_results:
        said = to_say("nothing known to be owed; claims are taken until {closes_on}{unsure}")
    unsure = sentences.unsure(row.calendar, words)
    window = words.say(said, opens_on=row.opens_on, closes_on=row.closes_on, unsure=unsure)
    return words.joined([window, words.of(to_say("lapsed unless filed"))]) if row.lapsed_unless_filed else window


def _in_all(months: Months, words: Words) -> str:
    """Say how much of all that is owed can be claimed, where no ledger says what became of it."""
    if months.total.claimed is not None:
        return ""
    said: dict[WindowState, str] = {
        "open": to_say("can be claimed: {amount}"),
        "not_yet_open": to_say("not open yet: {amount}"),
        "closed": to_say("lapsed unless filed: {amount}"),
    }
    sums = ((text, months.owed_in(state)) for state, text in said.items())
    return words.joined(words.say(text, amount=each.in_words(words)) for text, each in sums if each.known)
