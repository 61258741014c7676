"""Requests that came too soon after an error: what is asked about them, of what, and which rows they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from sla_audit.contract.model import Contract
from sla_audit.errors import Problem
from sla_audit.model.tally import CLIENT
from sla_audit.model.traced import INSTANT, KEY
from sla_audit.sentence import Sentence, to_say
from sla_audit.tally.dedup.sought import are_in
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.owners import Owners
from sla_audit.tally.repeats.asked import Callers, Repeating, Waits
from sla_audit.tally.repeats.found import callers_then


def repeating(contract: Contract, aliases: pl.DataFrame | None, apis: Sequence[str]) -> Repeating | None:
    """Say how a contract tells repeated requests of a service; None where it does not.

    Keys stand for accounts of a file, if there is one.
    """
    terms = contract.repeats
    if terms is None:
        return None
    owners = None if aliases is None else Owners(aliases, contract.zone)
    waits = Waits(terms.shortest, terms.factor, terms.longest, after_each=terms.after == "each_error")
    return Repeating(terms.errors, Callers(terms.same, owners, contract.zone), waits, tuple(apis))


def needs_logs(where: str | Sentence, contract: Contract) -> list[Problem]:
    """Say that a tally does not answer under a contract by which it matters how soon requests follow each other."""
    if contract.repeats is None:
        return []
    found = Sentence(
        "{contract} asks how soon a request came after an error ({clause}), which counts do not tell",
        contract=contract.id,
        clause=contract.repeats.clause,
    )
    return [Problem(where, found, to_say("Give the logs themselves, instead of tallies."))]


@dataclass(frozen=True)
class RepeatedRows:
    """Tells row by row which are repeated requests: those `found`, each a number (see `repeats.found.callers_then`)."""

    found: Hashes
    asked: Repeating | None

    def told(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Say so of rows in the columns of `model.traced.TRACED`."""
        if self.asked is None or not len(self.found) or rows.is_empty():
            return rows
        at, names = rows[INSTANT].to_numpy(), {"account_id": KEY} | {name: name for name in ("region", "api", CLIENT)}
        texts = [rows[name].to_arrow().cast(pa.string()) for name in names.values()]
        batch = pa.RecordBatch.from_arrays(texts, names=list(names))
        callers = self.asked.callers.of(batch, at, np.arange(len(at)))
        repeated = are_in(callers_then(callers, at), self.found) & self.asked.of_service_in(batch)
        return rows.with_columns(pl.Series("repeated", repeated, dtype=pl.Boolean))
