"""Options from the environment: `SLA_AUDIT_` and the option's name, for one command or for all."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator

import click

from sla_audit.cli.options.spoken import in_words
from sla_audit.sentence import Sentence, to_say

PREFIX = "SLA_AUDIT_"

# What Kubernetes tells the containers of a namespace in which a service's name begins with sla-audit.
_OF_A_SERVICE = re.compile(r"(\w+_)?(SERVICE_(HOST|PORT)|PORT)(_\w+)?", re.ASCII)


def take_from_environment(group: click.Group) -> None:
    """Let each option of each command, and the logs, be given by a variable.

    It is `SLA_AUDIT_COMPUTE_OUTPUT` for one command, or else `SLA_AUDIT_OUTPUT` for all that have the option.
    """
    for command, parameter in _parameters(group):
        name = _name(parameter)
        parameter.envvar = [f"{PREFIX}{_shouted(command)}_{name}", f"{PREFIX}{name}"]


def check_environment(group: click.Group) -> None:
    """Refuse variables that look like options and are none. Raises `click.UsageError` that names all of them."""
    known = {
        variable.removeprefix(PREFIX) for _, parameter in _parameters(group) for variable in parameter.envvar or ()
    }
    names = [variable.removeprefix(PREFIX) for variable in sorted(os.environ) if variable.startswith(PREFIX)]
    unknown = [name for name in names if name not in known and not _OF_A_SERVICE.fullmatch(name)]
    if unknown:
        raise click.UsageError("\n".join(_no_option(name, known) for name in unknown))


def _no_option(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    text = to_say(
        "The environment has {name}, but there is no such option. sla-audit COMMAND --help lists the options."
    )
    if near:
        text = to_say("The environment has {name}, but there is no such option. Did you mean {near}?")
    return in_words(Sentence(text, name=f"{PREFIX}{name}", near=f"{PREFIX}{near[0]}" if near else None))


def _parameters(group: click.Group) -> Iterator[tuple[str, click.Parameter]]:
    for name, command in group.commands.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option) or parameter.nargs == -1:
                yield name, parameter
        if name == "claim" and isinstance(command, click.Group):
            yield from _of_every_claim(command)


def _of_every_claim(group: click.Group) -> Iterator[tuple[str, click.Parameter]]:
    """Give what may be said once of all commands on claims, and nothing of a single claim."""
    for name, command in group.commands.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.allow_from_autoenv:
                yield f"claim-{name}", parameter


def _name(parameter: click.Parameter) -> str:
    """Give the name that the user knows: the long one."""
    return _shouted(max(parameter.opts, key=len).lstrip("-"))


def _shouted(name: str) -> str:
    return name.upper().replace("-", "_")
