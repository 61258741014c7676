"""Which column of a gateway's log has the code of an error, and how long a request took, and what the user may say."""

from __future__ import annotations

import pytest

from sla_audit.errors import Problem
from sla_audit.intake.columns import ColumnMap, LogColumns, resolve_columns
from sla_audit.intake.dialects.dialect import built_in_dialects, load_dialect
from sla_audit.intake.values.durations import Took

NEEDED = ("error_code", "took_over")


def resolved(
    dialect: str | None, names: list[str], needed: tuple[str, ...] = NEEDED, **mapped: tuple[str, ...]
) -> LogColumns | list[Problem]:
    mapping = ColumnMap({"account_id": ("account",), **mapped})
    of = None if dialect is None else load_dialect(dialect)
    return resolve_columns(mapping, ["account", *names], needed, "log", of)


KONG = ["started_at", "request.id", "response.status", "latencies.proxy", "latencies.request", "code"]
TOLD = [
    ("kong", KONG, Took("latencies.request", "ms")),
    ("envoy", ["START_TIME", "RESPONSE_CODE", "RESPONSE_FLAGS", "DURATION", "code"], Took("DURATION", "ms")),
    (
        "azure-apim",
        ["TimeGenerated", "ResponseCode", "BackendResponseCode", "LastErrorReason", "TotalTime", "code"],
        None,
    ),
    ("nginx", ["time_iso8601", "status", "upstream_status", "request_time", "code"], Took("request_time", "s")),
    ("traefik", ["StartUTC", "DownstreamStatus", "OriginStatus", "Duration", "code"], Took("Duration", "ns")),
]


@pytest.mark.parametrize(("dialect", "names", "took"), TOLD, ids=[each[0] for each in TOLD])
def test_a_dialect_tells_how_long_a_request_took(dialect: str, names: list[str], took: Took | None) -> None:
    found = resolved(dialect, names, error_code=("code",))
    assert isinstance(found, LogColumns), found
    assert found.took == (took or Took("TotalTime", "ms"))
    assert found.error_code == "code"


def test_what_nobody_needs_is_not_read() -> None:
    found = resolved("kong", KONG, ())
    assert isinstance(found, LogColumns)
    assert (found.took, found.error_code) == (None, None)
    # Two columns of one name are no matter then.
    plain = resolved(None, ["timestamp", "status", "duration", "duration", "error_code", "error_code"], ())
    assert isinstance(plain, LogColumns)


def test_codes_of_errors_are_known_where_the_gateway_says_so() -> None:
    assert {each.id for each in built_in_dialects().values() if "error_code" in each.columns} == {
        "alibaba-api-gateway",
        "alibaba-oss",
    }


def test_what_the_user_says_goes_before_the_dialect() -> None:
    found = resolved("kong", [*KONG, "took"], error_code=("code",), duration=("took", "us"))
    assert isinstance(found, LogColumns)
    assert found.took == Took("took", "us")
    # The unit of the dialect's column is not that of another.
    problems = resolved("kong", [*KONG, "took"], error_code=("code",), duration=("took",))
    assert not isinstance(problems, LogColumns)
    assert "in which unit the column 'took'" in str(problems[0].what)


def test_one_column_has_one_unit() -> None:
    """What is taken off the time of a request's end is in the unit that the user says, too."""
    names = ["time_iso8601", "status", "upstream_status", "request_time", "code"]
    found = resolved("nginx", names, error_code=("code",), duration=("request_time", "ms"))
    assert isinstance(found, LogColumns)
    assert found.lasted is not None
    assert (found.took, found.lasted.unit) == (Took("request_time", "ms"), "ms")
