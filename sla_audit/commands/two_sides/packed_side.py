"""One side as a claim pack has it: its failures and exclusions one by one, its plain answers as counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from sla_audit.commands.audit import Request
from sla_audit.commands.claim_pack.enclosed import Enclosed
from sla_audit.commands.claim_pack.verify import verify
from sla_audit.commands.two_sides.side import KIND, Side, side_of
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.tally import REQUESTS
from sla_audit.pack.manifest import AGAIN, AGREEMENT, Manifest
from sla_audit.sentence import Sentence

_CLAUSE = pl.Int32()


def read_pack_of(path: Path, request: Request, account: str, cycle: ServiceCycle) -> tuple[Manifest, Enclosed]:
    """Check a pack as `verify` does, and see that it is about what is asked.

    Of a pack with a pseudonym, the account is as whoever asks says. Raises `InputError` for one that was changed, that
    does not follow from its own rows, or that is about another account, cycle, agreement or reading.
    """
    checked, where = verify(path), path.as_posix()
    refuse(
        Problem(where if each.where in {where, "pack"} else f"{where}: {each.where}", each.what, AGAIN)
        for each in checked.faults
    )
    manifest, enclosed = checked.manifest, checked.enclosed
    if manifest is None or enclosed is None:
        raise InputError(Problem(where, "is no claim pack", AGAIN))
    refuse(_of_something_else(where, manifest, enclosed, request, account, cycle))
    return manifest, enclosed


def packed_side(enclosed: Enclosed, request: Request) -> Side:
    """Count what a pack encloses, to be judged on the day of the request."""
    rows = enclosed.rows.with_columns(pl.col("clause").cast(_CLAUSE))
    side = side_of(enclosed.case, rows, request.as_of)
    kept = rows.filter(pl.col("class").is_in(CLASSES)).group_by(KIND).agg(pl.len().cast(pl.Int64).alias("kept"))
    all_of = side.counts.group_by(KIND).agg(pl.col(REQUESTS).sum())
    left = all_of.join(kept, on=KIND, how="left", nulls_equal=True)
    answered = left.select(*KIND, pl.col(REQUESTS) - pl.col("kept").fill_null(0)).filter(pl.col(REQUESTS) != 0)
    return side.with_answered(answered.sort(KIND, nulls_last=True))


def _of_something_else(
    where: str, manifest: Manifest, enclosed: Enclosed, request: Request, account: str, cycle: ServiceCycle
) -> Iterator[Problem]:
    contract, reading, apis = request.contract, enclosed.terms.reading, enclosed.terms.apis
    if manifest.account_id != account and not manifest.pseudonymised:
        found = Sentence(
            "is a pack of {account_id!r}, and this is about {account!r}",
            account_id=manifest.account_id,
            account=account,
        )
        yield Problem(where, found, "Name its account with --account, and theirs with --their-account.")
    if manifest.cycle != str(cycle):
        yield Problem(
            where,
            Sentence("is a pack of {cycle}, and this is about {month}", cycle=manifest.cycle, month=cycle),
            "Give another --cycle.",
        )
    if enclosed.contract.identity != contract.identity:
        found = Sentence(
            "was made with another agreement than {id} {version}", id=contract.id, version=contract.version
        )
        yield Problem(where, found, Sentence("Give the {agreement} that is in it as --contract.", agreement=AGREEMENT))
    if reading != request.reading:
        found = Sentence(
            "was made under the {reading} reading, and this is the {asked} one", reading=reading, asked=request.reading
        )
        yield Problem(where, found, Sentence("Give --reading {reading}.", reading=reading))
    if apis != request.apis:
        if apis:
            found = Sentence("counts the APIs {apis}, and this other ones", apis=", ".join(apis))
            options = " ".join(f"--api {each}" for each in apis)
            yield Problem(where, found, Sentence("Give {options}.", options=options))
        else:
            yield Problem(where, "counts all APIs, and this other ones", "Leave out --api.")
