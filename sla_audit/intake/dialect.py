"""Dialects: how a gateway writes its log, as data (`dialects/*.toml`).

A dialect names the columns, and tells from the combination of some fields whether a request was answered, and with
what status; whether the service gave no answer; or whether the client left first. Combinations are few, so each is
settled once, never per row.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from sla_audit.errors import InputError, Problem, field_name
from sla_audit.intake.csv_format import CsvFormat, Unheaded, delimiter_of
from sla_audit.intake.durations import Unit
from sla_audit.intake.spellings import is_nothing, read_status

_NOTHING = "nothing"
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)", re.ASCII)


def _not_empty(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("names nothing")
    return names


_Names = Annotated[tuple[str, ...], AfterValidator(_not_empty)]


class Ending(NamedTuple):
    """How a request ended: the status that the caller got (None: the service gave no answer), and who left first."""

    status: int | None
    client_aborted: bool


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Outcome(_Model):
    """One rule: where every field of `when` holds, the request ended so.

    A condition is `nothing` (empty, null, `-`), a number, a range of numbers such as `500..599`, or a glob; of a
    list, any.
    """

    when: dict[str, _Names] = {}
    ended: Literal["answered", "no_answer", "client_left"]

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Tell whether the rule holds of a combination of fields, each as text."""
        return all(any(_matches(fields[name], each) for each in some) for name, some in self.when.items())


class Lines(_Model):
    """How a log of lines without a header is written: its fields in order, of which every line has the first ones."""

    delimiter: Annotated[str, AfterValidator(delimiter_of)]
    least: int = Field(ge=1)
    columns: _Names

    @model_validator(mode="after")
    def _each_field_once(self) -> Self:
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("`columns` names a field twice")
        if self.least > len(self.columns):
            raise ValueError("`least` is more than the `columns` that are named")
        return self


class Lasted(_Model):
    """Where a log says how long a request took, since its time is when the request ended.

    `otherwise` is what to know of a log that does not say it.
    """

    column: str
    unit: Unit
    otherwise: str


