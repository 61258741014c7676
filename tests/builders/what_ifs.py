"""Worlds crowded with exclusions, and what each of these is worth."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from tests.builders.worlds import DAYS, IDS, MIDDLE, World, windows
from tests.oracles.judgement import Account, Bill, Row, Window

CONTRACT = load_contract(BUILT_IN)


# Two accounts whose failures lie in windows that overlap, in a month that is over or one that still runs.
NEAR = st.sampled_from([MIDDLE, MIDDLE + timedelta(hours=1), MIDDLE + timedelta(hours=30), DAYS[0], DAYS[1]])


failures = st.lists(
    st.builds(
        Row, NEAR, st.sampled_from(IDS[:2]), st.sampled_from([502, 503, None, 500, 504]), region=st.just("north")
    ),
    max_size=30,
)


answers = st.builds(
    lambda many, account_id: [Row(MIDDLE - timedelta(days=3), account_id, 200)] * many,
    st.integers(0, 400),
    st.sampled_from(IDS[:2]),
)


wide = st.lists(
    st.builds(
        lambda clause, start, hours, ids, announced: Window(
            "", clause, start, start + timedelta(hours=hours), start - timedelta(days=announced), ids
        ),
        st.sampled_from([1, 1, 2, 3, 11]),
        st.sampled_from([MIDDLE - timedelta(days=1), MIDDLE, MIDDLE + timedelta(hours=1), DAYS[0]]),
        st.sampled_from([1, 2, 48, 24 * 40]),
        st.sampled_from([(), (), ("a",), ("b",)]),
        st.sampled_from([1, 1, 0]),
    ),
    min_size=1,
    max_size=4,
)


bills = st.sampled_from(
    [
        [Bill("a", "2026-10", "1200.00", "1000.00"), Bill("b", "2026-10", "411.10", "20.00")],
        [Bill("a", "2026-10", "0.07", "1000.00")],
        [],
    ]
)


plans = st.sampled_from(
    [None, [Account("a", "paid", DAYS[0].date(), None), Account("b", "free", DAYS[0].date(), None)]]
)


crowded = st.builds(
    lambda rows, more, plans, bills, windows: World([*rows, *more], plans, bills, windows, None),
    failures,
    answers,
    plans,
    bills,
    wide | windows,
)


def tiers_of(*edges: str) -> Contract:
    """Give a contract whose tiers begin at these rates, the objective first."""
    below = [*edges, "0"]
    tiers = [
        {"from": Decimal(lower), "below": Decimal(upper), "rate": Decimal(at) / 10}
        for at, (upper, lower) in enumerate(pairwise(below), 1)
    ]
    terms = CONTRACT.compensation.model_dump(by_alias=True) | {"tiers": tiers}
    objective = CONTRACT.objective.model_copy(update={"success_rate": Decimal(edges[0])})
    return CONTRACT.model_copy(update={"compensation": Compensation.model_validate(terms), "objective": objective})


CONTRACTS = {
    "the agreement": CONTRACT,
    "a single tier": tiers_of("0.5"),
    "thirds": tiers_of("0.666666", "0.333333"),
    "tiers close to each other": tiers_of("0.99", "0.989999", "0.985"),
    "an objective of everything": tiers_of("1", "0.999999", "0.000001"),
}
