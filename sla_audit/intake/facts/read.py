"""Facts files: every mistake in every file at once, each with file, row, column, found and expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.facts.accounts import read_accounts
from sla_audit.intake.facts.aliases import read_aliases
from sla_audit.intake.facts.billing import read_billing
from sla_audit.intake.facts.exclusions import read_exclusions
from sla_audit.intake.facts.form import STRICT, BillingForm, FactsForms
from sla_audit.model.facts import Facts


def read_facts(
    accounts: Path | None,
    billing: Path | None,
    exclusions: Path | None,
    contract: Contract,
    forms: FactsForms = STRICT,
    *,
    alias: Path | None = None,
) -> Facts:
    """Read the facts files that were given. Raises `InputError` with the mistakes of all of them."""
    facts: dict[str, Any] = {}
    problems: list[Problem] = []
    readers = (
        ("accounts", accounts, lambda path: read_accounts(path, forms.accounts)),
        ("billing", billing, lambda path: _bills(path, contract, forms.billing)),
        ("aliases", alias, lambda path: read_aliases(path, forms.alias)),
        ("exclusions", exclusions, lambda path: read_exclusions(path, contract, _accounts_of(facts), forms.exclusions)),
    )
    for name, path, read in readers:
        if path is not None:
            try:
                facts[name] = read(path)
            except InputError as error:
                problems += error.problems
    refuse(problems)
    return Facts(**facts)


def _bills(path: Path, contract: Contract, form: BillingForm) -> pl.DataFrame:
    """Read what a contract asks for, of cycles as long as it says."""
    return read_billing(path, form, contract.currency, contract.facts, contract.cycle.length)


def _accounts_of(facts: dict[str, Any]) -> set[str]:
    """Name the accounts of the facts that were read so far."""
    columns = {"accounts": "account_id", "billing": "account_id", "aliases": "account"}
    return {account for name, table in facts.items() for account in table[columns[name]]}
