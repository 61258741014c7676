"""The program's entry: the group of commands, and the one place where exit codes are decided."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from contextlib import suppress

import click

from sla_audit import __version__
from sla_audit.cli.check import check
from sla_audit.cli.claim.group import claim
from sla_audit.cli.claim_check import claim_check
from sla_audit.cli.compute import compute
from sla_audit.cli.console import marked
from sla_audit.cli.contract import contract
from sla_audit.cli.dialects import dialects
from sla_audit.cli.explain import explain
from sla_audit.cli.options.environment import take_from_environment
from sla_audit.cli.options.spoken import in_words, language_asked, speaking
from sla_audit.cli.options.values import take_only_text
from sla_audit.cli.reconcile import reconcile
from sla_audit.cli.render import render_command
from sla_audit.cli.rows import rows
from sla_audit.cli.streams import open_streams
from sla_audit.cli.tally import tally
from sla_audit.cli.verify import verify
from sla_audit.errors import InputError, alike_as_one
from sla_audit.sentence import Sentence, to_say
from sla_audit.system.interrupts import came, exit_code, said

EXIT_BAD_INPUT, EXIT_BUG = 2, 70
_MOST_PROBLEMS = 50
_OBJECTS_BETWEEN_COLLECTIONS = 100_000  # loading libraries makes many objects and no garbage: a tenth of the start


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sla-audit")
def cli() -> None:
    """Count an API gateway's access logs against a service level agreement.

    sla-audit reads access logs (Parquet, CSV, JSON lines), decides for each request whether it was a success, an
    explicit failure, or excluded by the agreement, adds up by account and month, and prints the
    compensation that is owed.

    \b
    Examples:
      sla-audit compute logs/ --accounts accounts.csv --billing billing.csv
      sla-audit compute --config sla-audit.toml --cycle last -o report.json
      sla-audit render report.json -o report.xlsx
      sla-audit claim-check --report report.json
      sla-audit claim list --ledger claims.db --state lapsing
      sla-audit explain logs/ --account acct-7 --cycle last
      sla-audit rows logs/ --account acct-7 --cycle last --class failed
      sla-audit contract show

    Every option may also be a variable of the environment: --fail-on is SLA_AUDIT_FAIL_ON for every command
    that has it, SLA_AUDIT_COMPUTE_FAIL_ON for one. Several values are set apart by spaces, several files
    by colons. Options win over variables, and variables over the config file.

    \b
    Exit codes:
      0    done (money owed is a result, not a failure)
      1    done, and something was found that --fail-on names
      2    nothing written: wrong usage, or an input that cannot be trusted
      70   a bug in sla-audit
      130  interrupted (143: terminated); outputs are as they were, or all new
    """


cli.add_command(check)
cli.add_command(compute)
cli.add_command(render_command)
cli.add_command(claim_check)
cli.add_command(claim)
cli.add_command(verify)
cli.add_command(explain)
cli.add_command(rows)
cli.add_command(reconcile)
cli.add_command(tally)
cli.add_command(dialects)
cli.add_command(contract)
take_from_environment(cli)
take_only_text(cli)


def main() -> None:
    """Run the program and leave with its exit code."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    # Threads that numpy starts for products of matrices, of which there are none, would only wait.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Nobody's plugins are to have a say in what a contract means, nor is it worth looking for them.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    open_streams()
    _leave(run(sys.argv[1:]))


def _leave(code: int) -> None:
    """End at once: to take large libraries apart in good order takes a tenth of a second, and frees nothing."""
    with suppress(InputError):  # what cannot be printed was told, with its exit code, by whoever ran
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run the program with the given arguments and give its exit code."""
    with speaking(cli, language_asked(arguments, os.environ)):
        try:
            code = cli.main(arguments, prog_name="sla-audit", standalone_mode=False)
            sys.stdout.flush()
        except BaseException as error:
            return _code_of(error)
    return code if isinstance(code, int) else 0


def _code_of(error: BaseException) -> int:
    """Say what happened, and give the exit code for it."""
    number = signal.SIGINT if isinstance(error, KeyboardInterrupt | click.Abort) else came()
    if number is not None:
        click.echo(in_words(said(number)), err=True)
        return exit_code(number)
    if isinstance(error, click.ClickException):
        _show_usage(error)
        return EXIT_BAD_INPUT
    if isinstance(error, InputError):
        _show(error)
        return EXIT_BAD_INPUT
    if isinstance(error, SystemExit | GeneratorExit):
        raise error
    import traceback  # a bug keeps its traceback, and gets its own exit code

    traceback.print_exception(error)
    click.echo(in_words(to_say("This is a bug in sla-audit. Please report it with the lines above.")), err=True)
    return EXIT_BUG


def _show_usage(error: click.ClickException) -> None:
    """Show what is wrong with the options; what they were given may hold anything."""
    from sla_audit.output.escape import for_terminal

    with io.StringIO() as shown:
        error.show(file=shown)
        lines = shown.getvalue().split("\n")
    click.echo("\n".join(map(for_terminal, lines)), nl=False, err=True)


def _show(error: InputError) -> None:
    from sla_audit.output.escape import for_terminal

    problems = alike_as_one(error.problems)
    for problem in problems[:_MOST_PROBLEMS]:
        message = "\n  ".join(for_terminal(line) for line in problem.lines(in_words))
        head = marked(in_words(to_say("error")), "red")
        click.echo(in_words(Sentence("{head}: {said}", head=head, said=message)), err=True)
    more = len(problems) - _MOST_PROBLEMS
    if more > 0:
        click.echo(in_words(Sentence("... and {more} more mistakes.", more=more)), err=True)
