"""Every value of a saved report, changed alone: refused, or among those that the rendered report marks."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sla_audit.commands.verify_report import check
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError
from sla_audit.report.saved.restore import whole_of
from tests.builders.examples import some_of
from tests.builders.reports.golden import GOLDEN

CONTRACT = load_contract(BUILT_IN)
WHERE = Path("report.json")
Place = tuple[str | int, ...]

UNCHECKED: dict[str, tuple[str, Any]] = {
    "as_of": ("as_of", "2026-11-21"),
    "inputs[].path": ("inputs/0/path", "sample_logs/logs/2026-10-A.csv"),
    "inputs[].bytes": ("inputs/0/bytes", 1),
    "inputs[].fingerprint": ("inputs/0/fingerprint", "0" * 64),
    "provenance.program.version": ("provenance/program/version", "0.0.9"),
    "provenance.files[].role": ("provenance/files/0/role", "dialect"),
    "provenance.files[].path": ("provenance/files/0/path", "other.toml"),
    "provenance.files[].bytes": ("provenance/files/0/bytes", 1),
    "provenance.files[].sha256": ("provenance/files/0/sha256", "0" * 64),
    "apis[].pattern": ("apis/0/pattern", "/v2/*"),
    "coverage.resolution": ("coverage/resolution", "stretches"),
    "content_flags[].value": ("content_flags/0/value", "fine"),
    "content_flags[].rows": ("content_flags/0/rows", 26),
    "content_flags[].flagged": ("content_flags/0/flagged", False),
    "exclusions[].starts_at": ("exclusions/0/starts_at", "2026-10-12T01:30:00+08:00"),
    "exclusions[].ends_at": ("exclusions/0/ends_at", "2026-10-12T03:30:00+08:00"),
    "exclusions[].notified_at": ("exclusions/0/notified_at", "2026-10-09T18:30:00+08:00"),
    "exclusions[].accounts[]": ("exclusions/2/accounts/0", "another"),
    "exclusions[].regions[]": ("exclusions/2/regions/0", "cn-east-1"),
    "exclusions[].asserted_by": ("exclusions/0/asserted_by", "the provider"),
    "exclusions[].note": ("exclusions/0/note", "no note"),
    "exclusions[].requests_alone": ("exclusions/0/requests_alone", 18),
    "exclusions[].compensation_saved": ("exclusions/0/compensation_saved", "180.01"),
    "metering.tolerance": ("metering/tolerance", "1%"),
    "metering.compared": ("metering/compared", 3),
    "metering.logs_kept.first_day": ("metering/logs_kept/first_day", "2026-10-02"),
    "metering.logs_kept.last_day": ("metering/logs_kept/last_day", "2026-11-04"),
    "metering.logs_kept.missing[].first_day": ("metering/logs_kept/missing/0/first_day", "2025-11-02"),
    "metering.logs_kept.missing[].last_day": ("metering/logs_kept/missing/0/last_day", "2026-09-29"),
    "reconciliation.billing.elsewhere": ("reconciliation/billing/elsewhere", 7),
    "results[].account_id": ("results/0/account_id", "all-by-Voucher"),
    "results[].cycle_start": ("results/@no-traffic/cycle_start", "2026-10-02"),
    "results[].cycle_end": ("results/@no-traffic/cycle_end", "2026-10-30"),
    "results[].plan": ("results/@exactly-99/plan", "free"),
    "results[].service_fee": ("results/@exactly-99/service_fee", "1.00"),
    "results[].cash_paid": ("results/@just-below/cash_paid", "1000.01"),
    "results[].failures[].status": ("results/@just-below/failures/0/status", 504),
    "results[].failures[].no_answer": ("results/@just-below/failures/0/no_answer", True),
    "results[].without[].requests": ("results/@announced-works/without/0/requests", 19),
}
"""What follows from nothing else in the sample's report, with a change of it alone that is not told."""

