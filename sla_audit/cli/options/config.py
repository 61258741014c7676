"""`sla-audit.toml`: the options of a run, under the same names. Paths are relative to the file."""

from __future__ import annotations

import glob
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from sla_audit.cli.options.parameters import names_in
from sla_audit.cli.options.values import MOST_JOBS, MOST_NEAR, is_file_said
from sla_audit.contract.built_in import built_in_contracts
from sla_audit.errors import InputError, cannot_be_read
from sla_audit.intake.dialects.dialect import built_in_dialects
from sla_audit.intake.facts.form import STRICT, FactsForms
from sla_audit.intake.log_formats import OPTIONS
from sla_audit.intake.sources.finder import STDIN
from sla_audit.intake.values.account_pattern import AccountPattern
from sla_audit.intake.values.content_flags import FlagWords
from sla_audit.report.formats.registry import STDOUT
from sla_audit.sentence import Sentence
from sla_audit.storage.location import beside, location
from sla_audit.storage.settings import StorageSettings, endpoint_of
from sla_audit.system.settings_file import OneLine, StrictModel, parse_table, read_settings, validated

_OF_AN_AUDIT = ("accounts", "billing", "alias", "exclusions")
_PATHS = ("accounts", "billing", "alias", "exclusions", "holidays", "rejects", "ledger")


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("has a NUL character, which no path has")
    return text


def _path(value: Any) -> Any:
    """Take text for a path. Raises `ValueError` for what no path can be."""
    if isinstance(value, str) and value:
        return location(_no_nul(value))
    if isinstance(value, Path):
        return value
    raise ValueError(Sentence("expected the path of a file, found {value!r:.80}", value=value))


def _log_format(value: Any) -> Any:
    """Take the name of a format of logs, in the words of pydantic for what is none of some texts."""
    if isinstance(value, str) and value in OPTIONS:
        return value
    *names, last = map(repr, OPTIONS)
    raise PydanticKnownError("literal_error", {"expected": f"{', '.join(names)} or {last}"})


def _account_pattern(pattern: str) -> str:
    AccountPattern.checked(pattern)
    return pattern


_File = Annotated[Path, BeforeValidator(_path)]
_LogFormat = Annotated[str, BeforeValidator(_log_format)]
_Reference = Annotated[str, AfterValidator(_no_nul)]
_Version = Annotated[int, Field(strict=True, ge=0)] | Annotated[str, Field(strict=True)] | datetime


class TakenFrom(StrictModel):
    """A value that a pattern takes out of a column."""

    column: str = Field(alias="from", min_length=1)
    pattern: Annotated[OneLine, AfterValidator(_account_pattern)]


def _kind_of_column(value: Any) -> str:
    return _TAKEN if isinstance(value, dict | TakenFrom) else _NAMED


_NAMED, _TAKEN = "[named]", "[taken]"
_Column = Annotated[
    Annotated[tuple[str, ...], Tag(_NAMED)] | Annotated[TakenFrom, Tag(_TAKEN)], Discriminator(_kind_of_column)
]


class LogSettings(StrictModel):
    """Which logs to read, and how they are written."""

    logs: tuple[_Reference, ...] = ()
    format: _LogFormat | None = None
    log_format: str | None = None
    dialect: _Reference | None = None
    columns: dict[str, _Column] = Field(default={})
    delimiter: str | None = None
    encoding: str | None = None
    time_zone: str | None = None
    content_flag: FlagWords | None = None
    no_statistics: bool = False
    as_of_version: _Version | None = None

    @field_validator("logs", mode="before")
    @classmethod
    def _one_log_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("columns", mode="before")
    @classmethod
    def _name_is_a_tuple(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: names_in(name, column) if isinstance(column, str) else column for name, column in value.items()}

    def beside(self, folder: Path) -> dict[str, Any]:
        """Give those of its settings that change where its paths are relative to a folder."""
        changes: dict[str, Any] = {
            "logs": tuple(
                pattern if pattern == STDIN else str(beside(location(glob.escape(str(folder))), pattern))
                for pattern in self.logs
            )
        }
        if self.dialect is not None and self.dialect not in built_in_dialects():
            changes["dialect"] = str(beside(folder, self.dialect))
        if self.log_format is not None and is_file_said(str(beside(folder, self.log_format))):
            changes["log_format"] = str(beside(folder, self.log_format))
        return changes


