"""The agreements that come with the program: what one text says of many services is written once.

`built_in/services.toml` has the services, each with what its text has of its own, and `built_in/` the agreements, in
which these stand as `$name`. What comes of it is a whole contract file, which can be given to others as it is.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

_FOLDER = files("sla_audit.contract") / "built_in"


@cache
def _services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = tomllib.loads((_FOLDER / "services.toml").read_text("utf-8"))
    return services


def built_in_contracts() -> list[str]:
    """List the ids of the contracts that come with the program."""
    return sorted(_services())


def sister_of(contract: str) -> str | None:
    """Name the agreement of the same text whose worked examples are those of one that carries none itself."""
    sister: str | None = _services().get(contract, {}).get("examples_of")
    return sister


def built_in_file(contract: str) -> bytes:
    """Give the file of one of them. Raises `KeyError` for an id that there is not."""
    service = _services()[contract]
    agreement = (_FOLDER / f"{service['agreement']}.toml").read_text("utf-8")
    return Template(agreement).substitute(service, id=contract).encode()
