"""Requests that a contract leaves out of every rate, whoever sent them."""

from __future__ import annotations

from sla_audit.contract.model import Contract
from sla_audit.contract.service import is_one_of, of_service
from sla_audit.contract.terms.classes import Condition
from sla_audit.contract.terms.durations import microseconds_of
from sla_audit.contract.terms.reading import Reading

_EITHER = (False, True)


def always_excluded(
    contract: Contract,
    *,
    status: int | None,
    content_flag: bool,
    client_aborted: bool,
    api: str | None = None,
    error_code: str | None = None,
    took_over: int | None = None,
) -> bool:
    """Tell whether a request that ended so is in no rate: under no reading, inside an accepted exclusion or not.

    Where a reading keeps excluded requests in the denominator, each of them moves its account's rate. Whether a request
    is a repeated one depends on whose it is.
    """

    def excluded(reading: Reading, *, covered: bool, repeated: bool) -> bool:
        failure = reading.fails(status, error_code)
        said = {
            "content_flag": content_flag,
            "client_aborted": client_aborted,
            "explicit_failure": failure,
            "accepted_exclusion": covered,
            "repeated": repeated,
        }
        rule = next(
            rule
            for rule in contract.classification
            if _holds(rule.when, status, api, said) and _holds_besides(rule.when, error_code, took_over)
        )
        return rule.class_ == "excluded"

    return all(
        not reading.excluded_in_denominator
        and all(excluded(reading, covered=covered, repeated=repeated) for covered in _EITHER for repeated in _EITHER)
        for reading in contract.readings.values()
    )


def _holds(condition: Condition, status: int | None, api: str | None, said: dict[str, bool]) -> bool:
    if condition.api is not None and not of_service(api, condition.api):
        return False
    if condition.status is not None and not condition.status.holds(status):
        return False
    return all(getattr(condition, name) in (None, value) for name, value in said.items())


def _holds_besides(condition: Condition, error_code: str | None, took_over: int | None) -> bool:
    if condition.error_code is not None and not is_one_of(error_code, condition.error_code):
        return False
    return condition.took_over is None or (took_over or 0) >= microseconds_of(condition.took_over)
