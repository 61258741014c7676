"""Who claims from whom, and under which reference."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sla_audit.report.language import Words
from sla_audit.sentence import to_say

_NUMBERED = 8

PLACEHOLDERS = {
    "claimant": to_say("[TO FILL IN: name of the claimant]"),
    "claimant_address": to_say("[TO FILL IN: address of the claimant]"),
    "contact": to_say("[TO FILL IN: telephone and e-mail]"),
    "signatory": to_say("[TO FILL IN: name and position of who signs]"),
    "provider": to_say("[TO FILL IN: name of the provider]"),
    "provider_address": to_say("[TO FILL IN: address or e-mail of the provider]"),
}
"""What stands in a letter for what is not given."""


@dataclass(frozen=True)
class Parties:
    """Who claims and who is to pay; None where it is not given."""

    claimant: str | None = None
    claimant_address: str | None = None
    contact: str | None = None
    signatory: str | None = None
    provider: str | None = None
    provider_address: str | None = None

    def said(self, name: str, words: Words) -> str:
        """Give what is known, or a mark where it is to be filled in."""
        given: str | None = getattr(self, name)
        return words.of(PLACEHOLDERS[name]) if given is None else given

    @property
    def missing(self) -> list[str]:
        """Name what is to be filled in."""
        return [name for name in PLACEHOLDERS if getattr(self, name) is None]


def reference(contract_id: str, account: str, cycle: str, edition: int) -> str:
    """Give the number of a letter: that of the claim under its contract, which is always the same, and the edition."""
    digest = hashlib.sha256("\n".join((contract_id, account, cycle)).encode("utf-8", "surrogateescape")).hexdigest()
    return f"SLA-{cycle.replace('-', '')}-{digest[:_NUMBERED].upper()}-{edition}"
