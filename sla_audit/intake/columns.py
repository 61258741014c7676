"""Which column of a log holds what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sla_audit.errors import Problem
from sla_audit.intake.besides import besides_in
from sla_audit.intake.dialect import Dialect, Lasted, fitting_dialects

REQUIRED = ("timestamp", "account_id", "status")
OPTIONAL = ("content_flag", "client_aborted", "region", "api", "request_id")
CANONICAL = REQUIRED + OPTIONAL
_MOST_NAMES, _LONGEST_NAME = 30, 60


@dataclass(frozen=True)
class ColumnMap:
    """What the user said: canonical column to its name in the log; `timestamp` may name two.

    A canonical column that is not named here is looked for under its own name.
    """

    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self, canonical: str) -> tuple[str, ...]:
        """Give the name, or names, under which a log has the canonical column."""
        return self.named.get(canonical, (canonical,))


@dataclass(frozen=True)
class LogColumns:
    """The columns to read from one file. None: the file has no such column, or the run needs it not."""

    timestamp: tuple[str, ...]
    account_id: str
    status: str
    content_flag: str | None = None
    client_aborted: str | None = None
    region: str | None = None
    api: str | None = None
    request_id: str | None = None
    dialect: Dialect | None = None
    """What tells from its `fields` how a request ended, instead of `status` and `client_aborted`."""
    time_zone: str | None = None
    """The zone of times without one, where a dialect knows it."""
    lasted: Lasted | None = None
    """The column that says how long a request took, where `timestamp` is when it ended."""
    own_ids: bool = False
    """Whether request ids are the gateway's own, each given to one request, as the dialect says."""
    besides: tuple[str, ...] = field(default=(), compare=False)
    """The columns by which rows of one request id are compared, besides what is counted: see `besides`."""
    compared: bool = False
    """Whether they are read."""
    partitions: Mapping[str, str | None] = field(default_factory=dict)
    """What the path says in place of columns that the file has not: see `sources.Source.partitions`."""

    def without(self, left_out: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Give canonical name to names in the file, for all columns but some; `duration` goes with `timestamp`.

        `besides`, of any number of names, is there where rows are `compared`.
        """
        columns = {
            "timestamp": self.timestamp,
            "duration": (None if self.lasted is None or "timestamp" in left_out else self.lasted.column,),
            "account_id": (self.account_id,),
            "status": (self.status,) if self.dialect is None else self.dialect.fields,
            "content_flag": (self.content_flag,),
            "client_aborted": (self.client_aborted,),
            "region": (self.region,),
            "api": (self.api,),
            "request_id": (self.request_id,),
        }
        wanted = {
            canonical: tuple(name for name in names if name is not None)
            for canonical, names in columns.items()
            if canonical not in left_out and names[0] is not None
        }
        return wanted | ({"besides": self.besides} if self.compared else {})

    @property
    def all(self) -> list[str]:
        """Every name to read from the file, each once, in a fixed order."""
        return self.in_file(self.without(()))

    @property
    def said_by_path(self) -> dict[str, str | None]:
        """What the path says of the columns that are wanted."""
        wanted = {name for names in self.without(()).values() for name in names}
        return {name: value for name, value in self.partitions.items() if name in wanted}

    def in_file(self, wanted: Collection[str]) -> list[str]:
        """Give the names under which a file has some canonical columns, each once."""
        columns = self.without(())
        names = (name for canonical in wanted for name in columns[canonical])
        return [name for name in dict.fromkeys(names) if name not in self.partitions]


def resolve_columns(
    mapping: ColumnMap,
    in_file: Sequence[str],
    needed: Collection[str],
    where: str,
    dialect: Dialect | None = None,
    partitions: Mapping[str, str | None] = MappingProxyType({}),
) -> LogColumns | list[Problem]:
    """Find the canonical columns among a file's columns and, where it has none of a name, those of its path.

    `needed` names optional columns that this run cannot do without (`api`, `region`). Without a dialect, one is
    chosen where it alone fits columns that are not the canonical ones. Gives every problem of the file, or the columns.
    """
    more = {name: value for name, value in partitions.items() if name not in in_file}
    available = [*in_file, *more]
    found = _resolve(mapping, available, needed, where, dialect)
    fitting = [] if isinstance(found, LogColumns) or dialect is not None else fitting_dialects(available)
    if len(fitting) == 1:
        found = _resolve(mapping, available, needed, where, fitting[0])
    if isinstance(found, LogColumns):
        if set(found.timestamp) <= set(more):
            what = f"the time is said by the path alone, {_listed(found.timestamp)}, the same for all requests"
            return [Problem(where, what, "Say which column of the file has it: --column timestamp=NAME.")]
        return replace(found, partitions=more)
    if len(fitting) > 1:
        names = ", ".join(each.id for each in fitting)
        what = f"the columns fit several dialects: {names}; the file has: {_listed(available)}"
        return [Problem(where, what, "Choose one with --dialect, or map the columns with --column.")]
    return found


def _resolve(
    mapping: ColumnMap, available: Sequence[str], needed: Collection[str], where: str, dialect: Dialect | None
) -> LogColumns | list[Problem]:
    lasted = None if dialect is None or "timestamp" in mapping.named else dialect.lasted_in(available)
    ending = None if "status" in mapping.named else dialect  # who maps the status says how a request ended
    problems = []
    wanted: dict[str, tuple[str, ...]] = {}
    for canonical in CANONICAL:
        names = mapping.names(canonical)
        if dialect is not None and canonical not in mapping.named:
            names = _names_in(dialect, canonical, available)
        missing = [name for name in names if name not in available]
        twice = [name for name in names if list(available).count(name) > 1]
        must = canonical in REQUIRED or canonical in needed or canonical in mapping.named
        if missing and must:
            problems.append(_missing(canonical, missing, available, where))
        elif twice:
            problems.append(_twice(twice[0], where))
        elif not missing:
            wanted[canonical] = names
    if lasted is not None and list(available).count(lasted.column) > 1:
        problems.append(_twice(lasted.column, where))
    if problems:
        return problems

    def optional(canonical: str, *, always: bool = False) -> str | None:
        return wanted[canonical][0] if canonical in wanted and (always or canonical in needed) else None

    ids = wanted.get("request_id")
    scopes = [name for canonical in ("region", "api") for name in wanted.get(canonical, ())]
    return LogColumns(
        timestamp=wanted["timestamp"],
        account_id=wanted["account_id"][0],
        status=wanted["status"][0],
        content_flag=optional("content_flag", always=True),
        client_aborted=None if ending else optional("client_aborted", always=True),
        region=optional("region"),
        api=optional("api"),
        request_id=optional("request_id", always=True),
        dialect=ending,
        time_zone=None if dialect is None else dialect.time_zone,
        lasted=lasted,
        own_ids=dialect is not None and dialect.request_ids_are_its_own and ids == dialect.columns.get("request_id"),
        besides=besides_in((name for name in available if list(available).count(name) == 1), scopes),
    )


def _names_in(dialect: Dialect, canonical: str, available: Sequence[str]) -> tuple[str, ...]:
    """Give the names that a dialect has for a canonical column; its own name, where the dialect knows none."""
    if canonical == "status":
        return dialect.fields
    names = dialect.names(canonical, available) or (canonical,)
    return (canonical,) if canonical in available and not set(names) <= set(available) else names


def _twice(name: str, where: str) -> Problem:
    return Problem(where, f"two columns are named {name!r}", "Rename one of them, so that it is clear which.")


def _missing(canonical: str, missing: Sequence[str], available: Sequence[str], where: str) -> Problem:
    names = " and ".join(repr(name) for name in missing)
    role = "" if list(missing) == [canonical] else f" (mapped to {canonical})"
    example = f"--column {canonical}=NAME"
    if canonical == "timestamp":
        example += " (or =DATE,TIME where they are two columns)"
    return Problem(
        where,
        f"no column {names}{role}; the file has: {_listed(available) or 'none'}",
        f"Say which column it is: {example}, or the same under [columns] in the config.",
    )


def _listed(names: Sequence[str]) -> str:
    """List columns, not more and not longer than can be read."""
    shown = [name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..." for name in names[:_MOST_NAMES]]
    more = len(names) - len(shown)
    return ", ".join([*shown, f"and {more} more"] if more else shown)
