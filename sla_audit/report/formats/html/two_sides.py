"""The page of a comparison: what the difference is worth, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.model.comparison import SIDES
from sla_audit.report.formats.html.environment import asset, page_environment
from sla_audit.report.formats.html.inline import content_security_policy
from sla_audit.report.language import Words
from sla_audit.report.two_sides import words as said
from sla_audit.report.two_sides.document import Compared, one_by_one

_MOST_GROUPS, _MOST_REQUESTS = 500, 1000
_STYLES = ("style.css", "two_sides.css")


class Group(NamedTuple):
    """Requests that differ alike: how, what each side has of them, how many they are, and what they move."""

    kind: str
    ours: str
    theirs: str
    requests: str
    moved: str


class Request(NamedTuple):
    """A request that differs: how, and of each side what it has of it, when, and where that stands."""

    kind: str
    id: str | None
    ours: tuple[str, str, str]
    theirs: tuple[str, str, str]


def render_comparison_page(compared: Compared, contract: Contract, words: Words) -> bytes:
    """Make the page; the same comparison gives the same bytes."""
    found, style = compared.comparison, "".join(map(asset, _STYLES))
    words = words.of_cycles(contract).owing(compared.currency)
    requests = None if found.requests is None else one_by_one(compared)
    page = page_environment(words).get_template("two_sides.html.jinja")
    text = page.render(
        words=words,
        currency=words.heading(compared.currency),
        contract=contract,
        compared=compared,
        reading=contract.readings[compared.reading],
        about=said.about(compared, words),
        outcome=said.outcome(compared, words),
        difference=None if compared.difference is None else words.owed(abs(compared.difference)),
        amounts=[words.owed(each) for each in found.amounts],
        differing=sum(found.differences["requests"].to_list()),
        totals=list(said.totals(compared, words)),
        groups=list(_groups(found.differences.head(_MOST_GROUPS), words)),
        groups_hidden=max(found.differences.height - _MOST_GROUPS, 0),
        of_facts=words.of(said.OF_FACTS) if found.by_facts else None,
        moved_by_facts=said.signed(found.by_facts, words),
        together=said.signed(_together(compared), words),
        day_titles=said.headings(words),
        days=[(str(row["day"]), said.of_a_day(row)) for row in found.days.iter_rows(named=True)],
        requests=None if requests is None else list(_requests(requests.head(_MOST_REQUESTS), words)),
        requests_hidden=0 if requests is None else max(requests.height - _MOST_REQUESTS, 0),
        unlisted=said.unlisted(compared, words),
        style=style,
        policy=content_security_policy(style, ""),
    )
    return text.encode()


def _together(compared: Compared) -> Decimal | None:
    """Add up what all differences move; None where some of it is not known."""
    moved: list[Decimal | None] = [*compared.comparison.differences["moved"], compared.comparison.by_facts]
    return None if None in moved else sum((each for each in moved if each is not None), Decimal(0))


def _groups(differences: pl.DataFrame, words: Words) -> Iterator[Group]:
    for row in differences.iter_rows(named=True):
        ours, theirs = (said.side_of(row, side, words) for side in SIDES)
        kind = words.of(said.KINDS[row["difference"]])
        yield Group(kind, ours, theirs, f"{row['requests']:,}", said.signed(row["moved"], words))


def _requests(requests: pl.DataFrame, words: Words) -> Iterator[Request]:
    for row in requests.iter_rows(named=True):
        ours, theirs = (_of_request(row, side, words) for side in SIDES)
        yield Request(words.of(said.KINDS[row["difference"]]), row["request_id"], ours, theirs)


def _of_request(row: dict[str, Any], side: str, words: Words) -> tuple[str, str, str]:
    if row[f"{side}_place"] is None:
        return "", "", ""
    where = words.say("{file}, {place}", file=row[f"{side}_file"], place=row[f"{side}_place"])
    return said.side_of(row, side, words), row[f"{side}_time"], where
