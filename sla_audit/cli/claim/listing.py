"""`sla-audit claim list`: how all claims stand, above all what will lapse and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sla_audit.cli.claim.options import asked_of, ledger_options

if TYPE_CHECKING:
    from sla_audit.contract.model import Contract
    from sla_audit.model.ledger import Tracked

_STATES = (
    *("detected", "ready", "filed", "approved", "partly_approved", "rejected"),
    *("partly_credited", "credited", "withdrawn", "lapsed", "nothing_owed"),
)
LAPSING, AWAITED = "lapsing", "awaited"
EXIT_NOTHING_LISTED = 1


@click.command("list")
@click.option(
    "--state",
    "states",
    metavar="STATE",
    type=click.Choice([LAPSING, AWAITED, *_STATES]),
    multiple=True,
    allow_from_autoenv=False,
    help="Only claims in this state. lapsing: not filed yet, and the window is open or will be; awaited: filed, and "
    f"money is still to come; or one of {', '.join(_STATES)}. Repeatable.",
)
@click.option(
    "--within",
    metavar="DAYS",
    type=click.IntRange(min=0, max=3650),
    allow_from_autoenv=False,
    help="Only claims that lapse unless they are filed within so many days.",
)
@click.option("--account", metavar="ID", allow_from_autoenv=False, help="Only this account.")
@click.option("--cycle", metavar="YYYY-MM", allow_from_autoenv=False, help="Only this cycle.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json", "ics"]),
    default="text",
    show_default=True,
    help="How to print them; ics is a calendar with one reminder for each cycle in which claims are to be filed.",
)
@ledger_options
def list_claims(**given: Any) -> int:
    """List claims, those that lapse first at the top.

    It says what is to be filed and until when, what was filed, approved and credited. A claim that is
    not filed by the last day of its window lapses.

    \b
    Examples:
      sla-audit claim list --ledger claims.db
      sla-audit claim list --ledger claims.db --state lapsing --within 7
      sla-audit claim list --ledger claims.db --format csv > claims.csv
      sla-audit claim list --ledger claims.db --format ics > claims.ics

    \b
    Exit codes:
      0  some claim is listed
      1  none is
      2  wrong usage, or a ledger that cannot be used
    """
    from sla_audit.cli.console import print_document, printing
    from sla_audit.cli.options.asked import words_for
    from sla_audit.commands.claim_ledger import tracked
    from sla_audit.model.ledger import AWAITED as MONEY_TO_COME
    from sla_audit.model.ledger import TO_FILE
    from sla_audit.report.ledger.calendar import render_reminders
    from sla_audit.report.ledger.document import render_csv, render_json, selected
    from sla_audit.report.terminal.ledger import print_list

    asked = asked_of(given)
    meant = {LAPSING: TO_FILE, AWAITED: MONEY_TO_COME}
    states = {state for name in given["states"] for state in meant.get(name, (name,))}
    found = tracked(asked.ledger, asked.contract, asked.as_of)
    claims = selected(found, states, given["within"], given["account"], given["cycle"])
    words = words_for(given, asked.config).of_cycles(asked.contract)
    if given["form"] == "text":
        with printing() as console:
            print_list(claims, asked.contract, console, words)
    elif given["form"] == "ics":
        print_document(render_reminders(claims, asked.contract, words, given["account"]))
    else:
        documents: dict[str, Callable[[Tracked, Contract], bytes]]
        documents = {"csv": render_csv, "json": render_json}
        print_document(documents[given["form"]](claims, asked.contract))
    return 0 if claims.claims else EXIT_NOTHING_LISTED
