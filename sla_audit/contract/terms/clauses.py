"""What becomes of each clause, what logs cannot show, and which clauses reports cite."""

from __future__ import annotations

from typing import NamedTuple

from sla_audit.contract.terms.fields import Basis, Bilingual, Part
from sla_audit.system.settings_file import Name, OneLine


class Clause(Part):
    """What the program makes of a clause; shown by `sla-audit contract show`."""

    number: Name
    title: Bilingual
    basis: Basis
    how: OneLine


class Unseen(Part):
    """What access logs cannot show, and what to ask the provider for."""

    what: Bilingual
    ask: Bilingual


class Citations(NamedTuple):
    """The clauses of an agreement that reports cite besides those of its terms.

    They list the causes that are left out, have the rate, the accuracy of metering if any, and what readings are of.
    """

    causes: str
    rate: str
    metering: str | None
    readings: str
