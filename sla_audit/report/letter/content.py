"""What a claim's letter says: the facts, the arithmetic, the clauses, and what the other side may argue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sla_audit.contract.model import Contract
from sla_audit.report.endings import how_it_ended
from sla_audit.report.explanation import Explanation, Step
from sla_audit.report.language import Words
from sla_audit.report.letter.arguments import arguments
from sla_audit.report.letter.layout import Letter, Section, Table
from sla_audit.report.letter.parties import Parties
from sla_audit.report.numbers import money, percent, rate_percent, size
from sla_audit.sentence import to_say

_LONG = 16  # so many endings are named one by one


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a letter."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Claimed:
    """What a letter is about: the verdict explained, by which agreement, who claims, and what is enclosed."""

    explained: Explanation
    contract: Contract
    parties: Parties
    number: str
    enclosures: Sequence[Enclosure]
    manifest: str


def letter_of(claimed: Claimed, words: Words) -> Letter:
    """Write the letter in one language. What is claimed must be owed, and its window open."""
    explained, parties, words = claimed.explained, claimed.parties, words.of_cycles(claimed.contract)
    account, cycle = explained.account_id, explained.cycle
    return Letter(
        language=words.language,
        html_language=words.html_language,
        sender=[parties.said(name, words) for name in ("claimant", "claimant_address", "contact")],
        recipient=[parties.said(name, words) for name in ("provider", "provider_address")],
        details=[
            words.say("Date: {day}", day=explained.as_of),
            words.say("Our reference: {number}", number=claimed.number),
        ],
        subject=words.say(
            "Claim for compensation: account {account}, service cycle {cycle}", account=account, cycle=cycle
        ),
        greeting=words.of("Dear Sir or Madam,"),
        opening=list(_opening(claimed, words)),
        sections=[
            Section(words.of("1. Facts"), table=Table(("text", "figure", "clause"), (), list(_facts(claimed, words)))),
            _calculation(claimed, words),
            _left_out(claimed, words),
            _arguments(claimed, words),
            Section(words.of("5. Time limit"), [_time_limit(claimed, words)]),
            _enclosed(claimed, words),
        ],
        closing=[
            words.of(
                "Please confirm receipt of this claim in writing and issue the voucher. If you arrive at another "
                "figure, please name the requests on which we differ and the clause on which you rely."
            ),
            words.of("Yours faithfully,"),
        ],
        signed=[parties.said(name, words) for name in ("claimant", "signatory")],
        dated=explained.as_of,
        number=claimed.number,
        page=words.of("{number}, page {page}"),
    )


def _sum(amount: str | None, claimed: Claimed, words: Words) -> str:
    """Write an amount with its currency."""
    return words.say("{amount} {currency}", amount=money(amount), currency=claimed.explained.currency)


def _share(rate: str | None, words: Words) -> str:
    return words.say("{share} %", share=percent(rate))


def _opening(claimed: Claimed, words: Words) -> Iterator[str]:
    explained, contract = claimed.explained, claimed.contract
    yield words.say(
        'We use the service under the agreement "{title}" (edition {version}) with the account {account}. In the '
        "service cycle from {first} to {last} the success rate of its interface was {rate} %. Clause "
        "{objective_clause} promises no less than {objective} %.",
        title=words.title(contract.title),
        version=contract.version,
        account=explained.account_id,
        first=explained.cycle_start,
        last=explained.cycle_end,
        rate=rate_percent(explained.verdict.success_rate),
        objective_clause=contract.objective.clause,
        objective=percent(str(contract.objective.success_rate)),
    )
    yield words.say(
        "Under clause {claim_clause} we claim compensation of {amount}, as a {paid_as} (clause {clause}).",
        claim_clause=contract.claim.clause,
        amount=_sum(explained.verdict.compensation, claimed, words),
        paid_as=words.of(contract.compensation.paid_as),
        clause=contract.compensation.clause,
    )


def _facts(claimed: Claimed, words: Words) -> Iterator[tuple[str, str, str]]:
    explained, contract = claimed.explained, claimed.contract
    reading, terms = contract.readings[explained.reading], contract.compensation
    failed = [step for step in explained.steps if step.class_ == "explicit_failure"]
    yield words.of("Requests submitted in the service cycle"), f"{explained.requests:,}", contract.objective.clause
    own = contract.failure_name if words.language == "en" else None
    said = to_say("Explicit failures ({statuses})")
    if own is not None:
        said = to_say('Explicit failures, in your English edition "{own}" ({statuses})')
    said = words.say(said, own=own, statuses=_statuses(failed, words))
    yield said, f"{explained.verdict.explicit_failure:,}", reading.clause
    said = words.say("read as: {meaning}", meaning=words.of(reading.meaning))
    yield f"   {said}", "", reading.clause
    yield words.of("Monthly service fee"), _sum(explained.service_fee, claimed, words), terms.clause
    yield words.of("of which paid in cash, without vouchers"), _sum(explained.cash_paid, claimed, words), terms.clause


def _statuses(steps: Sequence[Step], words: Words) -> str:
    endings = [each for step in steps for each in step.endings]
    parts = [
        f"{each.requests:,} x {how_it_ended(each.status, each.no_answer, words, each.error_code, each.took_over)}"
        for each in endings[:_LONG]
    ]
    more = len(endings) - _LONG
    return words.joined([*parts, *([words.say("{more} more", more=more)] if more > 0 else [])])


def _calculation(claimed: Claimed, words: Words) -> Section:
    rows = list(_arithmetic(claimed, words))
    return Section(
        words.of("2. Calculation"), table=Table(("text", "figure", "clause"), (), rows, strong=len(rows) - 1)
    )


def _arithmetic(claimed: Claimed, words: Words) -> Iterator[tuple[str, str, str]]:
    explained, contract = claimed.explained, claimed.contract
    verdict, clause, terms = explained.verdict, contract.objective.clause, contract.compensation
    kept, total = explained.kept or 0, explained.total or 0  # which are known where requests make the rate
    said = words.say(
        "Requests counted: {requests:,} - {left_out:,} excluded",
        requests=explained.requests,
        left_out=verdict.excluded,
    )
    yield said, f"{explained.requests - verdict.excluded:,}", clause
    said = words.say(
        "Success rate: 1 - {failed:,} / {total:,} = {kept:,} / {total:,}, cut after four decimals, not rounded",
        failed=total - kept,
        total=total,
        kept=kept,
    )
    yield said, words.say("{share} %", share=rate_percent(verdict.success_rate)), clause
    said = words.say(
        "Share of the monthly service fee, for a rate from {least} % to below {below} %",
        least=percent(explained.tier_from),
        below=percent(explained.tier_below),
    )
    credit = _share(verdict.credit_rate, words)
    yield said, credit, terms.clause
    said = words.say("{fee} x {credit}", fee=money(explained.service_fee), credit=credit)
    yield said, _sum(explained.share, claimed, words), terms.clause
    cap = to_say("Compensation claimed; not above the cash paid, {cash}, rounded once, half up")
    if verdict.capped:
        cap = to_say("Compensation claimed; capped at the cash paid, {cash}, rounded once, half up")
    said = words.say(cap, cash=money(explained.cash_paid))
    yield said, _sum(verdict.compensation, claimed, words), terms.clause


def _left_out(claimed: Claimed, words: Words) -> Section:
    title, contract = words.of("3. What we have excluded"), claimed.contract
    steps = [step for step in claimed.explained.steps if step.class_ == "excluded"]
    if not steps:
        return Section(title, [words.of("No request was excluded.")])
    rows = []
    for step in steps:
        cause = words.cause_title(step.clause or 0, contract)
        if step.exclusion is not None:
            cause = words.say("{cause}, exclusion {exclusion}", cause=cause, exclusion=step.exclusion)
        clause = words.cause_clause(step.clause or 0)
        rows.append((f"{cause} ({_statuses([step], words)})", f"{step.requests:,}", clause))
    said = words.of("These requests are counted neither as successes nor as failures:")
    return Section(title, [said], Table(("text", "figure", "clause"), (), rows))


def _arguments(claimed: Claimed, words: Words) -> Section:
    rows = list(arguments(claimed.explained, claimed.contract, words))
    title = words.of("4. Other positions, and what each would be worth")
    if not rows:
        return Section(title, [words.of("No other reading of the agreement and no exclusion touches this claim.")])
    head = (
        words.of("Position"),
        words.say("Owed, {currency}", currency=claimed.explained.currency),
        words.of("Clause"),
    )
    return Section(title, table=Table(("text", "figure", "clause"), head, rows))


def _time_limit(claimed: Claimed, words: Words) -> str:
    claim = claimed.explained.claim
    return words.say(
        "Under clause {clause}, claims for {cycle} are taken from {opens_on} to {closes_on}, both days included. This "
        "letter is dated {day} and is in time.",
        clause=claimed.contract.claim.clause,
        cycle=claim.cycle,
        opens_on=claim.opens_on,
        closes_on=claim.closes_on,
        day=claimed.explained.as_of,
    )


def _enclosed(claimed: Claimed, words: Words) -> Section:
    rows = [(each.name, size(each.bytes), each.sha256) for each in claimed.enclosures]
    head = (words.of("File"), words.of("Size"), "SHA-256")
    return Section(
        words.of("6. Enclosures"),
        [
            words.of(
                "Every figure above follows from the files enclosed: each request that is not a plain answer is in "
                'rows.csv with its time, its status and its place in our logs. The command "sla-audit verify" '
                "recomputes them."
            )
        ],
        Table(("text", "figure", "digest"), head, rows),
        [words.say("SHA-256 of manifest.json, which lists these files: {manifest}", manifest=claimed.manifest)],
    )
