"""Claim packs as files: evidence, report, page, letters, and what holds them together."""

from __future__ import annotations

import gc
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sla_audit import __version__
from sla_audit.commands.audit import Request
from sla_audit.commands.claim_pack.enclosed import Enclosed, read_enclosed
from sla_audit.commands.claim_pack.gathered import Gathered, gather
from sla_audit.commands.claim_pack.intervals import write_intervals
from sla_audit.errors import InputError, Problem, field_name
from sla_audit.model.instant import moment
from sla_audit.model.ledger import TrackedClaim
from sla_audit.output.escape import for_json
from sla_audit.pack.manifest import (
    AGAIN,
    AGREEMENT,
    ANSWERED,
    FACTS,
    INTERVALS,
    LETTER,
    MANIFEST,
    PAGE,
    REPORT,
    ROWS,
    SEAL,
    SIGNATURE,
    Agreement,
    Log,
    Manifest,
    packed,
    seal_of,
    sha256,
)
from sla_audit.pack.pseudonyms import Pseudonyms
from sla_audit.pack.signature import sign
from sla_audit.report.document import Report
from sla_audit.report.formats.registry import render
from sla_audit.report.letter.content import Claimed, Enclosure, FailingInterval
from sla_audit.report.letter.parties import Parties, reference
from sla_audit.report.letter.render import letters, made_by
from sla_audit.sentence import Sentence, said_by
from sla_audit.tally.engine import Progress

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST, _APART = 60, 8
_YOUNG = 1
"""The generation of what was made since the last pack, which a hundredth of a second looks through."""


@dataclass(frozen=True)
class PackAsked:
    """What packs are to be: of an account, or of all that can claim; with which letters; signed by which key."""

    account: str | None
    parties: Parties
    edition: int = 1
    all_rows: bool = False
    pseudonyms: Pseudonyms | None = None
    key: Path | None = None
    font: Path | None = None


@dataclass(frozen=True)
class MadePack:
    """A pack: its folder, its files by name, the number of its letters, and the result that it is about.

    `result` is the row of the account in the report on all, `manifest` the digest of the manifest.
    """

    folder: str
    files: Mapping[str, bytes]
    number: str
    manifest: str
    result: pl.DataFrame

    @property
    def compensation(self) -> str:
        """What is claimed, an exact decimal."""
        return str(self.result["compensation"][0])


def packs(
    request: Request,
    asked: PackAsked,
    agreement: bytes,
    tracked: Sequence[TrackedClaim] = (),
    progress: Progress | None = None,
) -> Iterator[MadePack]:
    """Make the packs, one at a time; `agreement` is the contract's file. Raises `InputError` as `gather` does."""
    found = gather(
        request,
        asked.account,
        all_rows=asked.all_rows,
        pseudonyms=asked.pseudonyms,
        tracked=tracked,
        progress=progress,
    )
    for gathered in found:
        yield _pack(asked, gathered, {AGREEMENT: agreement, **gathered.files})
        # Documents hold on to themselves in circles of few objects and many bytes: left to itself, the collector,
        # which counts objects, comes after hundreds of packs.
        gc.collect(_YOUNG)


def _pack(asked: PackAsked, gathered: Gathered, evidence: Mapping[str, bytes]) -> MadePack:
    enclosed = read_enclosed(evidence, gathered.terms)
    report = enclosed.report(replace(gathered.whole.coverage, strays=()))  # which name logs that the report does not
    result = gathered.whole.report.results.filter(pl.col("account_id") == gathered.account)
    _refuse_another(report, result, gathered.account)
    terms, contract = gathered.terms, enclosed.contract
    number = reference(contract.id, terms.account, str(terms.cycle), asked.edition)
    contents = {
        AGREEMENT: evidence[AGREEMENT],
        ANSWERED: evidence[ANSWERED],
        FACTS: evidence[FACTS],
        **({} if contract.measure is None else {INTERVALS: write_intervals(enclosed)}),
        LETTER: written_terms(asked.parties, asked.edition, embedded=asked.font is not None),
        PAGE: render(report, contract, Path(PAGE)),
        REPORT: render(report, contract, Path(REPORT)),
        ROWS: evidence[ROWS],
    }
    manifest = Manifest(
        schema="sla-audit/claim-pack/1",
        folder=folder_of(terms.account, str(terms.cycle)),
        account_id=terms.account,
        cycle=str(terms.cycle),
        as_of=str(terms.as_of),
        reading=terms.reading,
        apis=terms.apis,
        pseudonymised=asked.pseudonyms is not None,
        program={"sla-audit": __version__, **made_by()},
        contract=Agreement(**contract.identity),
        logs=tuple(
            Log.model_validate({name: each[name] for name in ("path", "bytes", "rows")}) for each in gathered.logs
        ),
        files=packed(contents),
    )
    written = manifest.written()
    made = letters(claimed_of(enclosed, manifest, asked.parties, number), asked.font)
    files = {**contents, MANIFEST: written, **made, SEAL: seal_of(written, made)}
    if asked.key is not None:
        files[SIGNATURE] = sign(files[SEAL], asked.key)
    return MadePack(manifest.folder, files, number, sha256(written), result)


