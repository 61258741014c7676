"""The class of each request: the first rule of the contract that matches (clause 2.7.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.service import is_one_of, of_service
from sla_audit.contract.terms.classes import OF_THE_EXCLUSION, Condition
from sla_audit.contract.terms.durations import microseconds_of
from sla_audit.contract.terms.reading import Reading
from sla_audit.model.statuses import FIRST_STATUS, LAST_STATUS, StatusSet
from sla_audit.model.tally import OUTCOME, OUTCOME_FIELDS

CLASSES = ("success", "explicit_failure", "excluded")
SAID = ("status", "no_answer", "content_flag", "client_aborted", "api", "error_code", "took_over", "repeated")
"""What rules look at of an outcome."""

_ANSWERED = pl.when(~pl.col("no_answer")).then("status")


def classify(counts: pl.DataFrame, contract: Contract, reading: Reading, causes: pl.Series) -> pl.DataFrame:
    """Add `rule` (a position), `class` and, where it is `excluded`, `clause` to counts, under one reading.

    `counts` has the columns of `SAID` (a status of null: none) and `exclusion` (a position in `causes`, the clauses of
    the exclusions; null where no accepted one covers the count). Where the gateway says
    that the service did not answer, its own status is none to a rule: it is what the gateway told the caller.
    """
    rules = contract.classification
    first = pl.coalesce(
        *(pl.when(_holds(rule.when, reading)).then(pl.lit(at, dtype=pl.Int32)) for at, rule in enumerate(rules))
    )
    of_exclusion = pl.lit(causes).gather(pl.col("exclusion"))
    fixed = pl.Series([rule.cause if isinstance(rule.cause, int) else None for rule in rules], dtype=pl.Int32)
    from_exclusion = [at for at, rule in enumerate(rules) if rule.cause == OF_THE_EXCLUSION]
    classes = pl.Series([rule.class_ for rule in rules], dtype=pl.Enum(CLASSES))
    return counts.with_columns(rule=first).with_columns(
        pl.lit(classes).gather(pl.col("rule")).alias("class"),
        pl.when(pl.col("rule").is_in(from_exclusion))
        .then(of_exclusion)
        .otherwise(pl.lit(fixed).gather(pl.col("rule")))
        .alias("clause"),
        exclusion=pl.when(pl.col("rule").is_in(from_exclusion)).then(pl.col("exclusion")),
    )


def always_success(contract: Contract, reading: Reading) -> frozenset[int]:
    """List the statuses by which a request that says nothing else is a success.

    It is one whatever exclusion may cover it, of whatever API it is, and whether it is repeated or not.
    """
    said = pl.DataFrame({"status": range(FIRST_STATUS, LAST_STATUS + 1)}, schema={"status": pl.Int16})
    uncovered, covered = pl.lit(None, pl.Int32), pl.lit(0, pl.Int32)
    silent = {name: pl.lit(OUTCOME_FIELDS[name].absent, OUTCOME[name]) for name in SAID if name != "status"}
    others: set[int] = set()
    for of_some_api, exclusion, repeated in product(_of_some_api(contract), (uncovered, covered), (False, True)):
        described = said.with_columns(**silent | {"repeated": pl.lit(value=repeated)}, exclusion=exclusion)
        kinds = classify(described, of_some_api, reading, pl.Series([0], dtype=pl.Int32))
        others.update(kinds.filter(pl.col("class") != "success")["status"])
    return frozenset(said["status"]) - others


def _of_some_api(contract: Contract) -> Iterator[Contract]:
    """Give the contract as it is of no API, and as it is of one that each rule asks for."""
    yield contract
    rules = contract.classification
    for at, rule in enumerate(rules):
        if rule.when.api is not None:
            held = rule.model_copy(update={"when": rule.when.model_copy(update={"api": None})})
            yield contract.model_copy(update={"classification": (*rules[:at], held, *rules[at + 1 :])})


def _holds(condition: Condition, reading: Reading) -> pl.Expr:
    holds = pl.lit(value=True)
    if condition.status is not None:
        holds &= _status_in(condition.status)
    if condition.api is not None:
        holds &= _api_in(condition.api)
    if condition.error_code is not None:
        holds &= _code_in(condition.error_code)
    if condition.took_over is not None:
        holds &= (pl.col("took_over") >= microseconds_of(condition.took_over)).fill_null(value=False)
    if condition.content_flag is not None:
        holds &= pl.col("content_flag") == condition.content_flag
    if condition.client_aborted is not None:
        holds &= pl.col("client_aborted") == condition.client_aborted
    if condition.repeated is not None:
        holds &= pl.col("repeated") == condition.repeated
    if condition.explicit_failure is not None:
        holds &= _fails(reading) == condition.explicit_failure
    if condition.accepted_exclusion is not None:
        holds &= pl.col("exclusion").is_not_null() == condition.accepted_exclusion
    return holds


def _api_in(globs: Sequence[str]) -> pl.Expr:
    """Express whether an operation is one that globs name; few are looked at, since many requests have each."""
    return pl.col("api").map_batches(
        lambda apis: pl.Series([of_service(api, globs) for api in apis], dtype=pl.Boolean), return_dtype=pl.Boolean
    )


def _code_in(globs: Sequence[str]) -> pl.Expr:
    """Express whether an error code is one that globs name."""
    return pl.col("error_code").map_batches(
        lambda codes: pl.Series([is_one_of(code, globs) for code in codes], dtype=pl.Boolean), return_dtype=pl.Boolean
    )


def _fails(reading: Reading) -> pl.Expr:
    """Express whether a request is an explicit failure under a reading: see `Reading.fails`."""
    by_status = _status_in(reading.explicit_failure)
    return by_status if reading.error_codes is None else by_status | _code_in(reading.error_codes)


def _status_in(statuses: StatusSet) -> pl.Expr:
    listed = _ANSWERED.is_in(pl.Series(sorted(statuses.codes), dtype=pl.Int16).implode())
    return listed.fill_null(statuses.none)