class Dialect(_Model):
    """How one gateway writes its log.

    `time_zone` is that of times without one; None: the contract's. `finer_timestamp` has the same time more exactly,
    where a log has it. `request_ids_are_its_own`: the gateway gives each request an id by itself, and takes none from
    clients.
    """

    schema_: Literal["sla-audit/dialect/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    source: str
    verified: bool
    notes: tuple[str, ...] = ()
    time_zone: str | None = None
    status: str
    columns: dict[Literal["timestamp", "account_id", "request_id", "region", "api"], _Names]
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    finer_timestamp: _Names | None = None
    request_ids_are_its_own: bool = False
    lasted: Lasted | None = None
    lines: Lines | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            return name if name is None else ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is not an IANA time zone such as 'UTC'") from None

    @model_validator(mode="after")
    def _the_last_rule_holds_always(self) -> Self:
        if self.outcomes[-1].when:
            raise ValueError("the last outcome must hold always (no `when`), so that every request ended somehow")
        if "timestamp" not in self.columns:
            raise ValueError("`columns` must name the timestamp")
        for canonical, names in self.columns.items():
            if len(names) > (2 if canonical == "timestamp" else 1):
                raise ValueError(f"`columns.{canonical}` names too many columns: {', '.join(names)}")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that tell how a request ended, the status first."""
        named = (name for outcome in self.outcomes for name in outcome.when)
        return tuple(dict.fromkeys((self.status, *named)))

    @property
    def all_notes(self) -> tuple[str, ...]:
        """What to know of the dialect, and whether its facts were confirmed."""
        return (*self.notes, *([] if self.verified else ["its facts are not verified"]))

    def written(self, encoding: str) -> CsvFormat | None:
        """Tell how a log of lines without a header is written; None where the dialect knows none."""
        if self.lines is None:
            return None
        return CsvFormat(self.lines.delimiter, encoding, Unheaded(self.lines.columns, self.lines.least))

    def names(self, canonical: str, available: Collection[str]) -> tuple[str, ...] | None:
        """Give the columns of a log that hold a canonical one, where the dialect knows them."""
        if (
            canonical == "timestamp"
            and self.finer_timestamp is not None
            and set(self.finer_timestamp) <= set(available)
        ):
            return self.finer_timestamp
        return next((names for known, names in self.columns.items() if known == canonical), None)

    def fits(self, available: Collection[str]) -> bool:
        """Tell whether a log has every column that the dialect must have."""
        return {*self.fields, *(self.names("timestamp", available) or ())}.issubset(available)

    def lasted_in(self, available: Collection[str]) -> Lasted | None:
        """Tell which column of a log says how long a request took, where its time is when the request ended."""
        return self.lasted if self.lasted is not None and self.lasted.column in available else None

    def notes_on(self, timestamp: tuple[str, ...], lasted: Lasted | None) -> tuple[str, ...]:
        """Say what to know of a log in which the time of a request was read from these columns."""
        its_own = timestamp in {self.columns["timestamp"], self.finer_timestamp}
        ended = [self.lasted.otherwise] if self.lasted is not None and lasted is None and its_own else []
        return (*ended, *self.all_notes)

    def kinds(self, field: str, values: Sequence[Any]) -> tuple[list[str], list[int]]:
        """Fold the values of a field that no rule tells apart: one of each kind, as text, and the kind of each value.

        A field such as a latency has many values, and all that matters of it may be whether there is one.
        """
        conditions = [each for outcome in self.outcomes for each in outcome.when.get(field, ())]
        kinds: dict[Any, int] = {}
        shown: list[str] = []
        kind_of = []
        for value in values:
            text = _text(value)
            key = text if field == self.status else tuple(_matches(text, each) for each in conditions)
            if key not in kinds:
                kinds[key] = len(shown)
                shown.append(text)
            kind_of.append(kinds[key])
        return shown, kind_of

    def ending(self, values: Sequence[str]) -> Ending:
        """Tell how a request ended from the values of `fields`. Raises `ValueError` for a status that is none."""
        said = dict(zip(self.fields, values, strict=True))
        outcome = next(outcome for outcome in self.outcomes if outcome.holds(said))
        if outcome.ended == "no_answer":
            return Ending(None, client_aborted=False)
        status = read_status(said[self.status])
        if outcome.ended == "client_left":
            return Ending(status, client_aborted=True)
        return Ending(status, client_aborted=False)


def built_in_dialects() -> dict[str, Dialect]:
    """Load the dialects that come with the program, by id."""
    folder = files("sla_audit.intake") / "dialects"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
    )
    loaded = [_parse(entry.read_bytes(), entry.name) for entry in entries]
    return {dialect.id: dialect for dialect in loaded}


def load_dialect(reference: str) -> Dialect:
    """Load a dialect by its id, or from a TOML file. Raises `InputError` with every mistake in it."""
    known = built_in_dialects()
    if reference in known:
        return known[reference]
    try:
        return _parse(Path(reference).read_bytes(), reference)
    except OSError as error:
        found = f"neither a built-in dialect nor a file that can be read ({error.strerror})"
        remedy = f"Built in: {', '.join(known)}. Or give the path of a dialect file."
        raise InputError(Problem(f"dialect {reference!r}", found, remedy)) from error


def fitting_dialects(available: Collection[str]) -> list[Dialect]:
    """List the built-in dialects whose columns a log has."""
    return [dialect for dialect in built_in_dialects().values() if dialect.fits(available)]


def _parse(content: bytes, where: str) -> Dialect:
    try:
        return Dialect.model_validate(tomllib.loads(content.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(Problem(where, f"not a TOML file in UTF-8: {error}", "Mend the file.")) from error
    except ValidationError as error:
        raise InputError(*_problems(where, error)) from error


def _problems(where: str, error: ValidationError) -> Iterator[Problem]:
    for mistake in error.errors():
        field = field_name(mistake["loc"])
        what = mistake["msg"].removeprefix("Value error, ")
        yield Problem(f"{where}: {field}" if field else where, what[:1].lower() + what[1:])


def _matches(value: str, condition: str) -> bool:
    if condition == _NOTHING:
        return is_nothing(value)
    limits = _RANGE.fullmatch(condition)
    if limits:
        return _is_number(value) and int(limits[1]) <= Decimal(value) <= int(limits[2])
    if _is_number(condition):
        return _is_number(value) and Decimal(value) == Decimal(condition)
    return fnmatchcase(value, condition)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip()
