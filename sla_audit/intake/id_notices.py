"""What a reader of the report should know about what request ids told, and did not tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_UP, Decimal

from sla_audit.model.notice import Notice


def id_notices(ids: Mapping[str, int], read: int) -> Iterator[Notice]:
    """Say, in a fixed order, what was taken out of the rows that were `read` because of their ids, and what was not.

    `ids` has the numbers of `tally.dedup.same_request.Ids`.
    """
    yield from _duplicate(ids["duplicate"], read)
    yield from _contradicted(ids["contradicted"])
    yield from _reused(ids["reused_ids"], ids["reused"])
    yield from _shared(ids["shared"])


def _duplicate(duplicate: int, read: int) -> Iterator[Notice]:
    if duplicate:
        share = (Decimal(100 * duplicate) / read).quantize(Decimal("0.01"), ROUND_UP)
        yield Notice(
            "{duplicate} of {read} rows ({share} %) are duplicates: the same request was logged again, and is counted "
            "once",
            "info",
            duplicate=duplicate,
            read=read,
            share=str(share),
        )


def _contradicted(contradicted: int) -> Iterator[Notice]:
    if contradicted == 1:
        yield Notice(
            "1 request has rows that contradict each other; the row with the lowest status is counted, one without a "
            "status last",
            "money",
        )
    elif contradicted:
        yield Notice(
            "{requests} requests have rows that contradict each other; the row with the lowest status is counted, one "
            "without a status last",
            "money",
            requests=contradicted,
        )


def _reused(ids: int, rows: int) -> Iterator[Notice]:
    if ids:
        yield Notice(
            "request ids that are no request's own, as they are used at more than one time: {ids}, in {rows} rows; "
            "none of these rows is taken for a duplicate",
            "money",
            ids=ids,
            rows=rows,
        )


def _shared(rows: int) -> Iterator[Notice]:
    if rows:
        yield Notice(
            "rows that share request id and time with others, but do not say the same: {rows}; each is counted as a "
            "request of its own",
            "money",
            rows=rows,
        )
