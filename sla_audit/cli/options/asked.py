"""What is asked for, by the options given, and by the config where they say nothing."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.options.environment import check_environment
from sla_audit.cli.options.spoken import in_words
from sla_audit.report.language import Words, words_of
from sla_audit.sentence import Sentence, said_by, to_say
from sla_audit.storage.location import location
from sla_audit.storage.settings import say

if TYPE_CHECKING:
    from sla_audit.cli.options.config import Config
    from sla_audit.commands.audit import Request
    from sla_audit.commands.count import Logs
    from sla_audit.contract.model import Contract
    from sla_audit.intake.sources.finder import Beside
    from sla_audit.judge.period import Period
    from sla_audit.model.cycle import ServiceCycle
    from sla_audit.report.saved.read import SavedReport
    from sla_audit.tally.engine import Engine


def config_of(given: dict[str, Any], *, several: bool = False) -> Config:
    """Read the config file that was given, or an empty one. Raises `click.UsageError` for unknown variables.

    Where the config asks for several audits, and the command is not for several, it is the config of the one whose
    contract is given.
    """
    from sla_audit.cli.options.config import Config, read_config

    program = click.get_current_context().find_root().command
    if isinstance(program, click.Group):
        check_environment(program)
    if given["config"] is None:
        return Config()
    config = _said_of_stores(read_config(given["config"]), given["config"])
    return config if several or not config.audits else _of_one(given, config)


def _of_one(given: dict[str, Any], config: Config) -> Config:
    """Give the config of the audit that `--contract` names."""
    named = [audit for audit in config.audits if given.get("contract") in audit.contract]
    if len(named) != 1:
        known = ", ".join(contract for audit in config.audits for contract in audit.contract)
        said = to_say("The config has [[audits]], and this is about one: name it with --contract. They are: {known}.")
        raise click.UsageError(in_words(Sentence(said, known=known)))
    return config.of_audit(named[0])


def _said_of_stores(config: Config, path: Path) -> Config:
    """Tell stores what a config says of them; another config of the run may not say otherwise."""
    from sla_audit.errors import InputError, Problem

    if config.storage is not None and not say(config.storage.settings):
        raise InputError(
            Problem(
                f"{path.as_posix()}: storage",
                "says other things of object stores than the config of the other side",
                "Say the same in both, or copy one side's files.",
            )
        )
    return config


def request_of(given: dict[str, Any], config: Config) -> Request:
    """Make the request of a run: options win over the config, the config over defaults.

    Raises `click.UsageError` for values that no option takes, `InputError` for a bad contract.
    """
    from sla_audit.cli.options import parameters
    from sla_audit.commands.audit import Request

    contract = contract_of(given, config)
    as_of = as_of_of(given, config, contract)
    period = period_of(given, config, as_of, contract)
    return Request(
        contract=contract,
        logs=replace(logs_of(given, config), days=period.days),
        as_of=as_of,
        reading=reading_of(given, config, contract),
        period=period,
        accounts=given["accounts"] or config.accounts,
        billing=given["billing"] or config.billing,
        exclusions=given["exclusions"] or config.exclusions,
        alias=given["alias"] or config.alias,
        holidays=given["holidays"] or config.holidays,
        forms=config.facts,
        apis=tuple(given["apis"] or config.apis),
        config=given["config"],
        metering=parameters.call_tolerance(_said(given.get("metering_tolerance"), config.metering_tolerance, "0")),
    )


def as_of_of(given: dict[str, Any], config: Config, contract: Contract) -> date:
    """Tell the day of the audit: the day it is now in the contract's time zone, unless one is given."""
    from sla_audit.cli.options import parameters

    said = given["as_of"] if given["as_of"] is not None else config.as_of
    return parameters.day(datetime.now(contract.zone) if said is None else said, contract.zone)


def reading_of(given: dict[str, Any], config: Config, contract: Contract, default: str | None = None) -> str:
    """Tell the reading in force. Raises `click.BadParameter`."""
    reading = _said(given["reading"], config.reading, default, contract.default_reading)
    if reading not in contract.readings:
        known = ", ".join(contract.readings)
        raise click.BadParameter(
            in_words(
                Sentence(
                    "{reading!r} is not a reading of {contract}. They are: {known}.",
                    reading=reading,
                    contract=contract.id,
                    known=known,
                )
            ),
            param_hint="--reading",
        )
    return reading


def period_of(given: dict[str, Any], config: Config, as_of: date, contract: Contract) -> Period:
    """Tell which cycles are asked for. Raises `click.BadParameter`."""
    from sla_audit.judge.period import Period

    try:
        return Period.parse(_said(given["cycle"], config.cycle, "all"), as_of, contract.cycles)
    except ValueError as error:
        raise click.BadParameter(in_words(Sentence("{why}.", why=said_by(error))), param_hint="--cycle") from None


