"""What can be claimed on a day: from verdicts, or from a saved report whose verdicts are judged again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem
from sla_audit.judge.claims import claim_state, claim_window
from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.ledger import TrackedClaim
from sla_audit.report.claims_document import Claim, Claims
from sla_audit.report.saved.json_text import AGAIN
from sla_audit.report.saved.read import SavedReport
from sla_audit.sentence import Sentence
from sla_audit.verification.judged_again import cycles_of, judged_again, refuse_another_contract, ruled


def claims_of(
    results: pl.DataFrame,
    contract: Contract,
    working_days: WorkingDays,
    as_of: date,
    tracked: Iterable[TrackedClaim] = (),
) -> Claims:
    """Tell what can be claimed on a day, in the order of the results, and what became of those that are `tracked`.

    `results` has `account_id`, `cycle`, `decision`, `reason` and `compensation` (text, null where undetermined).
    """
    said = results.select("account_id", "cycle", "decision", "reason", "compensation")
    known = {(each.key.account_id, each.key.cycle): each for each in tracked}
    claims = (
        replace(claim_of(row, contract, working_days, as_of), tracked=known.get((row["account_id"], row["cycle"])))
        for row in said.iter_rows(named=True)
    )
    return Claims(as_of, contract.unit_owed, tuple(claims))


def claim_of(result: Mapping[str, Any], contract: Contract, working_days: WorkingDays, as_of: date) -> Claim:
    """Tell what can be claimed for one result, a row of what `claims_of` takes."""
    window = claim_window(cycle_named(result["cycle"]), contract.claim, working_days)
    state = claim_state(result["decision"], window, as_of)
    return Claim(
        **result,
        state=state,
        opens_on=window.opens_on,
        closes_on=window.closes_on,
        calendar=window.calendar,
        working_days_left=working_days.between(as_of, window.closes_on) if state == "open" else None,
    )


def results_of(
    report: SavedReport,
    where: Path,
    contract: Contract,
    as_of: date,
    reading: str,
    working_days: WorkingDays = INSTALLED,
) -> pl.DataFrame:
    """Give the results of a saved report as they stand on a day, under a reading.

    Its counts are judged again. Raises `InputError` where that does not give the verdicts it holds, or it was made
    with another contract or holidays file.
    """
    shown = where.as_posix()
    refuse_another_contract(report, where, contract)
    days = report.holidays
    if days is not None and days.sha256 != working_days.sha256:
        found = Sentence("made with the holidays file {path}, sha256 {sha256}", path=days.path, sha256=days.sha256)
        raise InputError(Problem(shown, found, "Name that file with --holidays, or make the report again."))
    if any(reading not in result.readings for result in report.results):
        raise InputError(Problem(shown, Sentence("holds no reading {reading!r}", reading=reading), AGAIN))
    cycles, then = cycles_of(report), judged_again(report, where, contract)
    now = ruled(report, cycles, contract, reading, as_of)
    # What was still running when it was counted may have had more requests since.
    was_running = pl.lit(then[reading]["reason"] == "cycle_running")
    return cycles.select("account_id", "cycle").hstack(
        now.select(
            decision=pl.when(was_running).then(pl.lit("undetermined")).otherwise("decision"),
            reason=pl.when(was_running).then(pl.lit("cycle_running")).otherwise("reason"),
            compensation=pl.when(~was_running).then(pl.col("compensation").cast(pl.String)),
        )
    )
