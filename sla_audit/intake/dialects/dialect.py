"""Dialects: how a gateway writes its log, as data (`dialects/*.toml`).

A dialect names the columns, and tells from the combination of some fields whether a request was answered, and with
what status; whether the service gave no answer; or whether the client left first. Combinations are few, so each is
settled once, never per row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.text_format import TextFormat, Unheaded, delimiter_of
from sla_audit.intake.dialects.conditions import matches
from sla_audit.intake.dialects.line_format import Escapes, LineFormat
from sla_audit.intake.dialects.notations.notation import line_formats
from sla_audit.intake.values.content_flags import FlagWords
from sla_audit.intake.values.durations import Unit
from sla_audit.intake.values.spellings import read_status
from sla_audit.intake.values.time_forms import DateOrder
from sla_audit.model.zones import zone_named
from sla_audit.sentence import Sentence, said_by
from sla_audit.storage.location import location
from sla_audit.system.settings_file import OneLine, StrictModel, parse_table, read_settings, validated


def _not_empty(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("names nothing")
    return names


_Names = Annotated[tuple[OneLine, ...], AfterValidator(_not_empty)]


class Ending(NamedTuple):
    """How a request ended: the status as logged (None: there is none), and what the gateway says of either side.

    `no_answer` is its own word that the service did not answer, whatever it then told the caller.
    """

    status: int | None
    client_aborted: bool = False
    no_answer: bool = False


class EndingRule(StrictModel):
    """One rule: where every field of `when` holds, the request ended so.

    A condition is as `conditions.matches` reads it; of a list, any. `verified` is false where neither the gateway's
    documentation nor its source was found to say so.
    """

    when: dict[OneLine, _Names] = Field(default={})
    ended: Literal["answered", "no_answer", "client_left"]
    verified: bool = True

    def holds(self, fields: Mapping[str, str], lists: Mapping[str, str]) -> bool:
        """Tell whether the rule holds of a combination of fields, each as text; `lists` as a dialect has them."""
        return all(
            any(matches(fields[name], each, lists.get(name)) for each in some) for name, some in self.when.items()
        )


class Lines(StrictModel):
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


class Text(StrictModel):
    """How a gateway writes lines of its own: each is of one of the `formats`, in a notation (see `notations`).

    `escapes` says that it writes a backslash before characters, as NGINX and Apache do, or `#` and two digits for
    them, as HAProxy does.
    """

    formats: _Names
    escapes: bool | Literal["#"] = False

    @field_validator("formats")
    @classmethod
    def _each_is_a_format(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for written in formats:
            line_formats(written)
        return formats

    def read(self) -> tuple[LineFormat, ...]:
        """Give the formats, read."""
        return _formats(self.formats, "#" if self.escapes == "#" else "\\" if self.escapes else "")


@lru_cache
def _formats(formats: tuple[str, ...], escapes: Escapes) -> tuple[LineFormat, ...]:
    return tuple(each for written in formats for each in line_formats(written, escapes=escapes))


class Lasted(StrictModel):
    """Where a log says how long a request took, since its time is when the request ended.

    `otherwise` is what to know of a log that does not say it; without a `column`, none does. `times` are the columns
    that are such times, where others are when requests were submitted; without, every time of the log is.
    """

    column: OneLine | None = None
    unit: Unit = "s"
    otherwise: OneLine
    times: _Names | None = None


class Duration(StrictModel):
    """Where a log says how long a request took, and in which unit."""

    column: OneLine
    unit: Unit = "s"


class Dialect(StrictModel):
    """How one gateway writes its log.

    `time_zone` is that of times without one; None: the contract's. `time_format` says what a time such as `10/5/2026`
    means. `finer_timestamp` has the same time more exactly, where a log has it. `duration` is how long a request took,
    where `lasted` does not say it. `request_ids_are_its_own`: the gateway gives each request an id by itself, and takes
    none from clients.

    What `columns` and rules name may have `aliases`, of which a log has one. A log may lack fields that are
    `optional`; its objects may lack those that are `omitted` where there is nothing to say; both then say nothing.
    `lists` are fields of several values, with what stands between these. Where there are `signs`, a log is told to
    be in the dialect only if it has one of them.
    """

    schema_: Literal["sla-audit/dialect/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)
    title: OneLine
    source: OneLine
    verified: bool
    notes: tuple[OneLine, ...] = ()
    time_zone: str | None = None
    status: OneLine
    columns: dict[Literal["timestamp", "account_id", "request_id", "region", "api", "error_code", "client"], _Names]
    outcomes: tuple[EndingRule, ...] = Field(min_length=1)
    finer_timestamp: _Names | None = None
    request_ids_are_its_own: bool = False
    lasted: Lasted | None = None
    duration: Duration | None = None
    time_format: DateOrder | None = None
    aliases: dict[OneLine, _Names] = Field(default={})
    optional: tuple[OneLine, ...] = ()
    omitted: tuple[OneLine, ...] = ()
    lists: dict[OneLine, Annotated[str, Field(min_length=1, max_length=1)]] = Field(default={})
    signs: _Names | None = None
    content_flag: FlagWords | None = None
    lines: Lines | None = None
    text: Text | None = None

    def __hash__(self) -> int:
        """Give what dialects that are equal share, so that what is made of one is kept."""
        return hash(self.id)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        return name if name is None else zone_named(name).key

    @model_validator(mode="after")
    def _the_last_rule_holds_always(self) -> Self:
        if self.outcomes[-1].when:
            raise ValueError("the last outcome must hold always (no `when`), so that every request ended somehow")
        if "timestamp" not in self.columns:
            raise ValueError("`columns` must name the timestamp")
        for canonical, names in self.columns.items():
            if len(names) > (2 if canonical == "timestamp" else 1):
                raise ValueError(
                    Sentence(
                        "`columns.{canonical}` names too many columns: {names}",
                        canonical=canonical,
                        names=", ".join(names),
                    )
                )
        return self

    @model_validator(mode="after")
    def _speaks_of_its_own_names(self) -> Self:
        if self.status in self.optional:
            raise ValueError(
                Sentence("`optional` names the status, {status}, which every log must have", status=self.status)
            )
        said = {"aliases": [*self.aliases], "optional": self.optional, "omitted": self.omitted, "lists": [*self.lists]}
        for key, names in said.items():
            for name in names:
                if name not in self.own_names:
                    raise ValueError(
                        Sentence("`{key}` names {name}, which neither `columns` nor a rule does", key=key, name=name)
                    )
        return self

    @model_validator(mode="after")
    def _its_formats_say_what_it_needs(self) -> Self:
        for each in () if self.text is None else self.text.read():
            for own in (*self.columns["timestamp"], *self.fields):
                if own not in self.optional and {own, *self.aliases.get(own, ())}.isdisjoint(each.names):
                    raise ValueError(
                        Sentence(
                            "`text.formats` lacks the time, or a field of the outcomes: {written}", written=each.written
                        )
                    )
        return self

    @property
    def own_names(self) -> tuple[str, ...]:
        """Every name that the dialect has for something: what `--column` may say where a log keeps."""
        columns = [name for names in self.columns.values() for name in names]
        lasted = [] if self.lasted is None or self.lasted.column is None else [self.lasted.column]
        took = [] if self.duration is None else [self.duration.column]
        return tuple(dict.fromkeys((*self.fields, *columns, *(self.finer_timestamp or ()), *lasted, *took)))

    @property
    def took(self) -> Duration | None:
        """The column that has how long a request took, whichever time of the log is its time; None: none has."""
        if self.duration is not None or self.lasted is None or self.lasted.column is None:
            return self.duration
        return Duration(column=self.lasted.column, unit=self.lasted.unit)

    @property
    def always(self) -> tuple[str, ...]:
        """The fields that every object of a log must have: one that lacks them does not say that there was nothing."""
        return tuple(name for name in self.fields if name not in {*self.optional, *self.omitted})

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that tell how a request ended, the status first."""
        named = (name for outcome in self.outcomes for name in outcome.when)
        return tuple(dict.fromkeys((self.status, *named)))

    @property
    def all_notes(self) -> tuple[str, ...]:
        """What to know of the dialect, and whether its facts were confirmed."""
        doubts = [] if self.verified else ["its facts are not verified"]
        if self.verified and not all(outcome.verified for outcome in self.outcomes):
            doubts = ["some of its rules are not verified"]
        return (*self.notes, *doubts)

    def written(self, encoding: str) -> TextFormat | None:
        """Tell how a log of lines without a header is written; None where the dialect knows none."""
        if self.lines is None:
            return None
        return TextFormat(self.lines.delimiter, encoding, Unheaded(self.lines.columns, self.lines.least))

    def notes_on(self, lasted: Lasted | None) -> tuple[str, ...]:
        """Say what to know of a log, of which `lasted` is read; `naming` has taken away what does not concern it."""
        ended = [self.lasted.otherwise] if self.lasted is not None and lasted is None else []
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
            key = (
                text
                if field == self.status
                else tuple(matches(text, each, self.lists.get(field)) for each in conditions)
            )
            if key not in kinds:
                kinds[key] = len(shown)
                shown.append(text)
            kind_of.append(kinds[key])
        return shown, kind_of

    def ending(self, values: Sequence[str]) -> Ending:
        """Tell how a request ended from the values of `fields`. Raises `ValueError` for a status that is none."""
        said = dict(zip(self.fields, values, strict=True))
        outcome = next(outcome for outcome in self.outcomes if outcome.holds(said, self.lists))
        try:
            status = read_status(said[self.status])
        except ValueError:
            if outcome.ended != "no_answer":  # that there was no answer does not hang on the status
                raise
            status = None
        return Ending(status, client_aborted=outcome.ended == "client_left", no_answer=outcome.ended == "no_answer")


@cache
def built_in_dialects() -> Mapping[str, Dialect]:
    """Load the dialects that come with the program, by id."""
    folder = files("sla_audit.intake.dialects")
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
        return _parse(read_settings(location(reference)), reference)
    except OSError as error:
        found = Sentence("neither a built-in dialect nor a file that can be read ({why})", why=said_by(error))
        remedy = Sentence("Built in: {known}. Or give the path of a dialect file.", known=", ".join(known))
        raise InputError(Problem(Sentence("dialect {dialect!r}", dialect=reference), found, remedy)) from error


def _parse(content: bytes, where: str) -> Dialect:
    return validated(Dialect, parse_table(content, where), where)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip()