def claimed_of(enclosed: Enclosed, manifest: Manifest, parties: Parties, number: str) -> Claimed:
    """Give what the letters of a pack say."""
    return Claimed(
        explained=enclosed.explanation(),
        contract=enclosed.contract,
        parties=parties,
        number=number,
        enclosures=[Enclosure(each.name, each.bytes, each.sha256) for each in manifest.files],
        manifest=sha256(manifest.written()),
        intervals=intervals_of(enclosed),
    )


def intervals_of(enclosed: Enclosed) -> tuple[FailingInterval, ...]:
    """Give the intervals of the cycle in which requests failed, as letters list them."""
    zone, cycle = enclosed.contract.zone, enclosed.terms.cycle
    found = (
        FailingInterval(
            moment(each["starts_at"], zone),
            moment(each["ends_at"], zone),
            each["unit"],
            each["failed"],
            each["total"],
            each["counts"],
        )
        for each in enclosed.intervals.iter_rows(named=True)
    )
    return tuple(each for each in found if cycle.first_day <= each.starts_at.date() <= cycle.last_day)


def folder_of(account: str, cycle: str) -> str:
    """Name the folder of a pack: of different accounts differently, whatever characters they have."""
    plain = _SAFE.sub("-", account)[:_LONGEST].lstrip("._-") or "account"
    if plain != account or plain != plain.lower():  # there are file systems that do not tell A from a
        plain = f"{plain}-{hashlib.sha256(account.encode('utf-8', 'surrogateescape')).hexdigest()[:_APART]}"
    return f"{plain}-{cycle}"


class _Letter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal["sla-audit/claim-letter/1"] = Field("sla-audit/claim-letter/1", alias="schema")
    edition: Annotated[int, Field(ge=1, le=9999, strict=True)]
    font_embedded: Annotated[bool, Field(strict=True)]
    claimant: str | None
    claimant_address: str | None
    contact: str | None
    signatory: str | None
    provider: str | None
    provider_address: str | None


def written_terms(parties: Parties, edition: int, *, embedded: bool) -> bytes:
    """Write down who claims from whom, in which edition, and whether a font is part of the PDF."""
    document = {
        "schema": "sla-audit/claim-letter/1",
        "edition": edition,
        "font_embedded": embedded,
        **asdict(parties),
    }
    return (for_json(json.dumps(document, ensure_ascii=False, indent=1)) + "\n").encode()


class LetterTerms(NamedTuple):
    """What the letters of a pack depend on besides its evidence."""

    parties: Parties
    edition: int
    font_embedded: bool


def read_terms(content: bytes) -> LetterTerms:
    """Read what `written_terms` wrote. Raises `InputError` where it is something else."""
    try:
        found = _Letter.model_validate(json.loads(content.decode("utf-8")))
    except ValidationError as error:
        problems = (Problem(f"{LETTER}: {field_name(each['loc'])}", each["msg"], AGAIN) for each in error.errors())
        raise InputError(*problems) from error
    except (ValueError, RecursionError) as error:
        raise InputError(Problem(LETTER, Sentence("not JSON in UTF-8: {why}", why=said_by(error)), AGAIN)) from error
    parties = Parties(**{field.name: getattr(found, field.name) for field in fields(Parties)})
    return LetterTerms(parties, found.edition, found.font_embedded)


def _refuse_another(report: Report, result: pl.DataFrame, account: str) -> None:
    """See to it that the evidence gives the verdict of the whole audit: whatever else would be a bug."""
    expected = result.drop("account_id")
    found = report.results.drop("account_id")
    if not found.equals(expected.select(found.columns)):
        raise RuntimeError(f"the evidence of {account!r} gives another verdict than the logs:\n{found}\n{expected}")
