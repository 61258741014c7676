"""A claim pack, checked: nothing changed since it was made, and every figure in it follows from its evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from sla_audit import __version__
from sla_audit.commands.claim_pack.enclosed import Enclosed, read_enclosed
from sla_audit.commands.claim_pack.intervals import write_intervals
from sla_audit.commands.claim_pack.make import LetterTerms, claimed_of, folder_of, read_terms
from sla_audit.commands.claim_pack.terms import Terms
from sla_audit.commands.verify_report import check
from sla_audit.contract.built_in import built_in_contracts
from sla_audit.contract.load import load_contract
from sla_audit.errors import InputError
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.month import Month
from sla_audit.pack.archive import Pack, UnsoundPackError, read_pack, zip_of
from sla_audit.pack.manifest import (
    ANSWERED,
    CONTENTS,
    FACTS,
    INTERVALS,
    LETTERS,
    MANIFEST,
    PAGE,
    REPORT,
    ROWS,
    SEAL,
    SIGNATURE,
    Manifest,
    read_manifest,
    seal_of,
    sha256,
)
from sla_audit.pack.signature import fault_of
from sla_audit.report.document import Report
from sla_audit.report.formats.registry import FORMATS, render
from sla_audit.report.letter.parties import reference
from sla_audit.report.letter.render import cannot_write_letters, letters, made_by, markdown_letters
from sla_audit.report.saved.json_text import parse_json
from sla_audit.report.saved.restore import Restored, restored
from sla_audit.report.schema import DERIVED
from sla_audit.sentence import Message, Sentence, said_by
from sla_audit.verification.coverage import coverage_of

_ROWS_NAMED = 5
_NEEDED = (*CONTENTS, *LETTERS, MANIFEST, SEAL)


class Finding(NamedTuple):
    """Something about a file of a pack, or about the whole of it."""

    where: Message
    what: Message


@dataclass(frozen=True)
class Checked:
    """What a check of a pack found: its `faults`, and in `notes` what could not be checked, or only the logs can tell.

    What follows is None where the pack could not be read so far; `signed` says whether there is a signature.
    """

    faults: tuple[Finding, ...]
    notes: tuple[Finding, ...] = ()
    signed: bool = False
    manifest: Manifest | None = None
    enclosed: Enclosed | None = None
    report: Report | None = None

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return not self.faults


def verify(path: Path, signers: Path | None = None, identity: str | None = None) -> Checked:
    """Check a pack by itself; with `signers`, it must be signed by one of them, or by the one of that `identity`.

    Raises `InputError` where there is no pack to read, or what is asked for cannot be done.
    """
    try:
        pack = read_pack(path)
    except UnsoundPackError as error:
        return Checked(tuple(_told(error, "pack")))
    faults = list(_of_names(pack.files))
    if MANIFEST not in pack.files:
        return Checked(tuple(faults))
    try:
        manifest = read_manifest(pack.files[MANIFEST], MANIFEST)
    except InputError as error:
        return Checked((*faults, *_told(error, MANIFEST)))
    faults += [*_of_digests(pack.files, manifest), *_of_seal(pack.files), *_of_archive(pack, manifest)]
    if not faults:  # else what was signed is not what is here
        faults += _of_signature(pack.files, signers, identity)
    checked = Checked(tuple(faults), signed=SIGNATURE in pack.files, manifest=manifest)
    return checked if faults else _by_evidence(checked, pack.files, manifest)


def _of_names(files: Mapping[str, bytes]) -> Iterator[Finding]:
    for name in _NEEDED:
        if name not in files:
            yield Finding(name, "is missing")
    for name in sorted(set(files) - {*_NEEDED, INTERVALS, SIGNATURE}):
        yield Finding(name, "was added: no pack has such a file")


def _of_digests(files: Mapping[str, bytes], manifest: Manifest) -> Iterator[Finding]:
    if manifest.lists_intervals and INTERVALS not in files:
        yield Finding(INTERVALS, "is missing")
    if INTERVALS in files and not manifest.lists_intervals:
        yield Finding(INTERVALS, "was added: no pack has such a file")
    for each in manifest.files:
        if each.name in files and sha256(files[each.name]) != each.sha256:
            size = len(files[each.name])
            more = (
                ""
                if size == each.bytes
                else Sentence(": it has {size:,} bytes, and had {bytes:,}", size=size, bytes=each.bytes)
            )
            yield Finding(each.name, Sentence("was changed since the manifest was written{more}", more=more))
        elif each.name in files and len(files[each.name]) != each.bytes:
            yield Finding(
                MANIFEST,
                Sentence(
                    "says that {name} has {bytes:,} bytes; it has {found:,}",
                    name=each.name,
                    bytes=each.bytes,
                    found=len(files[each.name]),
                ),
            )


def _of_seal(files: Mapping[str, bytes]) -> Iterator[Finding]:
    if SEAL not in files or files[SEAL] == seal_of(files[MANIFEST], files):
        return
    try:
        said = json.loads(files[SEAL])
        known = {each["name"]: each["sha256"] for each in said["letters"]}
        changed = [name for name in LETTERS if name in files and known.get(name) != sha256(files[name])]
        other = said["manifest"] != sha256(files[MANIFEST])
    except (ValueError, TypeError, KeyError, RecursionError):
        yield Finding(SEAL, "is not the seal of a pack")
        return
    if other:
        yield Finding(MANIFEST, "was changed since it was sealed")
    yield from (Finding(name, "was changed since it was sealed") for name in changed)
    if not other and not changed:
        yield Finding(SEAL, "is not written as sla-audit claim pack writes it")


def _of_archive(pack: Pack, manifest: Manifest) -> Iterator[Finding]:
    if manifest.folder != folder_of(manifest.account_id, manifest.cycle):
        yield Finding(
            MANIFEST,
            Sentence("names the folder {folder}, which is not that of its account and cycle", folder=manifest.folder),
        )
    if pack.zipped is not None and pack.zipped != zip_of(manifest.folder, pack.files):
        yield Finding("pack", "the .zip is not as sla-audit claim pack writes it: something in it was changed")


def _of_signature(files: Mapping[str, bytes], signers: Path | None, identity: str | None) -> Iterator[Finding]:
    if SIGNATURE not in files:
        if signers is not None:
            yield Finding(SIGNATURE, "is missing: the pack is not signed")
        return
    fault = fault_of(files.get(SEAL, b""), files[SIGNATURE], signers, identity)
    if fault is not None:
        yield Finding(SIGNATURE, fault)


def _by_evidence(checked: Checked, files: Mapping[str, bytes], manifest: Manifest) -> Checked:
    """Recompute what follows from the evidence; all files are as they were when the pack was made."""
    try:
        day = date.fromisoformat(manifest.as_of)
        cycle = cycle_named(manifest.cycle)
        terms = Terms(manifest.account_id, cycle, Month.checked(day), manifest.reading, manifest.apis)
        enclosed = read_enclosed(files, terms)
        saved = restored(parse_json(files[REPORT], REPORT), Path(REPORT))
        check(saved.saved, Path(REPORT), enclosed.contract, enclosed.working_days)
        report = enclosed.report(coverage_of(saved.saved.coverage)) if saved.saved.coverage else None
        letter = read_terms(files["letter.json"])
    except InputError as error:
        return replace(checked, faults=tuple(_told(error, "pack")))
    except ValueError as error:
        return replace(
            checked, faults=(Finding(MANIFEST, Sentence("has a day that cannot be: {why}", why=said_by(error))),)
        )
    if report is None:
        return replace(checked, faults=(Finding(REPORT, "does not say whether the logs are whole"),))
    faults = [*_of_contract(enclosed, manifest), *_of_rows(enclosed), *_of_report(report, saved)]
    faults += _of_intervals(enclosed, files)
    if not faults and manifest.program.get("sla-audit") == __version__:
        again = render(report, enclosed.contract, Path(REPORT))
        faults += [Finding(REPORT, "is not what follows from the rows and facts enclosed")] * (again != files[REPORT])
    notes = [*_another_agreement(enclosed), *_only_others_tell(enclosed)]
    if not faults:
        found = list(_of_letters(enclosed, manifest, letter, files, report))
        faults += [each for each, is_fault in found if is_fault]
        notes += [each for each, is_fault in found if not is_fault]
    return replace(checked, faults=tuple(faults), notes=tuple(notes), enclosed=enclosed, report=report)


def _of_contract(enclosed: Enclosed, manifest: Manifest) -> Iterator[Finding]:
    contract = enclosed.contract
    if contract.identity != dict(manifest.contract):
        yield Finding(MANIFEST, "names another agreement than the one enclosed")


def _another_agreement(enclosed: Enclosed) -> Iterator[Finding]:
    contract = enclosed.contract
    if contract.id not in built_in_contracts():
        yield Finding(
            "agreement.toml", Sentence("is {id!r}, which does not come with this program: read it", id=contract.id)
        )
    elif load_contract(contract.id).sha256 != contract.sha256:
        yield Finding("agreement.toml", "is not what comes with this program under this id: compare them")


def _of_report(report: Report, saved: Restored) -> Iterator[Finding]:
    """Say what in the report does not follow from the rows."""
    for name in ("exclusions", "totals", "rows", "months"):
        if report.head[name] != saved.report.head.get(name):
            yield Finding(REPORT, Sentence("{name} do not follow from the rows and facts enclosed", name=name))
    found, expected = saved.report.results, report.results
    if found.columns != expected.columns or found.height != expected.height:
        yield Finding(REPORT, "has other results than the rows and facts enclosed give")
        return
    for name in expected.columns:
        # What is derived follows from the others, as was checked, and packs of earlier versions lack it.
        if name.rpartition("/")[2] not in DERIVED and not found[name].equals(expected[name], null_equal=True):
            shown = Sentence(
                "{found:.80}; the rows and facts enclosed give {expected:.80}",
                found=str(found[name].to_list()),
                expected=str(expected[name].to_list()),
            )
            yield Finding(REPORT, Sentence("{name} is {shown}", name=name, shown=shown))


def _of_rows(enclosed: Enclosed) -> Iterator[Finding]:
    """Say which rows are of another class than they say."""
    told, rows = enclosed.told(), enclosed.rows
    differs = pl.any_horizontal(pl.Series(told[name].ne_missing(rows[name])) for name in told.columns)
    wrong = pl.select(pl.arg_where(differs)).to_series().to_list()
    for at in wrong[:_ROWS_NAMED]:
        name = next(name for name in told.columns if told[name][at] != rows[name][at])
        yield Finding(
            f"{ROWS}, line {at + 2}",
            Sentence(
                "{name} is {found!r}; the agreement makes it {told!r}",
                name=name,
                found=rows[name][at],
                told=told[name][at],
            ),
        )
    if len(wrong) > _ROWS_NAMED:
        yield Finding(
            ROWS, Sentence("{more:,} more rows are of another class than they say", more=len(wrong) - _ROWS_NAMED)
        )


def _of_intervals(enclosed: Enclosed, files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Say whether the intervals listed are not those of the rows."""
    if (enclosed.contract.measure is None) != (INTERVALS not in files):
        yield Finding(INTERVALS, "goes with an agreement that is judged by intervals, and with no other")
    elif INTERVALS in files and files[INTERVALS] != write_intervals(enclosed):
        yield Finding(INTERVALS, "does not say what follows from the rows and facts enclosed")


