"""Accounts that an agreement judges apart, by region or API."""

from __future__ import annotations

from hypothesis import given

from sla_audit.model.tally import OUTCOME
from sla_audit.tally.apart import told_apart
from tests.builders.tallies import Row, rows, spelt, tally


def test_an_account_is_one_in_each_region() -> None:
    found = told_apart(tally([("A", 0, 200, "east"), ("A", 0, 503, "west"), ("B", 1, 200, None)]), ["region"])
    assert sorted(found.accounts["account_id"]) == ["A/east", "A/west", "B/unknown"]


@given(rows)
def test_every_request_stays_where_and_what_it_is(listed: list[Row]) -> None:
    expected: dict[tuple[object, ...], int] = {}
    for (account, *rest), requests in spelt(tally(listed)).items():
        region = rest[list(OUTCOME).index("region") + 2] or "unknown"
        expected[f"{account}/{region}", *rest] = requests
    assert spelt(told_apart(tally(listed), ["region"])) == expected
