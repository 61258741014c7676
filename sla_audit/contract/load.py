"""Contract files: find one by its id or path, read it, and report every mistake in it at once."""

from __future__ import annotations

import hashlib
import tomllib
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem

BUILT_IN = "jdcloud-smart-compose"


def built_in_contracts() -> list[str]:
    """List the ids of the contracts that come with the program."""
    here = files("sla_audit.contract").iterdir()
    return sorted(entry.name.removesuffix(".toml") for entry in here if entry.name.endswith(".toml"))


def load_contract(reference: str) -> Contract:
    """Read the contract that `reference` names: a built-in id, or the path of a TOML file.

    Raises `InputError` where there is none, or with every mistake found in it.
    """
    if reference in built_in_contracts():
        content = (files("sla_audit.contract") / f"{reference}.toml").read_bytes()
    else:
        path = Path(reference)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(
                Problem(
                    f"contract {reference!r}",
                    f"neither a built-in contract nor a file that can be read ({error.strerror})",
                    f"Built in: {', '.join(built_in_contracts())}. Or give the path of a contract file.",
                )
            ) from error
    return parse_contract(content, reference)


def parse_contract(content: bytes, where: str) -> Contract:
    """Turn a contract file's bytes into a model; `where` names the file in messages.

    Raises `InputError` with one problem per mistake.
    """
    try:
        # Rates and amounts stay exact: 0.99 is read as the decimal it is written as.
        table: dict[str, Any] = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(Problem(where, f"not a TOML file in UTF-8: {error}", "Mend the file.")) from error
    problems = [
        Problem(f"{where}: sha256", "not a field of a contract file", "Remove it; it is computed.")
        for _ in range("sha256" in table)
    ]
    table["sha256"] = hashlib.sha256(content).hexdigest()
    try:
        contract = Contract.model_validate(table)
    except ValidationError as error:
        problems += [_problem(where, mistake) for mistake in error.errors()]
    if problems:
        raise InputError(*problems)
    return contract


def _problem(where: str, mistake: Any) -> Problem:
    """Say in the words of the file what pydantic found: the field's path, the value, the rule."""
    field = ""
    for part in mistake["loc"]:
        field += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    what = mistake["msg"].removeprefix("Value error, ")
    if mistake["type"] not in {"missing", "value_error", "extra_forbidden"}:
        found = mistake["input"]
        what += f", found {found if isinstance(found, Decimal) else repr(found)}"
    return Problem(f"{where}: {field.lstrip('.')}", what[:1].lower() + what[1:])
