"""The list of what a claim pack holds, `sla-audit/claim-pack/1`, and the seal that binds the letters to it.

The manifest has the digest of every file but the letters, which name its own digest. The seal has the digests of both,
so that a letter cannot be exchanged either; it is what is signed, since everything follows from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sla_audit.errors import InputError, Problem, field_name
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.output.escape import for_json
from sla_audit.sentence import Sentence, said_by, to_say
from sla_audit.system.plain_text import is_unicode

SCHEMA = "sla-audit/claim-pack/1"
SEAL_SCHEMA = "sla-audit/claim-pack-seal/1"
MANIFEST, SEAL, SIGNATURE = "manifest.json", "seal.json", "seal.json.sig"
LETTERS = tuple(f"letter.{language}.{suffix}" for language in ("en", "zh") for suffix in ("docx", "md", "pdf"))
"""The letter in each language and form."""

REPORT, PAGE, ROWS, ANSWERED = "report.json", "page.html", "rows.csv", "answered.csv"
FACTS, AGREEMENT, LETTER = "facts.json", "agreement.toml", "letter.json"
CONTENTS = (AGREEMENT, ANSWERED, FACTS, LETTER, PAGE, REPORT, ROWS)
"""What the manifest lists, in its order."""
INTERVALS = "intervals.csv"
BY_INTERVALS = tuple(sorted((*CONTENTS, INTERVALS)))
"""What it lists where the agreement measures intervals."""

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0, le=10**15, strict=True)]


def _encodable(text: str) -> str:
    if not is_unicode(text):
        raise ValueError("holds half a character (a lone surrogate)")
    return text


_Text = Annotated[str, AfterValidator(_encodable)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PackedFile(_Part):
    """A file of the pack."""

    name: _Text
    bytes: _Count
    sha256: _Digest


class Agreement(_Part):
    """The agreement under which is claimed."""

    id: _Text
    version: _Text
    sha256: _Digest


class Log(_Part):
    """A log or tally that was counted; others' rows are in it too."""

    path: _Text
    bytes: _Count
    rows: _Count


class Manifest(_Part):
    """What a pack is about, what made it, and what it holds.

    `program` has the version of the program and of each library that its files depend on.
    """

    schema_: Literal["sla-audit/claim-pack/1"] = Field(alias="schema")
    folder: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$")]
    account_id: _Text
    cycle: Annotated[str, AfterValidator(lambda text: str(cycle_named(text)))]
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    reading: _Text
    apis: tuple[_Text, ...]
    pseudonymised: Annotated[bool, Field(strict=True)]
    program: dict[_Text, _Text]
    contract: Agreement
    logs: tuple[Log, ...]
    files: tuple[PackedFile, ...]

    @model_validator(mode="after")
    def _lists_what_there_is(self) -> Self:
        if tuple(each.name for each in self.files) not in {CONTENTS, BY_INTERVALS}:
            raise ValueError(Sentence("files should be {contents}, in this order", contents=", ".join(CONTENTS)))
        return self

    @property
    def lists_intervals(self) -> bool:
        """Whether the intervals in which requests failed are among the files."""
        return len(self.files) == len(BY_INTERVALS)

    def written(self) -> bytes:
        """Write it; the same gives the same bytes."""
        return _written(self.model_dump(by_alias=True, mode="json"))


def read_manifest(content: bytes, where: str) -> Manifest:
    """Read a manifest. Raises `InputError` where it is none, or not written as `Manifest.written` does."""
    try:
        manifest = Manifest.model_validate(json.loads(content.decode("utf-8")))
    except ValidationError as error:
        raise InputError(
            *(
                Problem(f"{where}: {field_name(each['loc']) or 'manifest'}", each["msg"], AGAIN)
                for each in error.errors()
            )
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(Problem(where, Sentence("not JSON in UTF-8: {why}", why=said_by(error)), AGAIN)) from error
    if manifest.written() != content:
        raise InputError(Problem(where, "is not written as sla-audit claim pack writes it", AGAIN))
    return manifest


AGAIN = to_say("Ask for the pack again, or make it again with sla-audit claim pack.")


def packed(files: Mapping[str, bytes]) -> tuple[PackedFile, ...]:
    """Give the size and digest of each file."""
    return tuple(PackedFile(name=name, bytes=len(each), sha256=sha256(each)) for name, each in files.items())


def seal_of(manifest: bytes, letters: Mapping[str, bytes]) -> bytes:
    """Write the seal of a manifest and the letters that go with it."""
    listed = [each.model_dump() for each in packed({name: letters[name] for name in LETTERS if name in letters})]
    return _written({"schema": SEAL_SCHEMA, "manifest": sha256(manifest), "letters": listed})


def sha256(content: bytes) -> str:
    """Digest bytes."""
    return hashlib.sha256(content).hexdigest()


def _written(document: Any) -> bytes:
    return (for_json(json.dumps(document, ensure_ascii=False, indent=1)) + "\n").encode()
