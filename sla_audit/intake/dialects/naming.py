"""Under which names a log keeps what a dialect reads: its own, an alias, or what the user says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sla_audit.intake.dialects.dialect import Dialect, EndingRule, built_in_dialects
from sla_audit.model.notice import Notice

SUBMITTED = "submitted"
"""What `--column` maps instead of `timestamp` for a column that is when requests were submitted, whatever a dialect
says of the log's times."""


@dataclass(frozen=True)
class Naming:
    """A dialect, the columns of a log, and what the user mapped: canonical names, or names of the dialect's own.

    Where a log is of `objects`, these may lack what the dialect says to be omitted.
    """

    dialect: Dialect
    available: Collection[str]
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    objects: bool = False

    def of(self, own: str) -> str | None:
        """Find the column that holds what the dialect calls `own`; a mapped one, there or not; None: there is none."""
        for said in self._said(own):
            if said in self.named:
                return self.named[said][0]
        return next((name for name in (own, *self.dialect.aliases.get(own, ())) if name in self.available), None)

    @property
    def timestamp(self) -> tuple[str, ...]:
        """The columns that are the time, in the names of the log where it has them."""
        for said in ("timestamp", SUBMITTED):
            if said in self.named:
                return self.named[said]
        finer, usual = self.dialect.finer_timestamp, self.dialect.columns["timestamp"]
        if finer is not None and all(map(self._has, finer)) and not any(own in self.named for own in usual):
            usual = finer
        return tuple(self.of(own) or own for own in usual)

    def columns(self, canonical: str) -> tuple[str, ...] | None:
        """Give the columns of a log that hold a canonical one, where the dialect knows them."""
        if canonical in self.named:
            return self.named[canonical][:1] if canonical == "duration" else self.named[canonical]
        known = next((names for name, names in self.dialect.columns.items() if name == canonical), None)
        if canonical == "duration" and self.dialect.took is not None:
            known = (self.dialect.took.column,)
        return None if known is None else tuple(self.of(own) or own for own in known)

    def gives_ids(self, names: tuple[str, ...] | None) -> bool:
        """Tell whether a column has request ids that the gateway gives by itself."""
        return self.dialect.request_ids_are_its_own and names is not None and names == self.columns("request_id")

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that the dialect's rules need and the log has not, by the dialect's names."""
        return tuple(own for own in self.dialect.fields if not self._has(own) and own not in self._dispensable)

    @property
    def needed(self) -> frozenset[str | None]:
        """The columns that the dialect must have, in the names of the log."""
        must = (self.of(own) for own in self.dialect.fields if own not in self._dispensable)
        return frozenset((*self.timestamp, *must))

    @property
    def is_told(self) -> bool:
        """Whether the columns tell the dialect: all are there, and one of them is no other log's."""
        return not self.lacks and self._is_distinct

    @property
    def likeness(self) -> float:
        """How much of what the dialect must have the log has, from 0 to 1; 0 where that might be any log's."""
        needed = [own for own in self.dialect.fields if own not in self._dispensable]
        found = sum(self._has(own) for own in needed) + self.has_time
        return found / (len(needed) + 1) if self._is_distinct else 0.0

    @property
    def has_time(self) -> bool:
        """Whether the log has the columns that are the time."""
        return all(name in self.available for name in self.timestamp)

    @property
    def lacks(self) -> tuple[str, ...]:
        """What the log lacks to be in the dialect."""
        times = [name for name in self.timestamp if name not in self.available]
        return (*times, *self.missing)

    @property
    def unseen(self) -> tuple[str, ...]:
        """The names of fields that the first objects of a log did not have, and later ones may."""
        absent = (own for own in self.dialect.fields if own in self._dispensable and not self._has(own))
        return tuple(name for own in absent for name in self._names(own))

    @property
    def unseen_times(self) -> tuple[str, ...]:
        """Those of fields that would make times others: how long requests took, or the time more exactly."""
        lasted, finer = self.dialect.lasted, self.dialect.finer_timestamp
        taken = (lasted.column,) if lasted is not None and lasted.column is not None and self._is_of_the_end() else ()
        mapped = any(said in self.named for said in ("timestamp", SUBMITTED, *self.dialect.columns["timestamp"]))
        absent = (own for own in (*taken, *(() if mapped else finer or ())) if not self._has(own))
        return tuple(name for own in absent for name in self._names(own))

    def unseen_columns(self, canonical: str) -> tuple[str, ...]:
        """Give the same of a canonical column, as far as the dialect knows it."""
        known = next((names for name, names in self.dialect.columns.items() if name == canonical), ())
        return tuple(name for own in known if not self._has(own) for name in self._names(own))

    def read(self) -> Dialect:
        """Give the dialect in the names of the log. What the log has not says nothing, in every row."""
        absent = {own for own in self.dialect.fields if not self._has(own)}
        names = {own: self.of(own) or own for own in self.dialect.own_names}
        changes: dict[str, Any] = {}
        if absent or any(own != name for own, name in names.items()):
            changes = {
                "status": names[self.dialect.status],
                "outcomes": tuple(
                    outcome.model_copy(update={"when": _renamed(outcome.when, names, absent)})
                    for outcome in self.dialect.outcomes
                    if _may_hold(outcome, absent)
                ),
                "optional": tuple(names[own] for own in self.dialect.optional if own not in absent),
                "omitted": tuple(names[own] for own in self.dialect.omitted if own not in absent),
                "lists": {names[own]: each for own, each in self.dialect.lists.items() if own not in absent},
            }
        lasted = self.dialect.lasted
        if lasted is not None and not self._is_of_the_end():
            changes["lasted"] = None
        elif lasted is not None and lasted.column is not None:
            changes["lasted"] = lasted.model_copy(update={"column": names[lasted.column]})
            if "timestamp" in self.named and self._has(lasted.column):
                changes["notes"] = (*self.dialect.notes, _TAKEN_OFF)
        return self.dialect.model_copy(update=changes)

    def _is_of_the_end(self) -> bool:
        """Tell whether the time is when requests ended."""
        lasted = self.dialect.lasted
        if lasted is None or SUBMITTED in self.named:
            return False
        return lasted.times is None or any(name in lasted.times for name in self.timestamp)

    def _names(self, own: str) -> tuple[str, ...]:
        """Under which names a log may have what the dialect calls `own`."""
        return (own, *self.dialect.aliases.get(own, ()))

    def _has(self, own: str) -> bool:
        return self.of(own) in self.available

    def _said(self, own: str) -> tuple[str, ...]:
        """Under which names the user may map what the dialect calls `own`."""
        return ("status", own) if own == self.dialect.status else (own,)

    @property
    def _dispensable(self) -> set[str]:
        return {*self.dialect.optional, *(self.dialect.omitted if self.objects else ())}

    @property
    def _is_distinct(self) -> bool:
        """Whether a column that is read is the dialect's, by one of its names, and not one that any log may have."""
        dialect, signs = self.dialect, self.dialect.signs
        if signs is not None and not any(map(self._has, signs)):
            return False
        read = {*self.timestamp, *(self.of(own) for own in dialect.fields)}
        times = (*dialect.columns["timestamp"], *(dialect.finer_timestamp or ()))
        ends = () if dialect.lasted is None else dialect.lasted.times or ()
        own = {*dialect.fields, *times, *ends}
        own |= {alias for name in own for alias in dialect.aliases.get(name, ())}
        any_log_s = _ANY_LOG_S if signs is None else _CANONICAL
        return any(name in own and name in self.available and name not in any_log_s for name in read)


