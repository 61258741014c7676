"""Contract files: find one by its id or path, read it, and report every mistake in it at once."""

from __future__ import annotations

import hashlib
from difflib import get_close_matches

from sla_audit.contract.built_in import built_in_contracts, built_in_file, sister_of
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.example import Example
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.sentence import Message, Sentence, said_by
from sla_audit.storage.location import location
from sla_audit.system.settings_file import parse_table, read_settings, validated

BUILT_IN = "jdcloud-smart-compose"
_NAMED, _LIKE, _LONGEST = 3, 0.7, 100


def load_contract(reference: str) -> Contract:
    """Read the contract that `reference` names: a built-in id, or the path of a TOML file.

    Raises `InputError` where there is none, or with every mistake found in it.
    """
    return parse_contract(contract_file(reference), reference)


def examples_of(reference: str, contract: Contract) -> tuple[Example, ...]:
    """Give the worked examples of a contract that `load_contract` read from `reference`."""
    sister = sister_of(reference)
    return contract.examples if sister is None else load_contract(sister).examples


def contract_file(reference: str) -> bytes:
    """Give the file of the contract that `load_contract` reads. Raises `InputError` where there is none."""
    if reference in built_in_contracts():
        return built_in_file(reference)
    path = location(reference)
    try:
        return read_settings(path)
    except OSError as error:
        raise InputError(
            Problem(
                Sentence("contract {contract!r}", contract=reference),
                Sentence("neither a built-in contract nor a file that can be read ({why})", why=said_by(error)),
                _remedy(reference),
            )
        ) from error


def _remedy(reference: str) -> Message:
    """Name the built-in contracts that are meant perhaps: there are too many to name all."""
    near = get_close_matches(reference, built_in_contracts(), _NAMED, _LIKE) if len(reference) < _LONGEST else []
    if near:
        return Sentence("Perhaps {near} is meant; sla-audit contract list has all.", near=" or ".join(near))
    return "Name one of sla-audit contract list, or the path of a contract file."


def parse_contract(content: bytes, where: str) -> Contract:
    """Turn a contract file's bytes into a model; `where` names the file in messages.

    Raises `InputError` with one problem per mistake.
    """
    table = parse_table(content, where)
    problems = [
        Problem(f"{where}: sha256", "not a field of a contract file", "Remove it; it is computed.")
        for _ in range("sha256" in table)
    ]
    table["sha256"] = hashlib.sha256(content).hexdigest()
    try:
        contract = validated(Contract, table, where)
    except InputError as error:
        problems += error.problems
    refuse(problems)
    return contract
