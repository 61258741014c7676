"""Where the logs of a run come from, and how each source of them is written: as options say, or the config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.options import parameters
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.options.values import file_said
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.log_formats import OPTIONS
from sla_audit.sentence import Sentence, to_say
from sla_audit.storage.location import location

if TYPE_CHECKING:
    from sla_audit.cli.options.config import Config, LogSettings
    from sla_audit.commands.log_sets import LogSet
    from sla_audit.intake.sources.finder import Beside
    from sla_audit.intake.tables.version import AsOfVersion

OF_A_SOURCE = {
    "log_format": "--format",
    "dialect": "--dialect",
    "columns": "--column",
    "delimiter": "--delimiter",
    "encoding": "--encoding",
    "time_zone": "--time-zone",
    "as_of_version": "--as-of-version",
}
"""The options that say how logs are written, by their names here."""


def sets_of(given: Mapping[str, Any], config: Config, beside: Beside) -> list[LogSet]:
    """Say which sets of logs to read, and how each is written.

    LOGS that are given stand for all logs of the config, and are read as the options, and the config outside of
    `[[sources]]`, say. Raises `click.UsageError` where there are no logs, or options would say of several sources how
    they are written, and `InputError` for logs given that are also those of a source, which says how to read them.
    """
    if given["logs"]:
        refuse(_of_a_source(given, config, beside))
        return [_set_of(given, config, given["logs"])]
    if not config.sources and not config.logs:
        raise click.UsageError(
            in_words(
                to_say(
                    "No logs given. Name files, directories or globs, - for standard input, "
                    "or give a --config that does."
                )
            )
        )
    if not config.sources:
        return [_set_of(given, config, config.logs)]
    said = [option for name, option in OF_A_SOURCE.items() if given[name]]
    if said:
        raise click.UsageError(
            in_words(
                Sentence(
                    "The config has [[sources]], and each says how its logs are written; {options} would say it of "
                    "all. Say it in the config, or name LOGS, which are then read instead.",
                    options=", ".join(said),
                )
            )
        )
    return [_set_of(given, each, each.logs) for each in config.sources]


def _set_of(given: Mapping[str, Any], settings: LogSettings, patterns: Sequence[str]) -> LogSet:
    """Say how logs are written: options win over the settings."""
    from sla_audit.commands.log_sets import LogSet
    from sla_audit.intake.dialects.dialect import built_in_dialects, load_dialect
    from sla_audit.intake.dialects.log_format import dialect_of_format

    said = _written_in(given, settings)
    reference = settings.dialect if given["dialect"] is None else given["dialect"]
    dialect = None if reference is None else load_dialect(reference)
    lines = None if said is None or said in OPTIONS else said
    if lines is not None:
        dialect = dialect_of_format(lines, dialect)
    dialects = built_in_dialects().values() if dialect is None else [dialect]
    own_names = {name for each in dialects for name in each.own_names}
    mapped = dict(parameters.split_column(written) for written in given["columns"])
    named, pattern = parameters.taken_apart(settings.columns)
    configured = parameters.column_map(named.items(), "[columns]", own_names).without_times(mapped)
    columns = {**configured.named, **mapped}
    time_zone = settings.time_zone if given["time_zone"] is None else given["time_zone"]
    return LogSet(
        patterns=tuple(patterns),
        form=_form_of(said),
        columns=replace(
            parameters.column_map(columns.items(), "--column", own_names),
            account_pattern=None if "account_id" in mapped else pattern,
        ),
        dialect=dialect,
        csv=parameters.csv_format(given["delimiter"] or settings.delimiter, given["encoding"] or settings.encoding),
        statistics=not (settings.no_statistics if given["no_statistics"] is None else given["no_statistics"]),
        flags=settings.content_flag,
        time_zone=None if time_zone is None else parameters.zone(time_zone),
        log_format=lines,
        version=_version_of(given, settings),
        written_in=tuple(_files(reference, lines)),
    )


def _version_of(given: Mapping[str, Any], settings: LogSettings) -> AsOfVersion | None:
    """Say at which version tables are read. Raises `click.BadParameter`."""
    said = settings.as_of_version if given["as_of_version"] is None else given["as_of_version"]
    return None if said is None else parameters.version(str(said))


def _files(dialect: str | None, log_format: str | None) -> Iterator[tuple[str, Path]]:
    """Name the files in which it stands how logs are written, each under its option."""
    from sla_audit.intake.dialects.dialect import built_in_dialects

    if dialect is not None and dialect not in built_in_dialects():
        yield "dialect", location(dialect)
    config = None if log_format is None else file_said(log_format)
    if config is not None:
        yield "log_format", config


def _written_in(given: Mapping[str, Any], settings: LogSettings) -> str | None:
    """Say in which format logs are: its name, or how a gateway writes their lines."""
    said: str | None = given["log_format"]
    return (settings.log_format or settings.format) if said is None else said


def _form_of(said: str | None) -> str | None:
    """Give the format of logs; those of which it is said how a gateway writes their lines are lines."""
    return None if said is None else OPTIONS.get(said, "lines")


def _of_a_source(given: Mapping[str, Any], config: Config, beside: Beside) -> Iterator[Problem]:
    """Say which logs that are given belong to a source of the config, whose word on them would be passed over."""
    from sla_audit.intake.sources.find import find_groups
    from sla_audit.intake.sources.finder import Group

    if not config.sources:
        return
    logs = find_groups([Group(given["logs"], _form_of(given["log_format"]))], beside).sources
    for number, each in enumerate(config.sources, 1):
        with suppress(InputError):  # what a source lacks is no matter, where it is not read
            found = find_groups([Group(each.logs, _form_of(each.log_format or each.format))], beside).sources
            own = {source.path.resolve() for source in found if not source.is_stream}
            for log in logs:
                if not log.is_stream and log.path.resolve() in own:
                    what = Sentence(
                        "is a log of [[sources]] {number} in the config, which says how it is read", number=number
                    )
                    remedy = to_say("Leave LOGS out, to read all sources, or give a config that has this source alone.")
                    yield Problem(log.shown, what, remedy)