_TAKEN_OFF = Notice(
    "how long a request took is taken off the time that was mapped: map it as submitted, if that is when requests began"
).text
_CANONICAL = {"timestamp", "status"}
_ANY_LOG_S = _CANONICAL | {"date", "time"}


def fitting_dialects(
    available: Collection[str], named: Mapping[str, tuple[str, ...]] | None = None, *, objects: bool = False
) -> list[Dialect]:
    """List the built-in dialects that the columns of a log tell; of two, not the one that needs fewer of the same."""
    known = [Naming(each, available, named or {}, objects) for each in built_in_dialects().values()]
    told = {naming.dialect.id: naming for naming in known if naming.is_told}
    return [each.dialect for each in told.values() if not any(each.needed < other.needed for other in told.values())]


def nearest(available: Sequence[str], named: Mapping[str, tuple[str, ...]], *, objects: bool) -> Naming | None:
    """Find the built-in dialect that a log comes nearest to, which must be half of what it needs."""
    known = [Naming(each, available, named, objects) for each in built_in_dialects().values()]
    likest = max(known, key=lambda naming: naming.likeness)
    return likest if likest.likeness >= 0.5 else None


def _renamed(
    when: Mapping[str, tuple[str, ...]], names: Mapping[str, str], absent: Collection[str]
) -> dict[str, tuple[str, ...]]:
    return {names[own]: some for own, some in when.items() if own not in absent}


def _may_hold(outcome: EndingRule, absent: Collection[str]) -> bool:
    """Tell whether a rule may hold where some fields say nothing."""
    return all("nothing" in some for own, some in outcome.when.items() if own in absent)
