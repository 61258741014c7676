"""Histories of claims, as rows of a ledger's tables, read and added. Rows are never changed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from sla_audit.ledger.database import damaged
from sla_audit.model.ledger import ClaimKey, Entry, Finding, History, Packed
from sla_audit.sentence import Sentence, said_by

_DATES = {"as_of", "first_day", "last_day", "opens_on", "closes_on", "day", "noted_on"}
_FINDING = tuple(column.name for column in fields(Finding))
_ENTRY = tuple(column.name for column in fields(Entry))
_PACKED = tuple(column.name for column in fields(Packed))
_OF_CONTRACT = "(SELECT number FROM claims WHERE contract = ?)"

Row = TypeVar("Row", Finding, Entry, Packed)


class Book:
    """The rows of a ledger within a transaction."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._where = connection, path.as_posix()

    def histories(self, contract: str) -> list[History]:
        """Give all that is held of the claims under a contract, by number."""
        findings = self._by_claim(Finding, "findings", _FINDING, contract)
        entries = self._by_claim(Entry, "entries", _ENTRY, contract)
        packs = self._by_claim(Packed, "packs", _PACKED, contract)
        claims = self._connection.execute(
            "SELECT number, contract, account, cycle, currency FROM claims WHERE contract = ? ORDER BY number",
            [contract],
        )
        return [
            History(
                number, ClaimKey(*key), currency, tuple(findings[number]), tuple(entries[number]), tuple(packs[number])
            )
            for number, *key, currency in claims
        ]

    def contract_of(self, number: int) -> str | None:
        """Name the contract that a claim is under; None where there is no such claim."""
        found = self._connection.execute("SELECT contract FROM claims WHERE number = ?", [number]).fetchone()
        return None if found is None else str(found[0])

    def other_contracts(self, contract: str) -> list[tuple[str, int]]:
        """Name the other contracts with claims in the ledger, each with how many there are."""
        return list(
            self._connection.execute(
                "SELECT contract, count(*) FROM claims WHERE contract <> ? GROUP BY contract ORDER BY contract",
                [contract],
            )
        )

    def add_claim(self, key: ClaimKey, currency: str) -> int:
        """Add a claim, and give its number."""
        return self._add("claims", ("contract", "account", "cycle", "currency"), (*_key(key), currency))

    def add_finding(self, claim: int, finding: Finding) -> None:
        """Add what a run found."""
        self._add("findings", ("claim", *_FINDING), (claim, *_written(finding, _FINDING)))

    def add_entry(self, claim: int, entry: Entry) -> int:
        """Add what somebody said, and give its number."""
        columns = tuple(name for name in _ENTRY if name != "number")
        return self._add("entries", ("claim", *columns), (claim, *_written(entry, columns)))

    def add_pack(self, claim: int, packed: Packed) -> None:
        """Add a pack that was made."""
        self._add("packs", ("claim", *_PACKED), (claim, *_written(packed, _PACKED)))

    def _add(self, table: str, columns: Iterable[str], values: tuple[Any, ...]) -> int:
        places = ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
        return int(self._connection.execute(statement, values).lastrowid or 0)

    def _by_claim(
        self, kind: Callable[..., Row], table: str, columns: tuple[str, ...], contract: str
    ) -> dict[int, list[Row]]:
        listed = ", ".join(columns)
        rows = self._connection.execute(
            f"SELECT claim, number, {listed} FROM {table} WHERE claim IN {_OF_CONTRACT} ORDER BY number",  # noqa: S608
            [contract],
        )
        read: dict[int, list[Row]] = defaultdict(list)
        for claim, number, *values in rows:
            try:
                read[claim].append(
                    kind(**{name: _read(name, each) for name, each in zip(columns, values, strict=True)})
                )
            except (ValueError, TypeError, InvalidOperation) as error:
                raise damaged(
                    self._where,
                    Sentence(
                        "row {number} of {table} cannot be read ({why})",
                        number=number,
                        table=table,
                        why=said_by(error) if str(error) else type(error).__name__,
                    ),
                ) from error
        return read


def _key(key: ClaimKey) -> tuple[str, str, str]:
    return key.contract, key.account_id, key.cycle


def _written(row: Finding | Entry | Packed, columns: Iterable[str]) -> list[Any]:
    return [_plain(getattr(row, name)) for name in columns]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DATES:
        return date.fromisoformat(value)
    if name == "amount":
        amount = Decimal(value)
        if not amount.is_finite() or amount < 0:
            raise ValueError(value)
        return amount
    return value