WORDS: dict[str, tuple[Any, ...]] = {
    "plan": ("paid", "free", None),
    "calendar": ("official", "provisional", "supplied"),
    "decision": ("owed", "not_owed", "undetermined"),
    "reason": ("objective_met", "below_objective", "free_plan", "cycle_running", "not_announced", None),
    "state": ("applied", "refused"),
    "reading": ("literal", "broad"),
    "resolution": ("rows", "stretches"),
    "differs_by": ("letter_case", None),
}


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in inside:
            yield from leaves(each, (*place, key))
    else:
        yield place, value


def path_of(place: Place) -> str:
    """Write a place as the marks do: `results[].daily[].excluded.by_clause.4`."""
    return re.sub(r"\.\[", "[", ".".join("[]" if isinstance(key, int) else key for key in place))


def others(place: Place, value: Any) -> list[Any]:
    """Give other values for a leaf: near ones, and such as somebody would put there."""
    return [other for other in _others(place, value) if (type(other), other) != (type(value), value)]


def _others(place: Place, value: Any) -> Iterator[Any]:
    name = next(key for key in reversed(place) if isinstance(key, str))
    if name in WORDS and (value is None or value in WORDS[name]):
        yield from (word for word in WORDS[name] if word != value)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        if value and "daily" not in place:
            yield value - 1
    elif value is None:
        yield from (1, "x", "1.00", False)
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        day = int(value[8:])
        yield f"{value[:8]}{day + 1 if day < 30 else day - 1:02}"
        yield f"{value[:8]}{day - 1 if day > 1 else 28:02}"
        yield "9999-12-31"
    elif re.fullmatch(r"\d+(\.\d+)?", value):
        yield from (value[:-1] + ("1" if value[-1] != "1" else "2"), f"1{value}")
    else:
        yield from (value + "x", value[:-1] or "x", value.swapcase() if value.swapcase() != value else "y")


def with_value(content: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """Give a copy of a report with another value in one place; what is not on the way there is shared."""
    if not place:
        return value  # type: ignore[no-any-return]
    key, *rest = place
    changed: Any = copy.copy(content)
    changed[key] = with_value(changed[key], tuple(rest), value)
    return changed  # type: ignore[no-any-return]


def is_refused(content: dict[str, Any]) -> bool:
    try:
        check(whole_of(content, WHERE), WHERE, CONTRACT)
    except InputError:
        return True
    return False


def test_the_sample_is_taken() -> None:
    assert not is_refused(GOLDEN)


OF_A_DAY = re.compile(r"attribution\[\]|(results\[\]\.)?daily\[\]")
"""What a report says of each day, of which only some are tried."""

SECTIONS = [*((key,) for key in GOLDEN if key != "results"), *(("results", at) for at in range(len(GOLDEN["results"])))]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: "-".join(map(str, section)))
def test_a_value_that_is_changed_alone_is_refused_or_is_marked(section: Place) -> None:
    content: Any = GOLDEN
    for key in section:
        content = content[key]
    alike = defaultdict[str, list[tuple[Place, Any]]](list)
    for within, value in leaves(content):
        place = (*section, *within)
        alike[path_of(place)].append((place, value))
    taken = {
        path
        for path, places in alike.items()
        for place, value in (some_of(places, 5) if OF_A_DAY.match(path) else places)
        for other in others(place, value)
        if not is_refused(with_value(GOLDEN, place, other))
    }
    assert taken <= set(UNCHECKED)


@pytest.mark.parametrize("path", UNCHECKED)
def test_what_is_marked_can_be_changed_unseen(path: str) -> None:
    """Else the mark says less than is checked."""
    way, other = UNCHECKED[path]
    accounts = {f"@{result['account_id']}": at for at, result in enumerate(GOLDEN["results"])}
    place = tuple(accounts.get(key, int(key) if key.isdigit() else key) for key in way.split("/"))
    assert path_of(place) == path
    assert dict(leaves(GOLDEN))[place] != other
    assert not is_refused(with_value(GOLDEN, place, other))


def test_what_is_marked_is_that_and_nothing_else() -> None:
    there = {path_of(place) for place, _ in leaves(GOLDEN)}
    marks = check(whole_of(GOLDEN, WHERE), WHERE, CONTRACT)
    assert {path for mark in marks for path in mark.paths} & there == set(UNCHECKED)
