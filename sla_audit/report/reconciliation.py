"""What facts and logs name of each other, as the report has it, and whether somebody should look at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sla_audit.model.reconciliation import File, Reconciliation, Unmatchables, Unmatched


def as_json(found: Reconciliation) -> dict[str, Any]:
    """Write down a `model.reconciliation.Reconciliation`; null for a facts file that was not given, but for aliases."""
    scopes = found.exclusions
    return {
        "accounts": None if found.accounts is None else _file(found.accounts),
        "billing": None if found.billing is None else {**_file(found.billing), "elsewhere": found.billing.elsewhere},
        "exclusions": None
        if scopes is None
        else {
            "given": scopes.given,
            "found": scopes.found,
            "not_found": _unmatched(scopes.not_found, lambda each: {"exclusion": each.exclusion, "scope": each.scope}),
        },
        **({} if found.alias is None else {"alias": _file(found.alias)}),
    }


def to_look_at(head: Mapping[str, Any]) -> bool:
    """Tell whether an id seems to be misspelt, or an exclusion names what is found nowhere.

    Accounts without requests are usual. Reports of earlier versions say nothing of it.
    """
    found = head.get("reconciliation") or {}
    files = [found[name] for name in ("accounts", "billing", "alias") if found.get(name) is not None]
    scopes = found.get("exclusions")
    return any(each["not_in_logs"]["near"] for each in files) or (
        scopes is not None and scopes["not_found"]["count"] > 0
    )


def _file(file: File) -> dict[str, Any]:
    return {
        "given": file.given,
        "in_logs": file.in_logs,
        "not_in_logs": _unmatched(file.not_in_logs),
        "lacks": _unmatched(file.lacks),
    }


def _unmatched(unmatched: Unmatchables, of: Callable[[Unmatched], dict[str, str]] = lambda _: {}) -> dict[str, Any]:
    return {
        "count": unmatched.count,
        "near": unmatched.near,
        "listed": [
            {**of(each), "name": each.name, "nearest": each.nearest, "differs_by": each.differs_by}
            for each in unmatched.listed
        ],
    }
