"""The options that say what is audited: shared by every command that reads logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.options import completion
from sla_audit.cli.options.values import FILE, LINES_FORMAT, MOST_JOBS, REFERENCE
from sla_audit.intake.log_formats import OPTIONS
from sla_audit.report.formats.registry import FORMATS
from sla_audit.report.language import LANGUAGES

if TYPE_CHECKING:
    pass

contract_option = click.option(
    "--contract",
    metavar="ID|FILE",
    type=REFERENCE,
    shell_complete=completion.contracts,
    help="The agreement: a built-in id or a TOML file.  [default: jdcloud-smart-compose]",
)
_LOGS = (
    click.argument("logs", nargs=-1, metavar="[LOGS]...", type=completion.Logs()),
    click.option(
        "--config",
        metavar="FILE",
        type=FILE,
        help="Options from a TOML file. Options given here win; LOGS given here are read instead of its logs, or its "
        "[[sources]]. Of several [[audits]] in it, compute runs all, and other commands the one whose contract is "
        "named by --contract.",
    ),
    contract_option,
)
_FACTS = (
    click.option(
        "--accounts",
        metavar="FILE",
        type=FILE,
        help="Who uses the service, on which plan, from when to when.",
    ),
    click.option("--billing", metavar="FILE", type=FILE, help="Service fee and cash paid, by account and cycle."),
    click.option(
        "--alias",
        metavar="FILE",
        type=FILE,
        help="Which account a key of the logs stands for (a consumer, a host, a client id), from when to when.",
    ),
    click.option(
        "--exclusions",
        metavar="FILE",
        type=FILE,
        help="Windows in which a cause of clause 2.7.1 is asserted.",
    ),
)
_QUESTION = (
    click.option(
        "--holidays",
        metavar="FILE",
        type=FILE,
        help="Days that are off or worked, where the installed calendar of working days does not know better.",
    ),
    click.option(
        "--api", "apis", metavar="PATTERN", multiple=True, help="Count only APIs matching a glob. Repeatable."
    ),
    click.option(
        "--cycle",
        metavar="CYCLE",
        shell_complete=completion.cycles,
        help="YYYY-MM, YYYY-MM..YYYY-MM, last (the month before --as-of), running (the month of --as-of), or all that "
        "the logs touch; YYYY-Qn where the agreement is judged by quarters.  [default: all]",
    ),
    click.option(
        "--as-of",
        metavar="DAY",
        help="The day of the audit, YYYY-MM-DD in the contract's time zone, or an instant with its offset from UTC.  "
        "[default: today]",
    ),
    click.option(
        "--reading",
        metavar="NAME",
        help="How to read 'no response': literal, broad, or another of the contract's.  [default: the contract's]",
    ),
)


def _format(*names: str) -> Callable[..., Any]:
    return click.option(
        *names,
        "log_format",
        metavar="FORMAT",
        type=LINES_FORMAT,
        help="How lines are written, as the gateway's configuration says it (NGINX, Apache, HAProxy, Envoy), or "
        "FILE:NAME where it does: see sla-audit dialects --from. Or what logs hold whose names do not say, standard "
        f"input (-) among them: {', '.join(OPTIONS)}.",
    )


_COUNTING = (
    click.option(
        "--dialect",
        metavar="ID|FILE",
        type=REFERENCE,
        shell_complete=completion.dialects,
        help="How the gateway writes its log: see sla-audit dialects.  [default: told by the columns]",
    ),
    click.option(
        "--column",
        "columns",
        metavar="CANONICAL=NAME",
        multiple=True,
        help="Where the logs keep a column, or a field that their dialect reads. Repeatable. Two columns may make the "
        "time: timestamp=date,time. A duration may have its unit: duration=NAME,ms. "
        "submitted=NAME is when requests were submitted, whatever a dialect says.",
    ),
    click.option(
        "--delimiter",
        metavar="CHAR",
        help="What stands between the fields of CSV logs: one character, tab or space.  [default: a comma]",
    ),
    click.option(
        "--encoding",
        metavar="NAME",
        help="The encoding of text logs, such as gb18030, utf-16 or latin-1.  [default: utf-8]",
    ),
    click.option(
        "--time-zone",
        metavar="NAME",
        help="The zone of times in logs that carry none, such as UTC.  [default: the dialect's, or the contract's]",
    ),
    click.option(
        "--as-of-version",
        metavar="N|TIME",
        help="Which version of a Delta Lake or Iceberg table to read: its number (Iceberg: snapshot id), or the one "
        "that was the latest at an instant with its offset from UTC.  [default: the latest]",
    ),
    click.option(
        "--max-rejected",
        metavar="N|P%",
        help="How many rows may be unreadable before the run is refused.  [default: 0]",
    ),
    click.option(
        "--no-statistics",
        is_flag=True,
        default=None,
        help="Decode every column of Parquet files, for those whose writer's statistics are in doubt.",
    ),
    click.option(
        "--keep-duplicates",
        is_flag=True,
        default=None,
        help="Count every row, also where several have the same request id, time and account.",
    ),
    click.option(
        "--jobs",
        metavar="N",
        type=click.IntRange(min=1, max=MOST_JOBS),
        help="Logs read at a time.  [default: all cores]",
    ),
    click.option(
        "--engine",
        type=click.Choice(["local", "spark"]),
        help="Where logs are counted: on this machine, or as tasks of a Spark cluster, for what is too much for one; "
        "the figures are the same.  [default: local]",
    ),
    click.option(
        "--spark-master",
        metavar="URL",
        help="The cluster of --engine spark, such as spark://HOST:7077, yarn, or sc://HOST of Spark Connect.  "
        "[default: as Spark is configured]",
    ),
)


output_option = click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    type=FILE,
    help=f"Also write the report to a file, in the format of its suffix: {', '.join(FORMATS)}. "
    "- prints JSON instead of the table. Repeatable.",
)


def printed_option(text: str, *, people: str = "text") -> Callable[..., Any]:
    """Give a command a `--format` that says how it prints: for `people`, or as JSON; `text` is its help."""
    return click.option(
        "--format", "form", type=click.Choice([people, "json"]), default=people, show_default=True, help=text
    )


lang_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="The language of what people read: tables, .html, .md and .xlsx, progress and help. Other formats are the "
    "same in all.  "
    "[default: en]",
)

hash_logs_option = click.option(
    "--hash-logs",
    is_flag=True,
    default=None,
    help="Write the SHA-256 of every log into the report, of all its bytes. Without, the report has a fingerprint of "
    "each: of its size and of samples.",
)

metering_option = click.option(
    "--metering-tolerance",
    metavar="N|P%",
    help="By how much billed calls may differ from logged ones before a bill is listed, clause 2.9.  [default: 0]",
)

ledger_option = click.option(
    "--ledger",
    metavar="FILE",
    type=FILE,
    help="The ledger of claims: an SQLite file, see sla-audit claim.",
)

rejects_option = click.option(
    "--rejects",
    metavar="FILE",
    type=FILE,
    help="Write the unreadable rows that were tolerated to a .csv file.",
)


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what is audited."""
    return _with((*_LOGS, *_FACTS, *_QUESTION, _format("--log-format", "--format"), *_COUNTING), command)


def input_options_beside_format(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the same to a command whose own `--format` says how it prints."""
    return _with((*_LOGS, *_FACTS, *_QUESTION, _format("--log-format"), *_COUNTING), command)


def side_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the same, but for LOGS, to a command that names its logs otherwise, and has a `--format` of its own."""
    return _with((*_LOGS[1:], *_FACTS, *_QUESTION, _format("--log-format"), *_COUNTING), command)


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what is counted, and at which windows."""
    return _with((*_LOGS, _FACTS[-1], _format("--log-format", "--format"), *_COUNTING), command)


def _with(options: tuple[Callable[..., Any], ...], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command
