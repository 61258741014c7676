"""`sla-audit compute` of a config with `[[audits]]`: the same logs under the agreement of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.console import print_document, printing, warn_by_grade, write
from sla_audit.cli.options.asked import inputs_of, quiet_of, words_for
from sla_audit.cli.options.audits import Asked, audits_of
from sla_audit.cli.options.spoken import in_words
from sla_audit.cli.progress import progress_bar
from sla_audit.report.formats.registry import STDOUT, by_day
from sla_audit.sentence import Sentence, to_say
from sla_audit.storage.location import location

if TYPE_CHECKING:
    from pathlib import Path

    from sla_audit.cli.options.config import Config
    from sla_audit.output.atomic import Content
    from sla_audit.report.language import Words
    from sla_audit.report.several import Part

_TOGETHER = (".json", ".md")


def compute_several(given: dict[str, Any], config: Config) -> set[str]:
    """Audit the logs under each agreement, print the reports one after the other, and write them.

    Gives what `--fail-on` may name, and was found in any. The rows that cannot be read are the same for all. Raises
    `click.UsageError` and `InputError` as one audit does.
    """
    from sla_audit.commands.audit import audit
    from sla_audit.intake.reject_store import all_of, reject_files
    from sla_audit.intake.rejects import reject_rows
    from sla_audit.report.attention import found_in, matters
    from sla_audit.report.formats import write as files
    from sla_audit.report.several import Part

    outputs = [*(given["outputs"] or config.output)]
    rejects = given["rejects"] or config.rejects
    asked = audits_of(given, config)
    _check(asked, outputs, rejects, given, config)

    quiet, words = quiet_of(given, config), words_for(given, config)
    fail_on = set(given["fail_on"] or config.fail_on)
    parts: list[Part] = []
    contents: dict[Path, Content] = {}
    with reject_files(wanted=rejects is not None) as kept:
        for each in asked:
            logs = each.request.logs if parts else replace(each.request.logs, reject_files=kept)
            days = by_day([*each.outputs, *outputs])
            request = replace(each.request, logs=logs, daily=days, every_time="gaps" in fail_on)
            with progress_bar(words, quiet=quiet) as progress:
                result = audit(request, progress)
            rejected = None if parts else rejects
            rows = reject_rows(all_of(result.rejects))
            contents |= files.rendered(result.report, request.contract, each.outputs, rejected, rows, words)
            parts.append(Part(each.name, result.report, request.contract))
        contents |= {path: _together(path, parts, words) for path in outputs if path != STDOUT}
        found = set().union(*(found_in(part.report) for part in parts))
        when = "never" if quiet else given["printed"] or config.print
        some_matter = bool(fail_on & found) or any(matters(part.report) for part in parts)
        if when == "always" or (when == "matters" and some_matter):
            _print(parts, outputs, given, config, words)
        elif STDOUT in outputs:
            print_document(_together(STDOUT, parts, words))
        write(contents)
    return found


def _check(
    asked: list[Asked], outputs: list[Path], rejects: Path | None, given: dict[str, Any], config: Config
) -> None:
    """Refuse files that cannot be written, or are no format of several reports, before any work is done."""
    from sla_audit.report.formats import write as files

    for path in outputs:
        if path != STDOUT and path.suffix.lower() not in _TOGETHER:
            said = to_say(
                "{path}: several reports together are written as {formats}; "
                "name other files as output of each of [[audits]]."
            )
            raise click.UsageError(in_words(Sentence(said, path=path.as_posix(), formats=", ".join(_TOGETHER))))
    if any(STDOUT in each.outputs for each in asked):
        raise click.UsageError(in_words(to_say("One of [[audits]] is written to standard output; say so with -o -.")))
    own = [path for each in asked for path in each.outputs]
    read = [path for each in asked for path in each.request.fact_files]
    contracts = [path for audit in config.audits for path in audit.contract]
    logs = asked[0].request.logs
    inputs = inputs_of(given, config, logs, *dict.fromkeys(read))
    files.check_outputs([*outputs, *own], rejects, [*inputs, *map(location, contracts)])


def _together(path: Path, parts: list[Part], words: Words) -> bytes:
    from sla_audit.report.several import render_several, render_several_in_markdown

    if path.suffix.lower() == ".md":
        return render_several_in_markdown(parts, words)
    return render_several(parts)


def _print(parts: list[Part], outputs: list[Path], given: dict[str, Any], config: Config, words: Words) -> None:
    from sla_audit.report.standing.warnings import warnings_by_grade
    from sla_audit.report.terminal.several import print_several

    for part in parts:
        click.echo(f"{part.name}:", err=True)
        cited = words.of_contract(part.contract)
        warn_by_grade(warnings_by_grade(part.report, cited), cited)
    if STDOUT in outputs:
        print_document(_together(STDOUT, parts, words))
        return
    near = config.near if given["near"] is None else given["near"]
    with printing() as console:
        print_several(parts, given["show"] or config.show, console, near, words)
