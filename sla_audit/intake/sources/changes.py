"""Logs of a run that have changed since their reading was planned, which is seen once all are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.sources.source import Source
from sla_audit.storage.objects import at_once


@contextmanager
def unchanged(sources: Iterable[Source]) -> Iterator[None]:
    """Raise `InputError` where a file has changed since its reading was planned: also in place of what was found then.

    What is wrong with a log that was cut or replaced meanwhile is not what is wrong.
    """
    try:
        yield
    except InputError:
        refuse(_changes(sources))
        raise
    refuse(_changes(sources))


def _changes(sources: Iterable[Source]) -> Iterator[Problem]:
    planned = []
    for source in sources:
        with suppress(OSError):  # of one that could not be read at all
            planned.append(source.planned)
    yield from filter(None, (each.change() for each in planned if each.near))
    yield from filter(None, at_once(lambda each: each.change(), (each for each in planned if not each.near)))
