"""Where a row goes that has no account: most are those of scanners, which a gateway turned away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sla_audit.contract.always_excluded import always_excluded
from sla_audit.contract.model import Contract
from sla_audit.contract.service import of_service

Place = Literal["other_service", "unattributed"]


class AccountlessEnding(NamedTuple):
    """What a row without an account says besides, of what decides its place; null says nothing."""

    status: int | None = None
    no_answer: bool | None = None
    content_flag: bool | None = None
    client_aborted: bool | None = None
    api: str | None = None
    error_code: str | None = None
    took_over: int | None = None


@dataclass(frozen=True)
class WithoutAccount:
    """What may become of a row without an account, under a contract, where `apis` are globs of those of its service."""

    contract: Contract
    apis: Sequence[str] = ()

    def place(self, ending: AccountlessEnding) -> Place | None:
        """Give the place of a row that ended so; None where somebody's rate could depend on whose it is."""
        if not of_service(ending.api, self.apis):
            return "other_service"
        excluded = always_excluded(
            self.contract,
            status=None if ending.no_answer else ending.status,
            content_flag=bool(ending.content_flag),
            client_aborted=bool(ending.client_aborted),
            api=ending.api,
            error_code=ending.error_code,
            took_over=ending.took_over,
        )
        return "unattributed" if excluded else None
