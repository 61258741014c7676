"""Which exclusions are accepted, and what each one covers (clause 2.7.1 (1)-(12))."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.judge.classification.covering import covering as covering_of
from sla_audit.judge.classification.exclusions import examine
from sla_audit.judge.dimensions import Dimensions
from sla_audit.model.facts import Exclusion
from sla_audit.model.verdicts import ExclusionFinding

CONTRACT = load_contract(BUILT_IN)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHANGHAI = timezone(timedelta(hours=8))

START = datetime(2026, 10, 12, 1, tzinfo=SHANGHAI)
END = datetime(2026, 10, 12, 3, tzinfo=SHANGHAI)
MICROSECOND = timedelta(microseconds=1)

WINDOW = Exclusion("X", 3, START, END)


class TestNotice:
    @pytest.mark.parametrize(
        ("notified_at", "state", "reason"),
        [
            (START - timedelta(days=3), "applied", None),
            (START - MICROSECOND, "applied", None),
            (START, "refused", "announced_late"),
            (START.astimezone(UTC), "refused", "announced_late"),
            (START + MICROSECOND, "refused", "announced_late"),
            (END + timedelta(days=3), "refused", "announced_late"),
            (None, "refused", "not_announced"),
        ],
        ids=[
            "three days before",
            "a microsecond before the start",
            "exactly at the start",
            "exactly at the start, written in another zone",
            "a microsecond after the start",
            "after the end",
            "never",
        ],
    )
    def test_clause_1_counts_only_what_was_announced_before_it_began(
        self, notified_at: datetime | None, state: str, reason: str | None
    ) -> None:
        maintenance = Exclusion("M", 1, START, END, notified_at)
        finding = examine(maintenance, CONTRACT)
        assert (finding.state, finding.reason, finding.requests) == (state, reason, 0)
        assert finding.exclusion is maintenance

    @pytest.mark.parametrize("clause", [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    @pytest.mark.parametrize("notified_at", [None, START], ids=["no notice", "a notice at the start"])
    def test_no_other_clause_asks_for_notice(self, clause: int, notified_at: datetime | None) -> None:
        finding = examine(Exclusion("X", clause, START, END, notified_at), CONTRACT)
        assert (finding.state, finding.reason) == ("applied", None)


Slot = tuple[int, int, int, str | None, str | None]


def slot(
    starts_at: datetime, ends_at: datetime, account: int = 0, region: str | None = None, api: str | None = None
) -> Slot:
    return ((starts_at - EPOCH) // MICROSECOND, (ends_at - EPOCH) // MICROSECOND, account, region, api)


INSIDE = slot(START, END)
ACCOUNTS = pl.Series(["A", "B", "C"])


def covering(exclusions: list[Exclusion], *slots: Slot, refused: frozenset[str] = frozenset()) -> list[int | None]:
    """Give the position of the exclusion that covers each slot; some of them are refused."""
    findings = [
        ExclusionFinding(exclusion, "refused", "not_announced")
        if exclusion.id in refused
        else ExclusionFinding(exclusion, "applied", None)
        for exclusion in exclusions
    ]
    schema = {
        "starts_at": pl.Int64,
        "ends_at": pl.Int64,
        "account": pl.UInt32,
        "region": pl.String,
        "api": pl.String,
    }
    told = pl.DataFrame(list(slots), schema=schema, orient="row").with_row_index("slot").with_columns(outcome="slot")
    lists = Dimensions(ACCOUNTS, told.select("starts_at", "ends_at"), told.select("region", "api"), cycles=1)
    found = covering_of(told, findings, lists)
    for at, (first, then) in enumerate(zip(found.first, found.next, strict=True)):
        others = [replace(finding, state="refused") if n == first else finding for n, finding in enumerate(findings)]
        assert covering_of(told, others, lists).first[at] == then
    return found.first.to_list()


HOUR = timedelta(hours=1)

EDGES = [
    ("the hour before the window", slot(START - HOUR, START), None),
    ("the microsecond before the window", slot(START - MICROSECOND, START), None),
    ("the first microsecond of the window", slot(START, START + MICROSECOND), 0),
    ("the whole window", slot(START, END), 0),
    ("the middle of the window", slot(START + HOUR / 2, END - HOUR / 2), 0),
    ("the last microsecond of the window", slot(END - MICROSECOND, END), 0),
    ("the first microsecond after the window", slot(END, END + MICROSECOND), None),
    ("the hour after the window", slot(END, END + HOUR), None),
    ("the same hours of the next day", slot(START + 24 * HOUR, END + 24 * HOUR), None),
]


class TestTime:
    @pytest.mark.parametrize(("row", "expected"), [case[1:] for case in EDGES], ids=[case[0] for case in EDGES])
    def test_a_window_is_half_open(self, row: Slot, expected: int | None) -> None:
        assert covering([WINDOW], row) == [expected]

    def test_windows_that_touch_share_no_moment(self) -> None:
        later = replace(WINDOW, starts_at=END, ends_at=END + HOUR)
        assert covering([WINDOW, later], slot(END - HOUR, END), slot(END, END + HOUR)) == [0, 1]


SCOPES = [
    ("no scope covers every account", WINDOW, [slot(START, END, account) for account in (0, 1, 2)], [0, 0, 0]),
    (
        "one account",
        replace(WINDOW, accounts=frozenset({"B"})),
        [slot(START, END, account) for account in (0, 1, 2)],
        [None, 0, None],
    ),
    (
        "two accounts",
        replace(WINDOW, accounts=frozenset({"A", "C"})),
        [slot(START, END, account) for account in (0, 1, 2)],
        [0, None, 0],
    ),
    (
        "an account that the log does not hold",
        replace(WINDOW, accounts=frozenset({"Z"})),
        [slot(START, END, account) for account in (0, 1, 2)],
        [None, None, None],
    ),
    (
        "one region; a request without one is not in it",
        replace(WINDOW, regions=frozenset({"north"})),
        [slot(START, END, region=region) for region in ("north", "east", None)],
        [0, None, None],
    ),
    (
        "one API; a request without one is not in it",
        replace(WINDOW, apis=frozenset({"compose"})),
        [slot(START, END, api=api) for api in ("compose", "search", None)],
        [0, None, None],
    ),
    (
        "no region in the scope covers a request without one",
        replace(WINDOW, apis=frozenset({"compose"})),
        [slot(START, END, region=region, api="compose") for region in ("north", "", None)],
        [0, 0, 0],
    ),
    (
        "account, region and API must all be met",
        replace(WINDOW, accounts=frozenset({"A"}), regions=frozenset({"north"}), apis=frozenset({"compose"})),
        [
            slot(START, END, 0, "north", "compose"),
            slot(START, END, 1, "north", "compose"),
            slot(START, END, 0, "east", "compose"),
            slot(START, END, 0, "north", "search"),
        ],
        [0, None, None, None],
    ),
    (
        "the scope widens no window",
        replace(WINDOW, accounts=frozenset({"A"})),
        [slot(END, END + HOUR, 0)],
        [None],
    ),
]


@pytest.mark.parametrize(
    ("exclusion", "rows", "expected"), [case[1:] for case in SCOPES], ids=[case[0] for case in SCOPES]
)
def test_an_exclusion_covers_its_scope_and_nothing_else(
    exclusion: Exclusion, rows: list[Slot], expected: list[int | None]
) -> None:
    assert covering([exclusion], *rows) == expected


class TestOverlap:
    @pytest.mark.parametrize(
        ("clauses", "expected"),
        [([3, 1], 1), ([1, 3], 0), ([12, 2, 11], 1), ([10, 9], 1), ([3, 3], 0), ([11, 3, 3], 1)],
        ids=[
            "the lowest stands last",
            "the lowest stands first",
            "the lowest stands between",
            "9 is lower than 10: numbers, not text",
            "the same clause twice: the first of the file",
            "the same lowest clause twice: the first of the two",
        ],
    )
    def test_where_several_cover_a_request_the_lowest_clause_wins(self, clauses: list[int], expected: int) -> None:
        exclusions = [Exclusion(f"X{at}", clause, START, END) for at, clause in enumerate(clauses)]
        assert covering(exclusions, INSIDE) == [expected]

    def test_a_refused_exclusion_has_no_effect(self) -> None:
        assert covering([Exclusion("M", 1, START, END)], INSIDE, refused=frozenset({"M"})) == [None]

    def test_a_refused_exclusion_does_not_hide_an_accepted_one_of_a_higher_clause(self) -> None:
        exclusions = [Exclusion("M", 1, START, END), Exclusion("N", 3, START, END)]
        assert covering(exclusions, INSIDE, refused=frozenset({"M"})) == [1]

    def test_where_windows_overlap_in_part_each_slot_has_its_own_answer(self) -> None:
        middle = START + HOUR
        carrier = Exclusion("N", 3, START, END)
        maintenance = Exclusion("M", 1, middle, END + HOUR)
        slots = [slot(START, middle), slot(middle, END), slot(END, END + HOUR), slot(END + HOUR, END + 2 * HOUR)]
        assert covering([carrier, maintenance], *slots) == [0, 1, 1, None]

    def test_an_overlap_is_one_only_where_the_scopes_meet(self) -> None:
        maintenance = Exclusion("M", 1, START, END, accounts=frozenset({"A"}))
        carrier = Exclusion("N", 3, START, END, accounts=frozenset({"A", "B"}))
        rows = [slot(START, END, account) for account in (0, 1, 2)]
        assert covering([carrier, maintenance], *rows) == [1, 0, None]


def test_without_exclusions_nothing_is_covered() -> None:
    assert covering([], INSIDE) == [None]