def _only_others_tell(enclosed: Enclosed) -> Iterator[Finding]:
    """Say what follows from nothing in a pack."""
    yield Finding(
        ROWS,
        Sentence(
            "only logs can tell that they have these {rows:,} rows: name some after PACK", rows=enclosed.rows.height
        ),
    )
    duplicates = int((enclosed.rows["class"] == "duplicate").sum())
    if duplicates:
        yield Finding(
            ROWS, Sentence("{duplicates:,} of them are said to be requests logged again", duplicates=duplicates)
        )
    answered = int(enclosed.answered["requests"].sum())
    if answered:
        yield Finding(
            ANSWERED,
            Sentence("{answered:,} plain answers are counted by day, and not enclosed one by one", answered=answered),
        )
    yield Finding(FACTS, "plan, bill, exclusions and when these were announced are as the claimant says")
    yield Finding(REPORT, "whether the logs are whole (coverage) is as the claimant says")


def _of_letters(
    enclosed: Enclosed, manifest: Manifest, letter: LetterTerms, files: Mapping[str, bytes], report: Report
) -> Iterator[tuple[Finding, bool]]:
    """Write letters and page again, and say which are others, and which cannot be written here as they were there."""
    explained = enclosed.explanation()
    if explained.claim.state != "open":
        yield (
            Finding(
                "letter",
                Sentence(
                    "claims what cannot be claimed on {as_of}: {state}",
                    as_of=manifest.as_of,
                    state=explained.claim.state,
                ),
            ),
            True,
        )
        return
    if manifest.program.get("sla-audit") != __version__:
        said = Sentence(
            "made by version {made}, and this is {this}", made=manifest.program.get("sla-audit"), this=__version__
        )
        yield Finding("letters and page", Sentence("were not written again: {said}", said=said)), False
        digest = sha256(files[MANIFEST]).encode()
        named = [name for name in LETTERS if name.endswith(".md") and digest not in files[name]]
        yield from ((Finding(name, "does not name the digest of the manifest"), True) for name in named)
        return
    number = reference(enclosed.contract.id, manifest.account_id, manifest.cycle, letter.edition)
    claimed = claimed_of(enclosed, manifest, letter.parties, number)
    here, there = made_by(), {name: version for name, version in manifest.program.items() if name != "sla-audit"}
    unlike = {name for name in {*here, *there} if here.get(name) != there.get(name)}
    if unlike or any(cannot_write_letters()) or FORMATS[".html"].missing():
        made = markdown_letters(claimed)
        others = ", ".join(sorted(unlike)) or "some library"
        yield (
            Finding(
                ".docx, .pdf and page",
                Sentence("were not written again: {others} is of another version here", others=others),
            ),
            False,
        )
    else:
        made = letters(claimed) | {PAGE: render(report, enclosed.contract, Path(PAGE))}
        if letter.font_embedded:
            made = {name: content for name, content in made.items() if not name.endswith(".pdf")}
            yield Finding(".pdf", "was not written again: a font is part of it"), False
    for name, content in made.items():
        if files[name] != content:
            yield Finding(name, "does not say what follows from the rows and facts enclosed"), True


def _told(error: InputError, otherwise: str) -> Iterable[Finding]:
    return [Finding(problem.where or otherwise, problem.what) for problem in error.problems]
