"""Where the rows of the logs went: the sums of files, months and patterns."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.intake.sources.left_out import REASONS
from sla_audit.model.notice import Notice
from sla_audit.model.verdicts import Logged
from sla_audit.verification.context import CheckContext, Unverifiable, in_order

_INPUTS = Unverifiable(
    ("inputs[].path", "inputs[].bytes", "left_out[].path", "left_out[].bytes", "left_out[].reason"),
    Notice("the names and sizes of the files"),
)
_APIS = Unverifiable(("apis[].pattern",), Notice("the patterns of APIs"))
_ROWS_OF_APIS = Unverifiable(("apis[].rows",), Notice("which rows each pattern matches"))


def faults(context: CheckContext) -> Iterator[tuple[str, str]]:
    """Say which sums of rows do not hold."""
    report = context.report
    in_files = sum(file.rows for file in report.inputs)
    if in_files != report.rows["read"]:
        yield "", f"rows.read is {report.rows['read']}, but inputs makes {in_files}"
    if not in_order(file.path for file in report.inputs):
        yield "", "inputs are not in the order of their paths, each once"
    for each in report.left_out or ():
        if each.reason not in REASONS:
            yield "", f"left_out has the reason {each.reason!r}; expected one of {', '.join(REASONS)}"
    yield from _of_months(context)
    yield from _of_apis(context)
    yield from _of_ids(context)


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name what only the files themselves show."""
    yield _INPUTS
    if context.report.apis:
        yield _APIS
        if len(context.report.apis) > 1:
            yield _ROWS_OF_APIS


def logged(context: CheckContext) -> Logged:
    """Give what the logs have of the service, as far as the report says."""
    report = context.report
    rows = [month.rows for month in report.months or ()]
    return Logged(
        by_month=dict(zip(context.months or [], rows, strict=True)),
        by_api={api.pattern: api.rows for api in report.apis or ()},
    )


def _of_months(context: CheckContext) -> Iterator[tuple[str, str]]:
    if context.months is None:
        return
    if not in_order(context.months):
        yield "", "months are not in their order, each once"
    elif context.report.months_skipped is not None:
        expected = tuple(map(str, logged(context).skipped))
        if context.report.months_skipped != expected:
            found = ", ".join(context.report.months_skipped) or "empty"
            yield "", f"months_skipped is {found}; months makes it {', '.join(expected) or 'empty'}"


def _of_apis(context: CheckContext) -> Iterator[tuple[str, str]]:
    """Say where patterns match other rows than those of the service: all that no month or service date decides."""
    report, rows = context.report, context.report.rows
    if report.apis is None:
        return
    of_service = rows["counted"] + rows["outside_cycle"] + rows["outside_period"]
    matched = [api.rows for api in report.apis]
    if not matched and rows["other_service"]:
        yield "", f"rows.other_service is {rows['other_service']}, but no API is named in apis"
    if matched and not max(matched) <= of_service <= sum(matched):
        yield "", f"apis match {max(matched)} to {sum(matched)} rows, but {of_service} are of the service"
    if len({api.pattern for api in report.apis}) < len(report.apis):
        yield "", "apis names a pattern twice"


def _of_ids(context: CheckContext) -> Iterator[tuple[str, str]]:
    ids, read = context.report.request_ids, context.report.rows["read"]
    if ids is None:
        return
    missing = {"contradicted", "reused_ids", "reused_rows", "shared_rows"} - set(ids)
    if missing:
        yield "", f"request_ids lacks {', '.join(sorted(missing))}"
        return
    if (ids["reused_ids"] == 0) != (ids["reused_rows"] == 0) or ids["reused_ids"] > ids["reused_rows"]:
        yield "", f"request_ids has {ids['reused_ids']} reused ids in {ids['reused_rows']} rows"
    yield from (("", f"request_ids.{name} is {number} of {read} rows") for name, number in ids.items() if number > read)
