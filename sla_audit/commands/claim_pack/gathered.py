"""The evidence of the accounts that can claim today, out of the logs and the facts of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from sla_audit.commands.audit import Audit, Basis, Request, audit, basis_of, by_account, facts_of, report_on
from sla_audit.commands.claim_pack.facts_file import about, write_facts
from sla_audit.commands.claim_pack.kept import by_account as rows_by_account
from sla_audit.commands.claim_pack.tables import write_answered, write_table
from sla_audit.commands.claim_pack.terms import Terms, enclosed_period
from sla_audit.commands.claims import claims_of
from sla_audit.commands.one_account import OneAccount, keys_of, one_of
from sla_audit.commands.rows import RowsAsked, kept_rows, plain_statuses, tables_of
from sla_audit.contract.intervals import step_of
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.facts.holidays import read_holidays
from sla_audit.judge.allocation.aliases import Aliased
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Facts
from sla_audit.model.ledger import TrackedClaim
from sla_audit.model.tally import OUTCOME, REQUESTS, SAYS_MORE, SLOT
from sla_audit.model.traced import KEY
from sla_audit.pack.manifest import ANSWERED, FACTS, ROWS
from sla_audit.pack.pseudonyms import Pseudonyms
from sla_audit.report.claims_document import Claim
from sla_audit.report.document import Report
from sla_audit.report.quarters import in_quarters
from sla_audit.report.rows.columns import laid_out
from sla_audit.report.selected import chosen
from sla_audit.report.sentences import REASONS
from sla_audit.sentence import Sentence, as_phrase, to_say
from sla_audit.tally.apart import wholes_of
from sla_audit.tally.engine import Progress
from sla_audit.tally.slots import SlotGrid


@dataclass(frozen=True)
class Gathered:
    """The evidence of one claim, as files, but for the agreement; and the audit of all accounts that it is out of.

    `logs` are the inputs of that audit. An account has its pseudonym in all of it, where these are asked for.
    """

    terms: Terms
    files: Mapping[str, bytes]
    whole: Audit
    logs: Sequence[Mapping[str, object]]
    account: str


def gather(
    request: Request,
    account: str | None,
    *,
    all_rows: bool = False,
    pseudonyms: Pseudonyms | None = None,
    tracked: Sequence[TrackedClaim] = (),
    progress: Progress | None = None,
) -> Iterator[Gathered]:
    """Give the evidence of an account, or of each one, that can claim for the one cycle of `request.period`.

    `all_rows` are enclosed one by one, or all but plain answers, which are counted. Of all, those are left out that
    were filed or withdrawn, as a ledger has them `tracked`. Raises `InputError` where the account cannot claim, or none
    can, and says why.
    """
    request = replace(request, daily=True)
    facts = facts_of(request)
    whole = None if account is not None else audit(request, progress)
    accounts = [account] if account is not None else []
    if whole is not None:
        accounts = [claim.account_id for claim in _open(whole.report, request, tracked=tracked)]
    asked = RowsAsked("", but_plain=not all_rows)
    with kept_rows(request, asked, keys_of(facts, accounts, request.contract), beside=True) as traced:
        basis = basis_of(request, progress, traced)
        if whole is None:
            whole = report_on(request, basis)
            _open(whole.report, request, account)
        keys = by_account(basis.counted.tally, basis.facts, request.contract)
        counted = basis.counted
        for each, rows in rows_by_account(
            counted.traced, accounts, lambda name: keys_of(facts, [name], request.contract)
        ):
            own = replace(basis, counted=replace(counted, traced=rows))
            yield evidence(request, own, keys, each, all_rows=all_rows, pseudonyms=pseudonyms, whole=whole)


def _open(
    report: Report, request: Request, account: str | None = None, tracked: Sequence[TrackedClaim] = ()
) -> list[Claim]:
    """Give the claims that can be filed. Raises `InputError` where there is none, or not that of the account."""
    cycle = _cycle(request)
    working_days = read_holidays(request.holidays, request.forms.holidays)
    results = chosen(report.results, account, [str(cycle)])
    claims = claims_of(results, request.contract, working_days, request.as_of, tracked).claims
    able = [claim for claim in claims if claim.state == "open"]
    to_file = [claim for claim in able if not claim.is_dealt_with]
    if to_file:
        return to_file
    if able:
        what = to_say("all that can be claimed was filed or withdrawn, by the ledger")
        raise InputError(
            Problem(
                Sentence("cycle {month}", month=cycle), what, "For another edition of one of them, name it: --account."
            )
        )
    if account is not None:
        refuse(Problem(f"--account {account!r}", _why_not(claim, request), _REMEDY) for claim in claims)
    states = {claim.state for claim in claims}
    later = next((claim for claim in claims if claim.state in {"not_yet_open", "closed"}), None)
    found = (
        _why_not(later, request)
        if later
        else Sentence("nothing is owed")
        if states == {"nothing_owed"}
        else Sentence("nothing is known to be owed")
    )
    raise InputError(
        Problem(Sentence("cycle {month}", month=cycle), Sentence("no account can claim: {why}", why=found), _REMEDY)
    )


def _cycle(request: Request) -> ServiceCycle:
    cycles = request.period.cycles() or []
    return cycles[0]


_REMEDY = to_say("sla-audit claim-check tells what can be claimed, and when.")


def _why_not(claim: Claim, request: Request) -> Sentence:
    day, clause = request.as_of, request.contract.claim.clause
    window = {"opens_on": claim.opens_on, "closes_on": claim.closes_on, "day": day, "clause": clause}
    if claim.state == "not_yet_open":
        text = to_say("claims for {cycle} open on {opens_on}, and this is as of {day} (clause {clause})")
        return Sentence(text, cycle=claim.cycle, **window)
    if claim.state == "closed":
        text = to_say("claims for {cycle} closed after {closes_on}, and this is as of {day} (clause {clause})")
        return Sentence(text, cycle=claim.cycle, **window)
    text = to_say("nothing is owed for it: {reason}")
    if claim.state == "undetermined":
        text = to_say("what is owed for it cannot be told: {reason}")
    reason = REASONS[claim.reason]
    if request.contract.cycle.length == "quarter":
        reason = in_quarters(reason)
    return Sentence(text, reason=as_phrase(reason))


def evidence(
    request: Request,
    basis: Basis,
    keys: Aliased | None,
    account: str,
    *,
    all_rows: bool,
    pseudonyms: Pseudonyms | None,
    whole: Audit,
) -> Gathered:
    """Put the evidence of one account into files."""
    contract, case = request.contract, one_of(request, account, basis, keys)
    name = account if pseudonyms is None else pseudonyms.of(account)
    hidden = _hidden(basis, keys, pseudonyms, contract)
    tables = tables_of(case, RowsAsked(account, but_plain=not all_rows))
    parts = list(laid_out(tables, contract, name, request.reading, keys=keys is not None))
    rows = pl.concat(parts) if pseudonyms is None else _veiled(pl.concat(parts), pseudonyms, hidden)
    own = about(_renamed(case.own, name, pseudonyms, hidden), name)
    grid = SlotGrid(contract.zone, own.service_edges(contract.zone), own.windows(), step=step_of(contract))
    plain = frozenset[int]() if all_rows else plain_statuses(contract)
    logs = [
        {**each, "path": str(each["path"]) if pseudonyms is None else pseudonyms.within(str(each["path"]), hidden)}
        for each in basis.counted.inputs
    ]
    return Gathered(
        terms=Terms(name, case.cycle, request.as_of, request.reading, request.apis),
        files={
            ANSWERED: write_answered(_answered(case, plain, grid), contract),
            FACTS: write_facts(own, basis.working_days),
            ROWS: write_table(rows),
        },
        whole=whole,
        logs=logs,
        account=account,
    )


def _answered(case: OneAccount, plain: Collection[int], grid: SlotGrid) -> pl.DataFrame:
    """Count the plain answers in the cycle, by slot and outcome; time is cut as the rules for this account do."""
    tally = case.tally
    outcomes = tally.outcomes.with_row_index("outcome")
    some = outcomes.filter(~SAYS_MORE & pl.col("status").is_in(sorted(plain)))
    counts = tally.counts.join(some, on="outcome").join(tally.slots.with_row_index("slot"), on="slot")
    period = enclosed_period(case.cycle, case.contract)
    counts = counts.filter(pl.col("starts_at").is_between(*period, closed="left"))
    slots = [(since, until, *_folded(since, until, grid)) for since, until in counts.select(*SLOT).unique().rows()]
    folded = (
        pl.DataFrame(slots, schema=[*SLOT, "since", "until"], orient="row")
        if slots
        else counts.select(*SLOT, since="starts_at", until="ends_at")
    )
    kind = [*SLOT, *OUTCOME]
    return (
        counts.join(folded, on=list(SLOT))
        .with_columns(starts_at="since", ends_at="until")
        .group_by(kind)
        .agg(pl.col(REQUESTS).sum())
        .sort(kind, nulls_last=True)
    )


def _folded(since: int, until: int, grid: SlotGrid) -> tuple[int, int]:
    """Give the slot of a grid that holds another; what is longer than a step is of the rests."""
    is_step = grid.steps is None or until - since <= grid.steps.length
    return (grid if is_step else grid.rests).slot(since, until - 1) or (since, until)


def _hidden(basis: Basis, keys: Aliased | None, pseudonyms: Pseudonyms | None, contract: Contract) -> frozenset[str]:
    """List the names that are not to be shown: of all accounts, and the keys that stand for them."""
    if pseudonyms is None:
        return frozenset()
    facts, names = basis.facts, [basis.counted.tally.accounts["account_id"]]
    names += [table["account_id"] for table in (facts.accounts, facts.billing) if table is not None]
    names += [] if facts.aliases is None or keys is None else [facts.aliases["key"], facts.aliases["account"]]
    found = frozenset[str](pl.concat(names))
    return found if not contract.unit.apart else found.union(*map(wholes_of, found))


def _renamed(facts: Facts, name: str, pseudonyms: Pseudonyms | None, hidden: frozenset[str]) -> Facts:
    if pseudonyms is None:
        return facts

    def own(table: pl.DataFrame | None) -> pl.DataFrame | None:
        return None if table is None else table.with_columns(account_id=pl.lit(name))

    exclusions = tuple(
        replace(each, id=pseudonyms.within(each.id, hidden), note=pseudonyms.within(each.note, hidden))
        for each in facts.exclusions
    )
    return Facts(own(facts.accounts), own(facts.billing), exclusions)


def _veiled(rows: pl.DataFrame, pseudonyms: Pseudonyms, hidden: frozenset[str]) -> pl.DataFrame:
    """Put pseudonyms for accounts in the paths of logs, in the keys, and in the ids of exclusions."""
    texts = [name for name in rows.columns if name in {"file", KEY} or name.endswith("exclusion")]
    for name in texts:
        values = rows[name].drop_nulls().unique().to_list()
        veil = {value: pseudonyms.of(value) if name == KEY else pseudonyms.within(value, hidden) for value in values}
        rows = rows.with_columns(pl.col(name).replace_strict(veil, default=None, return_dtype=pl.String))
    return rows