class SourceSettings(LogSettings):
    """One of several sources of logs, each written in a way of its own."""

    logs: tuple[_Reference, ...]

    @field_validator("logs", mode="after")
    @classmethod
    def _names_logs(cls, logs: tuple[str, ...]) -> tuple[str, ...]:
        if not logs:
            raise ValueError("names no log")
        return logs


class ClaimSettings(StrictModel):
    """Who claims from whom, for the letters of claim packs."""

    claimant: OneLine | None = None
    claimant_address: OneLine | None = None
    contact: OneLine | None = None
    signatory: OneLine | None = None
    provider: OneLine | None = None
    provider_address: OneLine | None = None
    font: _File | None = None


class StorageTable(StrictModel):
    """What is said of object stores; credentials are the environment's."""

    endpoint: Annotated[OneLine, AfterValidator(endpoint_of)] | None = None
    region: OneLine | None = None
    addressing: Literal["path", "virtual"] | None = None
    anonymous: bool = False
    retry_seconds: Annotated[float, Field(gt=0, le=3600)] = 30.0

    @property
    def settings(self) -> StorageSettings:
        """The same, as stores are told."""
        virtual = None if self.addressing is None else self.addressing == "virtual"
        return StorageSettings(self.endpoint, self.region, virtual, self.anonymous, self.retry_seconds)


