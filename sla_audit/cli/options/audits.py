"""Several agreements in one run: what `[[audits]]` of a config ask for, each as a run by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.options.asked import request_of
from sla_audit.cli.options.spoken import in_words
from sla_audit.sentence import Sentence, to_say

if TYPE_CHECKING:
    from sla_audit.cli.options.config import AuditSettings, Config
    from sla_audit.commands.audit import Request

_SAID_IN_EACH = ("contract", "apis", "reading", "accounts", "billing", "alias", "exclusions")
_OF_ONE = ("ledger",)


@dataclass(frozen=True)
class Asked:
    """One audit of several: its name, what is asked, and its own files."""

    name: str
    request: Request
    outputs: tuple[Path, ...]


def audits_of(given: dict[str, Any], config: Config) -> list[Asked]:
    """List the audits of a config, editions of an agreement apart. Raises `click.UsageError` for what goes with one."""
    for name in (*_SAID_IN_EACH, *_OF_ONE):
        if given.get(name):
            option = f"--{'api' if name == 'apis' else name}"
            said = to_say("The config has [[audits]]; say in each of them what {option} says.")
            if name in _OF_ONE:
                said = to_say("The config has [[audits]]; {option} goes with one agreement. Name it with --contract.")
            raise click.UsageError(in_words(Sentence(said, option=option)))
    asked = [part for settings in config.audits for part in _parts(given, config, settings)]
    names = [part.name for part in asked]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        said = to_say("Two of [[audits]] are called {name!r}; give one a name of its own.")
        raise click.UsageError(in_words(Sentence(said, name=twice)))
    return asked


def _parts(given: dict[str, Any], config: Config, settings: AuditSettings) -> Iterator[Asked]:
    from sla_audit.contract.editions import in_force
    from sla_audit.contract.load import load_contract
    from sla_audit.judge.period import Period

    request = request_of(given, config.of_audit(settings))
    if len(settings.contract) == 1:
        yield Asked(settings.name or request.contract.id, request, settings.output)
        return
    cycles = request.period.cycles()
    if cycles is None:
        found = Sentence("{name}: has several editions; name the cycles with --cycle.", name=settings.name or "")
        raise click.UsageError(in_words(found))
    editions = [load_contract(each) for each in settings.contract]
    stretches = in_force(editions, cycles)
    for contract, first, last in stretches:
        period = Period(first, last)
        name = settings.name or contract.id
        yield Asked(
            name if len(stretches) == 1 else f"{name} {contract.version}",
            replace(request, contract=contract, period=period, logs=replace(request.logs, days=period.days)),
            settings.output if len(stretches) == 1 else (),
        )
