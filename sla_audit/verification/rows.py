"""Where the rows of the logs went: the sums of files, months and patterns."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.intake.sources.left_out import REASONS
from sla_audit.model.notice import Notice
from sla_audit.model.verdicts import Logged
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.verification.context import CheckContext, Unverifiable, in_order

_INPUTS = Unverifiable(
    ("inputs[].path", "inputs[].bytes", "left_out[].path", "left_out[].bytes", "left_out[].reason"),
    Notice("the names and sizes of the files"),
)
_APIS = Unverifiable(("apis[].pattern",), Notice("the patterns of APIs"))
_ROWS_OF_APIS = Unverifiable(("apis[].rows",), Notice("which rows each pattern matches"))


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say which sums of rows do not hold."""
    report = context.report
    in_files = sum(file.rows for file in report.inputs)
    if in_files != report.rows["read"]:
        yield (
            "",
            Sentence("rows.read is {rows}, but inputs makes {in_files}", rows=report.rows["read"], in_files=in_files),
        )
    if not in_order(file.path for file in report.inputs):
        yield "", to_say("inputs are not in the order of their paths, each once")
    for each in report.left_out or ():
        if each.reason not in REASONS:
            yield (
                "",
                Sentence(
                    "left_out has the reason {reason!r}; expected one of {reasons}",
                    reason=each.reason,
                    reasons=", ".join(REASONS),
                ),
            )
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
        by_cycle=dict(zip(context.cycles or [], rows, strict=True)),
        by_api={api.pattern: api.rows for api in report.apis or ()},
    )


def _of_months(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    if context.cycles is None:
        return
    if not in_order(context.cycles):
        yield "", to_say("months are not in their order, each once")
    elif context.report.months_skipped is not None:
        expected = tuple(map(str, logged(context).skipped))
        if context.report.months_skipped != expected:
            found = ", ".join(context.report.months_skipped) or "empty"
            yield (
                "",
                Sentence(
                    "months_skipped is {found}; months makes it {expected}",
                    found=found,
                    expected=", ".join(expected) or Sentence("empty"),
                ),
            )


def _of_apis(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say where patterns match other rows than those of the service: all that no month or service date decides."""
    report, rows = context.report, context.report.rows
    if report.apis is None:
        return
    of_service = rows["counted"] + rows["outside_cycle"] + rows["outside_period"]
    matched = [api.rows for api in report.apis]
    if not matched and rows["other_service"]:
        yield "", Sentence("rows.other_service is {rows}, but no API is named in apis", rows=rows["other_service"])
    if matched and not max(matched) <= of_service <= sum(matched):
        yield (
            "",
            Sentence(
                "apis match {fewest} to {most} rows, but {of_service} are of the service",
                fewest=max(matched),
                most=sum(matched),
                of_service=of_service,
            ),
        )
    if len({api.pattern for api in report.apis}) < len(report.apis):
        yield "", to_say("apis names a pattern twice")


def _of_ids(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    ids, read = context.report.request_ids, context.report.rows["read"]
    if ids is None:
        return
    missing = {"contradicted", "reused_ids", "reused_rows", "shared_rows"} - set(ids)
    if missing:
        yield "", Sentence("request_ids lacks {missing}", missing=", ".join(sorted(missing)))
        return
    if (ids["reused_ids"] == 0) != (ids["reused_rows"] == 0) or ids["reused_ids"] > ids["reused_rows"]:
        yield (
            "",
            Sentence("request_ids has {ids} reused ids in {rows} rows", ids=ids["reused_ids"], rows=ids["reused_rows"]),
        )
    yield from (
        ("", Sentence("request_ids.{name} is {number} of {read} rows", name=name, number=number, read=read))
        for name, number in ids.items()
        if number > read
    )
