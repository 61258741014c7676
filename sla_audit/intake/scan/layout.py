"""What a scan is to find in each line of a log: which columns, and what they are."""

from __future__ import annotations

from dataclasses import dataclass

from sla_audit.intake.columns import LogColumns

TEXT, TIME, DATE, CLOCK, ID, LATE = range(6)
"""What a column is: a text of which there are few, a time, the two halves of one, a text of which each row has another,
and one that no row should have."""


@dataclass(frozen=True)
class Layout:
    """The columns by their names in the log, each with its role, times first.

    `account` is that of accounts; every row must have `always`, be it with nothing to say.
    """

    names: tuple[str, ...]
    roles: tuple[int, ...]
    account: str
    always: tuple[str, ...]

    @property
    def times(self) -> tuple[str, ...]:
        """The columns that are the time."""
        return tuple(name for name, role in zip(self.names, self.roles, strict=True) if role in {TIME, DATE, CLOCK})


def layout_of(columns: LogColumns, late: tuple[str, ...] = ()) -> Layout | None:
    """Say how to scan for the columns of a log, of which some are still to come; None where others must read it."""
    times, wanted = columns.timestamp, columns.without(())
    others = {name for canonical, names in wanted.items() if canonical != "timestamp" for name in names}
    if not others.isdisjoint(times) or not columns.partitions.keys().isdisjoint(times) or len(set(times)) < len(times):
        return None
    ids = {columns.request_id} - set(columns.besides if columns.compared else ())
    rest = [name for name in columns.all if name not in times]
    late = tuple(name for name in late if name not in columns.all)
    return Layout(
        (*times, *rest, *late),
        (
            *((TIME,) if len(times) == 1 else (DATE, CLOCK)),
            *(ID if name in ids else TEXT for name in rest),
            *(LATE for _ in late),
        ),
        columns.account_id,
        columns.always,
    )