class AuditSettings(StrictModel):
    """One of several audits of the same logs, under an agreement of its own, or under editions of one.

    What it does not say of facts is what the config says beside it.
    """

    name: OneLine | None = None
    contract: tuple[_Reference, ...] = Field(min_length=1)
    apis: tuple[str, ...] = ()
    reading: str | None = None
    accounts: _File | None = None
    billing: _File | None = None
    alias: _File | None = None
    exclusions: _File | None = None
    output: tuple[_File, ...] = ()

    @field_validator("contract", "apis", "output", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @property
    def facts(self) -> tuple[Path | None, ...]:
        """The files of facts that are its own."""
        return tuple(getattr(self, name) for name in _OF_AN_AUDIT)

    def beside(self, folder: Path) -> AuditSettings:
        """Give the same with its paths relative to a folder."""
        changes: dict[str, Any] = {
            name: beside(folder, value) for name in _OF_AN_AUDIT if (value := getattr(self, name)) is not None
        }
        changes["output"] = tuple(beside(folder, path) for path in self.output)
        known = built_in_contracts()
        changes["contract"] = tuple(each if each in known else str(beside(folder, each)) for each in self.contract)
        return self.model_copy(update=changes)


class Config(LogSettings):
    """What a config file may say. What is not said here, or by an option, has its default."""

    contract: _Reference | None = None
    sources: tuple[SourceSettings, ...] = ()
    audits: tuple[AuditSettings, ...] = ()
    accounts: _File | None = None
    billing: _File | None = None
    alias: _File | None = None
    exclusions: _File | None = None
    holidays: _File | None = None
    apis: tuple[str, ...] = ()
    cycle: str | None = None
    as_of: datetime | date | None = None
    reading: str | None = None
    output: tuple[_File, ...] = ()
    show: Literal["owed", "breached", "all"] | None = None
    print: Literal["always", "matters", "never"] = "always"
    near: int = Field(default=3, ge=0, le=MOST_NEAR)
    fail_on: tuple[Literal["breach", "undetermined", "gaps"], ...] = ()
    max_rejected: str | None = None
    rejects: _File | None = None
    ledger: _File | None = None
    keep_duplicates: bool = False
    hash_logs: bool = False
    metering_tolerance: str | None = None
    jobs: int | None = Field(default=None, ge=1, le=MOST_JOBS)
    engine: Literal["local", "spark"] | None = None
    spark_master: OneLine | None = None
    quiet: bool = False
    lang: Literal["en", "zh"] | None = None
    facts: FactsForms = STRICT
    claim: ClaimSettings = ClaimSettings()
    storage: StorageTable | None = None

    @field_validator("apis", "output", "fail_on", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _logs_are_described_once(self) -> Self:
        if self.sources:
            twice = [name for name in LogSettings.model_fields if name in self.model_fields_set]
            if twice:
                named = ", ".join(twice)
                raise ValueError(
                    Sentence(
                        "has [[sources]], and {named} beside them; say it in each of [[sources]] it is true of",
                        named=named,
                    )
                )
        return self

    @model_validator(mode="after")
    def _agreements_are_named_once(self) -> Self:
        said = [name for name in ("contract", "apis", "reading", "ledger") if name in self.model_fields_set]
        if self.audits and said:
            raise ValueError(
                Sentence(
                    "has [[audits]], and {named} beside them; say in each of [[audits]] what is true of it",
                    named=", ".join(said),
                )
            )
        return self

    def of_audit(self, audit: AuditSettings) -> Config:
        """Give the config of one of the audits as if it were the only one; of several editions, of the first."""
        said = {name: getattr(audit, name) for name in _OF_AN_AUDIT}
        changes = {name: value for name, value in said.items() if value is not None}
        changes |= {"contract": audit.contract[0], "apis": audit.apis, "reading": audit.reading, "audits": ()}
        return self.model_copy(update=changes | {"output": audit.output})

    @field_validator("as_of", mode="plain")
    @classmethod
    def _day_or_instant(cls, value: Any) -> Any:
        """Take a day, or an instant with its offset, as TOML has them or as text."""
        if isinstance(value, str):
            with suppress(ValueError):
                value = datetime.fromisoformat(value) if "T" in value or " " in value else date.fromisoformat(value)
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                return value
        elif isinstance(value, date):
            return value
        raise ValueError("expected a day such as 2026-11-20, or an instant with its offset from UTC")

    @field_validator("max_rejected", "metering_tolerance", mode="before")
    @classmethod
    def _number_is_text(cls, value: Any) -> Any:
        return f"{value:d}" if type(value) is int and abs(value) < 10**18 else value


def read_config(path: Path) -> Config:
    """Read a config file. Raises `InputError` with every mistake in it, by field."""
    where = path.as_posix()
    try:
        content = read_settings(path)
    except OSError as error:
        raise InputError(cannot_be_read(where, error)) from error
    of_a_source = Sentence(
        "those of each of [[sources]]: {model_fields}", model_fields=", ".join(SourceSettings.model_fields)
    )
    of_an_audit = Sentence(
        "those of each of [[audits]]: {model_fields}", model_fields=", ".join(AuditSettings.model_fields)
    )
    remedy = Sentence(
        "The settings are: {model_fields}; {of_a_source}; {of_an_audit}.",
        model_fields=", ".join(Config.model_fields),
        of_a_source=of_a_source,
        of_an_audit=of_an_audit,
    )
    return _beside(validated(Config, parse_table(content, where), where, remedy), path.parent)


def _beside(config: Config, folder: Path) -> Config:
    """Make the paths of a config relative to the folder it lies in."""
    changes: dict[str, Any] = {
        name: beside(folder, value) for name in _PATHS if (value := getattr(config, name)) is not None
    }
    if config.claim.font is not None:
        changes["claim"] = config.claim.model_copy(update={"font": beside(folder, config.claim.font)})
    changes |= config.beside(folder)
    changes["audits"] = tuple(each.beside(folder) for each in config.audits)
    changes["sources"] = tuple(each.model_copy(update=each.beside(folder)) for each in config.sources)
    changes["output"] = tuple(path if path == STDOUT else beside(folder, path) for path in config.output)
    if config.contract is not None and config.contract not in built_in_contracts():
        changes["contract"] = str(beside(folder, config.contract))
    return config.model_copy(update=changes)