def cycle_of(request: Request) -> ServiceCycle:
    """Give the one cycle that is asked for. Raises `click.BadParameter` where none or several are."""
    cycles = request.period.cycles() or []
    if len(cycles) != 1:
        said = to_say("expected one month, such as 2026-10 or last.")
        if request.contract.cycle.length == "quarter":
            said = to_say("expected one quarter, such as 2026-Q4 or last.")
        raise click.BadParameter(in_words(said), param_hint="--cycle")
    return cycles[0]


def contract_of(given: dict[str, Any], config: Config, default: str | None = None) -> Contract:
    """Load the agreement. Raises `InputError` with every mistake in it."""
    from sla_audit.contract.load import BUILT_IN, load_contract

    return load_contract(_said(given["contract"], config.contract, default, BUILT_IN))


def contract_reference(given: dict[str, Any], config: Config) -> str:
    """Say which agreement is meant: its id, or the path of its file."""
    from sla_audit.contract.load import BUILT_IN

    return _said(given["contract"], config.contract, BUILT_IN)


def id_of_built_in(report: SavedReport) -> str | None:
    """Give the id of the contract that a saved report was made with, where it comes with the program."""
    from sla_audit.contract.built_in import built_in_contracts

    return report.contract.id if report.contract.id in built_in_contracts() else None


def quiet_of(given: dict[str, Any], config: Config) -> bool:
    """Tell whether nothing but errors is to be printed."""
    return bool(config.quiet if given["quiet"] is None else given["quiet"])


def words_for(given: dict[str, Any], config: Config) -> Words:
    """Load the words of the language that is asked for."""
    return words_of(_said(given["lang"], config.lang, "en"))


def _said(*values: str | None) -> str:
    """Give the first value that was said at all: an empty one, of an unset shell variable, is no default."""
    return next(value for value in values if value is not None)


def inputs_of(given: dict[str, Any], config: Config, logs: Logs, *facts: Path | None) -> list[Path]:
    """List the files that a run reads, which no output may overwrite."""
    return [*settings_and_facts(given, config, logs, *facts), *(source.path for source in logs.find().sources)]


def settings_and_facts(given: dict[str, Any], config: Config, logs: Logs, *facts: Path | None) -> list[Path]:
    """List those of them that are not logs: they say what is audited, and how logs are written."""
    settings = [given["config"], given["contract"] or config.contract]
    return [
        *(location(each) for each in [*settings, *facts] if each is not None),
        *(path for each in logs.sets for _, path in each.written_in),
    ]


def logs_of(given: dict[str, Any], config: Config) -> Logs:
    """Say which logs to count, and how. Raises `click.UsageError` where there are none, or it is said in two ways."""
    from sla_audit.cli.options import parameters
    from sla_audit.cli.options.sources import sets_of
    from sla_audit.commands.count import Logs

    jobs = given["jobs"] or config.jobs or os.cpu_count() or 1
    beside = _beside(given, config)
    first, *more = sets_of(given, config, beside)
    return Logs(
        **{each.name: getattr(first, each.name) for each in fields(first)},
        more=tuple(more),
        beside=beside,
        tolerance=parameters.tolerance(_said(given["max_rejected"], config.max_rejected, "0")),
        hashed=jobs if given.get("hash_logs") or config.hash_logs else 0,
        keep_duplicates=config.keep_duplicates if given["keep_duplicates"] is None else given["keep_duplicates"],
        engine=_engine(given, config, jobs),
    )


def _engine(given: dict[str, Any], config: Config, jobs: int) -> Engine:
    """Give what counts; once the command ends, however it does, it is closed."""
    from sla_audit.tally.local_threads import LocalThreads

    asked = _said(given["engine"], config.engine, "local")
    if asked == "local":
        if given["spark_master"] is not None:
            raise click.UsageError(in_words(to_say("--spark-master goes with --engine spark.")))
        return LocalThreads(jobs)
    from sla_audit.tally.afar.by_tasks import ByTasks
    from sla_audit.tally.spark.cluster import SparkCluster

    engine = ByTasks(SparkCluster(given["spark_master"] or config.spark_master))
    click.get_current_context().call_on_close(engine.close)
    return engine


def _beside(given: dict[str, Any], config: Config) -> Beside:
    """Name the files that have another part in a run, as facts, settings or outputs; an id of a contract is no harm."""
    from sla_audit.intake.sources.finder import Beside

    inputs = [
        given["config"],
        *(
            given.get(name) or getattr(config, name)
            for name in ("accounts", "billing", "alias", "exclusions", "holidays")
        ),
        *(given[name] or getattr(config, name) for name in ("contract", "dialect")),
        *(each.dialect for each in config.sources),
        *(path for audit in config.audits for path in (*audit.contract, *audit.facts)),
    ]
    outputs = [
        *(given.get("outputs") or config.output),
        *(path for audit in config.audits for path in audit.output),
        given.get("ics"),
        given.get("rejects") or config.rejects,
        given.get("ledger") or config.ledger,
    ]
    return Beside(*(tuple(location(each) for each in files if each is not None) for files in (inputs, outputs)))
