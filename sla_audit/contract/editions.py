"""Editions of one agreement: a cycle is judged by the one that is in force when it begins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from sla_audit.contract.model import Contract
from sla_audit.errors import Problem, refuse
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.cycle_lengths import NAMES
from sla_audit.sentence import Sentence

Stretch = tuple[Contract, ServiceCycle, ServiceCycle]
"""An edition, and the first and the last of the cycles in a row that it is in force in."""


def in_force(editions: Sequence[Contract], cycles: Sequence[ServiceCycle]) -> list[Stretch]:
    """Give each cycle to the edition in force on its first day; those before all editions to the earliest.

    `cycles` are in a row. Raises `InputError` where no edition is in force any more, two begin on one day, or one has
    cycles of another length than the others.
    """
    ordered = sorted(editions, key=lambda each: each.effective_from)
    refuse(
        Problem(
            Sentence("contract {id!r}", id=later.id),
            Sentence("is in force from {day}, as is {other!r}", day=later.effective_from, other=earlier.id),
            "Mend effective_from of one of the two editions.",
        )
        for earlier, later in pairwise(ordered)
        if earlier.effective_from == later.effective_from
    )
    refuse(
        Problem(
            Sentence("contract {id!r}", id=each.id),
            Sentence(
                "its cycle is a {length}, and that of {other!r} is a {other_length}",
                length=Sentence(NAMES[each.cycle.length]),
                other=ordered[0].id,
                other_length=Sentence(NAMES[ordered[0].cycle.length]),
            ),
            "Audit each edition as an agreement of its own, with the cycles in which it is in force.",
        )
        for each in ordered
        if each.cycles is not ordered[0].cycles
    )
    chosen = [(_edition(ordered, cycle), cycle) for cycle in cycles]
    refuse(
        Problem(
            Sentence("cycle {month}", month=cycle),
            Sentence("no edition is in force: {contract!r} ends with {day}", contract=each.id, day=each.effective_to),
            "Name the edition that follows it, or leave these cycles out with --cycle.",
        )
        for each, cycle in chosen
        if each.effective_to is not None and each.effective_to < cycle.first_day
    )
    stretches = []
    for _, group in groupby(chosen, key=lambda pair: ordered.index(pair[0])):
        run = list(group)
        stretches.append((run[0][0], run[0][1], run[-1][1]))
    return stretches


def _edition(ordered: Sequence[Contract], cycle: ServiceCycle) -> Contract:
    begun = [each for each in ordered if each.effective_from <= cycle.first_day]
    return begun[-1] if begun else ordered[0]
