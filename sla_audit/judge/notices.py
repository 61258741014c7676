"""What a reader of the report should know besides the figures."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sla_audit.contract.facts import Facts
from sla_audit.contract.model import Contract
from sla_audit.contract.month import Month
from sla_audit.judge.availability import credit_tier
from sla_audit.judge.verdicts import Judgement


def notices(judgement: Judgement, contract: Contract, facts: Facts, reading: str, rejected: int) -> list[str]:
    """Say, in a fixed order, what was assumed, refused or left open in a judgement.

    `rejected` rows of the logs could not be read, and are in no count.
    """
    return [
        *_missing_facts(facts),
        *_refused_exclusions(judgement),
        *_rejected_rows(judgement, contract, reading, rejected),
        *_outside_service(judgement),
        *_before_the_agreement(judgement, contract),
        *_provisional_claims(judgement),
        *_readings_differ(judgement, contract),
    ]


def _missing_facts(facts: Facts) -> Iterator[str]:
    if facts.accounts is None:
        yield "no accounts file: every account is taken as paid and in service for the whole month"
    if facts.billing is None:
        yield "no billing file: compensation cannot be determined for any account"


def _refused_exclusions(judgement: Judgement) -> Iterator[str]:
    for finding in judgement.exclusions:
        exclusion = finding.exclusion
        if finding.state == "refused":
            notified = "was not announced"
            if exclusion.notified_at is not None:
                notified = "was announced no earlier than it began"
            yield f"exclusion {exclusion.id!r} is refused under clause 2.7.1 ({exclusion.clause}): it {notified}"


def _rejected_rows(judgement: Judgement, contract: Contract, reading: str, rejected: int) -> Iterator[str]:
    """Say how many verdicts the rejected rows could change: had all been of one cycle, and failed, or been answered."""
    if not rejected:
        return
    in_force = judgement.verdicts[reading]
    left_out = pl.col("excluded") if contract.readings[reading].excluded_in_denominator else pl.lit(0)
    kept = pl.col("success") + left_out
    total = kept + pl.col("explicit_failure") + rejected
    others = [credit_tier(each, total, contract).ne_missing(pl.col("tier")) for each in (kept, kept + rejected)]
    changed = in_force.filter(pl.any_horizontal(others)).height
    rows = "the row that could not be read" if rejected == 1 else f"the {rejected} rows that could not be read"
    if changed:
        results = "1 result" if changed == 1 else f"{changed} results"
        yield f"{rows} might change what {results} would earn: mend the log before money moves"
    else:
        yield f"{rows} could change no result"


def _outside_service(judgement: Judgement) -> Iterator[str]:
    requests = judgement.rows["outside_cycle"]
    if requests:
        yield f"{requests} requests fall on days on which their account was not in service; they are not counted"


def _before_the_agreement(judgement: Judgement, contract: Contract) -> Iterator[str]:
    early = [cycle for cycle in judgement.claims if cycle < str(Month.of(contract.effective_from))]
    if early:
        yield (
            f"{', '.join(early)}: before {contract.effective_from}, the earliest day the contract file "
            f"{contract.id!r} is known to be in force"
        )


def _provisional_claims(judgement: Judgement) -> Iterator[str]:
    cycles = [cycle for cycle, claim in judgement.claims.items() if claim.calendar == "provisional"]
    if cycles:
        yield f"claim windows of {', '.join(cycles)} are provisional: the official holidays are not known yet"


def _readings_differ(judgement: Judgement, contract: Contract) -> Iterator[str]:
    """Say where the open question of the text, what "no response" means, moves money."""
    differing = int(judgement.differing.sum())
    if differing:
        sums = ", ".join(
            f"{name} {judgement.totals.by_reading[name]:.2f} {contract.currency}" for name in contract.readings
        )
        noun = "result" if differing == 1 else "results"
        yield f"the readings of clause 2.7.1 differ on {differing} {noun}: {sums}"
