"""Which column of a log holds what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from types import MappingProxyType

from sla_audit.errors import InputError, Problem
from sla_audit.intake.column_problems import (
    doubled,
    fields_within,
    is_an_object,
    listed,
    lost_fields,
    missing_column,
    nearest_dialect,
    no_unit,
    of_no_dialect,
)
from sla_audit.intake.dialects.dialect import Dialect, Lasted
from sla_audit.intake.dialects.naming import SUBMITTED, Naming, fitting_dialects
from sla_audit.intake.late_fields import LateFields
from sla_audit.intake.values.account_pattern import AccountPattern
from sla_audit.intake.values.besides import besides_in
from sla_audit.intake.values.content_flags import USUAL, FlagWords
from sla_audit.intake.values.durations import UNITS, Took, Unit
from sla_audit.model.tally import CLIENT
from sla_audit.sentence import Sentence

REQUIRED = ("timestamp", "account_id", "status")
OPTIONAL = ("content_flag", "client_aborted", "region", "api", "error_code", "duration", "request_id", "client")
CANONICAL = REQUIRED + OPTIONAL
_OF_SOME = {"error_code": "error_code", "took_over": "duration", CLIENT: CLIENT}
"""What only some agreements need of a log, and the column which tells it."""
_SETTLED = ("flags", "time_zone", "besides", "compared", "partitions", "took")
_EXCUSING = ("content_flag", "client_aborted")
"""What takes a request out of the rate where it says so: an object is not to be passed over as if nothing were said."""


@dataclass(frozen=True)
class ColumnMap:
    """What the user said: canonical column to its name in the log; `timestamp` and `submitted` may name two.

    With the name of `duration`, its unit may stand. A canonical column that is not named here is looked for under its
    own name. What a dialect reads may be named too, by the name that the dialect has for it.
    """

    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    account_pattern: AccountPattern | None = None
    """What takes the account out of the column that is named for it; None: the column has it."""

    def names(self, canonical: str) -> tuple[str, ...]:
        """Give the name, or names, under which a log has the canonical column."""
        also = SUBMITTED if canonical == "timestamp" else canonical
        named = self.named.get(canonical) or self.named.get(also) or (canonical,)
        return named[:1] if canonical == "duration" else named

    @property
    def duration_unit(self) -> Unit | None:
        """The unit of the `duration`, if it was said."""
        said = self.named.get("duration", ())[1:]
        return next((unit for unit in UNITS if said == (unit,)), None)

    def without_times(self, others: Collection[str]) -> ColumnMap:
        """Leave out what says where the time is, if others say it."""
        times = {"timestamp", SUBMITTED}
        if times.isdisjoint(others):
            return self
        return replace(self, named={name: columns for name, columns in self.named.items() if name not in times})

    def says(self, canonical: str) -> bool:
        """Tell whether the canonical column is named."""
        return canonical in self.named or (canonical == "timestamp" and SUBMITTED in self.named)

    @property
    def of_dialects(self) -> tuple[str, ...]:
        """What is named of what dialects read."""
        return tuple(name for name in self.named if name not in (*CANONICAL, SUBMITTED))


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
    error_code: str | None = None
    took: Took | None = None
    """What says how long a request took, whatever its time is."""
    request_id: str | None = None
    client: str | None = None
    account_pattern: AccountPattern | None = None
    """What takes the account out of `account_id`, if that is not all of it."""
    dialect: Dialect | None = None
    """What tells from its `fields`, in the names of the file, how a request ended, instead of `status`. A client that
    left first is told by it or by `client_aborted`."""
    time_zone: str | None = None
    """The zone of times without one, where a dialect knows it."""
    lasted: Lasted | None = None
    """The column that says how long a request took, where `timestamp` is when it ended."""
    later: LateFields = field(default_factory=LateFields, compare=False, repr=False)
    """What later objects of a file of objects may have that the first had not."""
    flags: FlagWords = USUAL
    """What the values of `content_flag` mean."""
    own_ids: bool = False
    """Whether request ids are the gateway's own, each given to one request, as the dialect says."""
    besides: tuple[str, ...] = field(default=(), compare=False)
    """The columns by which rows of one request id are compared, besides what is counted: see `besides`."""
    compared: bool = False
    """Whether they are read."""
    partitions: Mapping[str, str | None] = field(default_factory=dict)
    """What the path says in place of columns that the file has not: see `sources.Source.partitions`."""

    def seeing(self, names: Sequence[str], where: str) -> LogColumns:
        """Read more fields of a log, which the first objects had not.

        Raises `InputError` where they make no sense beside them.

        What was settled of the file as a whole stays as it is.
        """
        found = self if self.later.seen is None else self.later.seen(names, where)
        if not isinstance(found, LogColumns):
            raise InputError(*found)
        settled = {name: getattr(self, name) for name in _SETTLED}
        return replace(found if self.request_id is not None else found.without_ids(), **settled)

    def without_ids(self) -> LogColumns:
        """Read no request ids."""
        return replace(self, request_id=None, later=self.later.without_ids())

    def without(self, left_out: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Give canonical name to names in the file, for all columns but some; `duration` goes with `timestamp`.

        `besides`, of any number of names, is there where rows are `compared`.
        """
        out = {*left_out, "duration"} if "timestamp" in left_out else left_out
        return {canonical: names for canonical, names in self._by_canonical.items() if canonical not in out}

    @cached_property
    def _by_canonical(self) -> Mapping[str, tuple[str, ...]]:
        columns = {
            "timestamp": self.timestamp,
            "duration": (None if self.lasted is None else self.lasted.column,),
            "account_id": (self.account_id,),
            "status": (self.status,) if self.dialect is None else self.dialect.fields,
            "content_flag": (self.content_flag,),
            "client_aborted": (self.client_aborted,),
            "region": (self.region,),
            "api": (self.api,),
            "error_code": (self.error_code,),
            "took_over": (None if self.took is None else self.took.column,),
            "request_id": (self.request_id,),
            "client": (self.client,),
        }
        wanted = {
            canonical: tuple(name for name in names if name is not None)
            for canonical, names in columns.items()
            if names[0] is not None
        }
        return wanted | ({"besides": self.besides} if self.compared else {})

    @property
    def always(self) -> tuple[str, ...]:
        """The names that every object of a file of objects must have, be it with nothing to say."""
        names = (self.status,) if self.dialect is None else self.dialect.always
        return tuple(name for name in names if name not in self.partitions)

    @property
    def merely_compared(self) -> frozenset[str]:
        """The names that are read for nothing else."""
        read = {name for canonical, names in self.without(()).items() if canonical != "besides" for name in names}
        return frozenset(self.besides if self.compared else ()) - read

    @cached_property
    def all(self) -> Sequence[str]:
        """Every name to read from the file, each once, in a fixed order."""
        return self.in_file(self._by_canonical)

    @property
    def said_by_path(self) -> dict[str, str | None]:
        """What the path says of the columns that are wanted."""
        wanted = {name for names in self.without(()).values() for name in names}
        return {name: value for name, value in self.partitions.items() if name in wanted}

    def in_file(self, wanted: Collection[str]) -> list[str]:
        """Give the names under which a file has some canonical columns, each once."""
        names = (name for canonical in wanted for name in self._by_canonical[canonical])
        return [name for name in dict.fromkeys(names) if name not in self.partitions]


def resolve_columns(
    mapping: ColumnMap,
    in_file: Sequence[str],
    needed: Collection[str],
    where: str,
    dialect: Dialect | None = None,
    partitions: Mapping[str, str | None] = MappingProxyType({}),
    *,
    objects: bool = False,
) -> LogColumns | list[Problem]:
    """Find the canonical columns among a file's columns and, where it has none of a name, those of its path.

    `needed` names what this run cannot do without of the optional columns (`api`, `took_over`, `client`); `objects`
    says that the file's rows are objects, each with columns of its own. Without a dialect, one is chosen where it alone
    is told by columns that are not the canonical ones. Gives every problem of the file, or the columns.
    """
    more = {name: value for name, value in partitions.items() if name not in in_file}
    available = [*in_file, *more]
    found = _resolve(mapping, available, needed, where, dialect, objects=objects)
    mapped = mapping.of_dialects or any(map(mapping.says, ("timestamp", "status")))
    as_it_is = isinstance(found, LogColumns) and not mapped
    fitting = [] if as_it_is or dialect is not None else fitting_dialects(available, mapping.named, objects=objects)
    if len(fitting) == 1:
        dialect = fitting[0]
        found = _resolve(mapping, available, needed, where, dialect, objects=objects)
    if len(fitting) > 1:
        names = ", ".join(each.id for each in fitting)
        what = Sentence(
            "the columns fit several dialects: {dialects}; the file has: {known}",
            dialects=names,
            known=listed(available),
        )
        return [Problem(where, what, "Choose one with --dialect, or map the columns with --column.")]
    strange = of_no_dialect(mapping.of_dialects, dialect, where)
    if not isinstance(found, LogColumns) or strange:
        problems = [] if isinstance(found, LogColumns) else found
        return [
            *problems,
            *strange,
            *([] if dialect is not None else nearest_dialect(mapping.named, available, where, objects=objects)),
        ]
    if set(found.timestamp) <= set(more):
        what = Sentence(
            "the time is said by the path alone, {timestamp}, the same for all requests",
            timestamp=listed(found.timestamp),
        )
        return [Problem(where, what, "Say which column of the file has it: --column timestamp=NAME.")]
    return replace(found, partitions=more)


def _resolve(
    mapping: ColumnMap,
    available: Sequence[str],
    needed: Collection[str],
    where: str,
    dialect: Dialect | None,
    *,
    objects: bool,
) -> LogColumns | list[Problem]:
    naming = None if dialect is None else Naming(dialect, available, mapping.named, objects)
    read = None if naming is None else naming.read()
    problems = []
    needed = {_OF_SOME.get(name, name) for name in needed}
    wanted: dict[str, tuple[str, ...]] = {}
    for canonical in _looked_for(mapping, needed):
        if naming is not None and read is not None and canonical == "status":
            names = read.fields
            found = [*lost_fields(naming, where), *doubled(read.fields, available, where)]
            problems += found
            wanted[canonical] = names
            continue
        names = mapping.names(canonical) if naming is None else _names_in(naming, canonical, available)
        may_come = objects and _may_come(canonical, mapping, naming)
        must = canonical in REQUIRED or canonical in needed or mapping.says(canonical)
        found = _wrong(canonical, names, available, where, must=must and not (may_come and canonical == "error_code"))
        problems += found
        if not found and (may_come or set(names) <= set(available)):
            wanted[canonical] = names
    lasted = None if read is None or read.lasted is None or read.lasted.column not in available else read.lasted
    if lasted is not None and lasted.column is not None:
        problems += doubled([lasted.column], available, where)
    took = _took(mapping, naming, wanted["duration"][0]) if "duration" in needed and "duration" in wanted else None
    if "duration" in wanted and "duration" in needed and took is None:
        problems.append(no_unit(wanted["duration"][0], where))
    if problems:
        return problems
    if lasted is not None and mapping.duration_unit is not None and (lasted.column,) == mapping.names("duration"):
        lasted = lasted.model_copy(update={"unit": mapping.duration_unit})

    def optional(canonical: str, *, always: bool = False) -> str | None:
        return wanted[canonical][0] if canonical in wanted and (always or canonical in needed) else None

    told = ("region", "api", *(name for name in _OF_SOME.values() if name in needed))
    scopes = [name for canonical in told for name in wanted.get(canonical, ())]
    return LogColumns(
        timestamp=wanted["timestamp"],
        account_id=wanted["account_id"][0],
        account_pattern=mapping.account_pattern,
        status=wanted["status"][0],
        content_flag=optional("content_flag", always=True),
        client_aborted=optional("client_aborted", always=True),
        region=optional("region"),
        api=optional("api"),
        error_code=optional("error_code"),
        took=took,
        request_id=optional("request_id", always=True),
        client=optional(CLIENT),
        dialect=read,
        time_zone=None if read is None else read.time_zone,
        lasted=lasted,
        later=_later(mapping, available, needed, dialect, naming) if objects else LateFields(),
        flags=USUAL if dialect is None or dialect.content_flag is None else dialect.content_flag,
        own_ids=naming is not None and "request_id" not in mapping.named and naming.gives_ids(wanted.get("request_id")),
        besides=besides_in((name for name, times in Counter(available).items() if times == 1), scopes),
    )


def _may_come(canonical: str, mapping: ColumnMap, naming: Naming | None) -> bool:
    """Tell whether objects may have a field that the first of them have not, and that nothing is said by its absence.

    So it is with ids, and with the codes of errors where somebody says under which name they would stand.
    """
    is_known = mapping.says(canonical) or (naming is not None and naming.columns(canonical) is not None)
    return canonical == "request_id" or (canonical == "error_code" and is_known)


def _wrong(canonical: str, names: Sequence[str], available: Sequence[str], where: str, *, must: bool) -> list[Problem]:
    """Say what is wrong with the names under which a file should, or `must`, have a canonical column."""
    missing = [name for name in names if name not in available]
    if missing and must:
        return [missing_column(canonical, missing, available, where)]
    if missing and canonical in _EXCUSING and (within := fields_within(canonical, available)):
        return [is_an_object(canonical, within, where)]
    return doubled(names, available, where)


def _took(mapping: ColumnMap, naming: Naming | None, column: str) -> Took | None:
    """Tell in which unit a column has how long requests took; None where nobody says so."""
    unit, own = mapping.duration_unit, None if naming is None else naming.dialect.took
    if unit is None and naming is not None and own is not None and column == (naming.of(own.column) or own.column):
        unit = own.unit
    return None if unit is None else Took(column, unit)


def _looked_for(mapping: ColumnMap, needed: Collection[str]) -> Iterator[str]:
    """Name the canonical columns that are looked for: not those of some agreements, which may be anything in others."""
    for canonical in CANONICAL:
        if canonical not in _OF_SOME.values() or canonical in needed or mapping.says(canonical):
            yield canonical


def _later(
    mapping: ColumnMap,
    available: Sequence[str],
    needed: Collection[str],
    dialect: Dialect | None,
    naming: Naming | None,
) -> LateFields:
    """Say what later objects may have: of what the user mapped, the first must have all."""

    def names_of(canonical: str) -> tuple[str, ...]:
        own = () if naming is None else naming.columns(canonical) or ()
        if mapping.says(canonical) or not {canonical, *own}.isdisjoint(available):
            return ()
        return (*(() if naming is None else naming.unseen_columns(canonical)), canonical)

    times = () if naming is None else naming.unseen_times
    flags = (*names_of("content_flag"), *names_of("client_aborted"))
    names = dict.fromkeys((*flags, *names_of("request_id"), *(() if naming is None else naming.unseen), *times))
    absent = tuple(name for name in names if name not in available)
    seen = partial(_seen, mapping, available, needed, dialect)
    return LateFields(absent, frozenset(times), frozenset(names_of("request_id")), seen)


def _seen(
    mapping: ColumnMap,
    available: Sequence[str],
    needed: Collection[str],
    dialect: Dialect | None,
    names: Sequence[str],
    where: str,
) -> LogColumns | list[Problem]:
    """Resolve the columns once more, of objects that have some more names."""
    return _resolve(mapping, [*available, *names], needed, where, dialect, objects=True)


def _names_in(naming: Naming, canonical: str, available: Sequence[str]) -> tuple[str, ...]:
    """Give the names that a dialect has for a canonical column; its own name, where the dialect knows none."""
    names = (naming.timestamp if canonical == "timestamp" else naming.columns(canonical)) or (canonical,)
    said = canonical in naming.named or (canonical == "timestamp" and SUBMITTED in naming.named)
    return (canonical,) if not said and canonical in available and not set(names) <= set(available) else names
