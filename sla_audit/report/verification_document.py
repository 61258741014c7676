"""What the check of a claim pack found, as a document: `sla-audit/verification/1`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sla_audit.output.escape import for_json
from sla_audit.sentence import Message

SCHEMA = "sla-audit/verification/1"


@dataclass(frozen=True)
class Said:
    """Something about a file of the pack."""

    where: Message
    what: Message


@dataclass(frozen=True)
class Differs:
    """What pack and logs say differently; None: nothing."""

    what: str
    in_pack: str | None
    in_logs: str | None


@dataclass(frozen=True)
class Counted:
    """What counting other logs gave, and how much less than is claimed: below 0 where it is more."""

    compensation: str | None
    less: str | None
    differences: Sequence[Differs]


@dataclass(frozen=True)
class Verification:
    """What a check found; None where the pack could not be read so far, and `counted` where no logs were given."""

    pack: str
    account_id: str | None
    cycle: str | None
    compensation: str | None
    currency: str | None
    signed: bool
    faults: Sequence[Said]
    notes: Sequence[Said]
    counted: Counted | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong with the pack, and logs that were given say the same."""
        return not self.faults and not (self.counted and self.counted.differences)


def render_verification(found: Verification) -> str:
    """Write it as JSON; the same gives the same bytes."""
    whole = {
        "schema": SCHEMA,
        "pack": found.pack,
        "account_id": found.account_id,
        "cycle": found.cycle,
        "compensation": found.compensation,
        "currency": found.currency,
        "signed": found.signed,
        "sound": not found.faults,
        "faults": [vars(each) for each in found.faults],
        "notes": [vars(each) for each in found.notes],
        "counted_again": None
        if found.counted is None
        else {
            "equal": not found.counted.differences,
            "compensation": found.counted.compensation,
            "less": found.counted.less,
            "differences": [vars(each) for each in found.counted.differences],
        },
    }
    return for_json(json.dumps(whole, ensure_ascii=False, indent=1, default=str)) + "\n"
