"""Requests of callers who ask again after errors, drawn and written as logs, and contracts that leave some out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from hypothesis import strategies as st

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.classes import Condition, Rule
from sla_audit.contract.terms.measure import Measure
from sla_audit.contract.terms.repeats import Repeats
from sla_audit.model.instant import midnight
from tests.builders.plain_rows import write_rows
from tests.builders.worlds import CONTRACT
from tests.oracles import repeats as oracle

ZONE = CONTRACT.zone
FIRST = date(2026, 10, 5)
ERRORS = ("none", "5xx")


class Row(NamedTuple):
    """A request: when, of whom, by whom, for what, how it ended; its number makes its id, if it has one."""

    at: datetime
    account: str
    client: str | None
    api: str
    status: int | None
    number: int


TERMS = (
    oracle.Terms(timedelta(seconds=1), 2, timedelta(seconds=8)),
    oracle.Terms(timedelta(seconds=2), 3, timedelta(seconds=7)),
    oracle.Terms(timedelta(seconds=2)),
    oracle.Terms(timedelta(seconds=5), after_each=False),
    oracle.Terms(timedelta(hours=1), after_each=False),
    oracle.Terms(timedelta(minutes=10), 5, timedelta(hours=1)),
)


def _written(wait: timedelta) -> str:
    return f"{wait // timedelta(seconds=1)}s"


def repeats_of(terms: oracle.Terms, same: tuple[str, ...]) -> dict[str, Any]:
    """Write terms as a contract file has them."""
    growing = {} if terms.most is None else {"factor": terms.factor, "most_wait": _written(terms.most)}
    after = "each_error" if terms.after_each else "first_error"
    return {"clause": "9.1", "same": same, "errors": ERRORS, "wait": _written(terms.wait), "after": after} | growing


def contract_of(terms: oracle.Terms, same: tuple[str, ...] = ("api", "client"), interval: Any = None) -> Contract:
    """Give the contract of tests as one that leaves repeated requests out, and may be judged by intervals."""
    rule = Rule.model_validate({"when": Condition(repeated=True), "class": "excluded", "cause": 7})
    measure = None if interval is None else Measure(kind="mean_of_intervals", clause="2.7", interval=interval)
    return CONTRACT.model_copy(
        update={
            "repeats": Repeats.model_validate(repeats_of(terms, same)),
            "classification": (rule, *CONTRACT.classification),
            "measure": measure,
        }
    )


_seconds = st.one_of(
    st.integers(-3, 20),
    st.integers(0, 20_000).map(lambda each: each / 1000),
    st.integers(-5, 5).map(lambda each: each + 86_400),
    st.integers(-90_000, 200_000),
)


@st.composite
def rows(draw: st.DrawFn, first: date = FIRST) -> list[Row]:
    """Draw requests of few callers, most of them shortly after each other, in any order, around the days of `first`."""
    start = midnight(first, ZONE)
    drawn = draw(
        st.lists(
            st.tuples(
                _seconds,
                st.sampled_from("AAB"),
                st.sampled_from(["c", "c", "d", None]),
                st.sampled_from("xxy"),
                st.sampled_from([503, 503, 500, None, 200, 404]),
            ),
            min_size=1,
            max_size=30,
        )
    )
    return [
        Row(start + timedelta(microseconds=round(second * 10**6)), *each, number)
        for number, (second, *each) in enumerate(drawn)
    ]


def write(folder: Path, listed: Sequence[Row], chance: random.Random, *, again: bool) -> None:
    """Write rows into logs of several formats, by chance in order; some of them, where asked, `again`."""
    listed = [*listed, *(chance.sample(listed, len(listed) // 2) if again else ())]
    if chance.random() < 0.5:
        listed.sort(key=lambda row: row.at)
    else:
        chance.shuffle(listed)
    parts: dict[str, list[Row]] = {}
    for row in listed:
        parts.setdefault(chance.choice(["a.csv", "b.parquet", "c.jsonl", "d.parquet"]), []).append(row)
    for name, some in parts.items():
        write_rows(folder / name, [_plain(row) for row in some], chance)


def _plain(row: Row) -> dict[str, Any]:
    return {
        "timestamp": row.at.isoformat(timespec="microseconds"),
        "account_id": row.account,
        "status": row.status,
        "api": row.api,
        "client": row.client,
        "request_id": f"r{row.number}",
    }


ALIASES = pl.DataFrame(
    {"key": ["A"], "account": ["B"], "from": [None], "to": [FIRST + timedelta(days=1)]},
    schema={"key": pl.String, "account": pl.String, "from": pl.Date, "to": pl.Date},
)
"""Until the 5th, and on it, what is of A is of B."""


def repeated(
    listed: Sequence[Row],
    terms: oracle.Terms,
    same: tuple[str, ...],
    *,
    aliases: bool = False,
    apis: Sequence[str] = ("x", "y"),
) -> list[bool]:
    """Tell of each row whether it is a repeated request, of a service of some operations."""
    sent = []
    own = [at for at, row in enumerate(listed) if row.api in apis]
    for row in (listed[at] for at in own):
        owner = "B" if aliases and row.account == "A" and row.at.astimezone(ZONE).date() <= FIRST else row.account
        caller = (owner, *(getattr(row, name) for name in same))
        sent.append(oracle.Sent(caller, row.at, row.status is None or row.status >= 500))
    told = dict(zip(own, oracle.repeated(sent, terms, ZONE), strict=True))
    return [told.get(at, False) for at in range(len(listed))]
