"""The facts about one account as a file, `sla-audit/facts/1`: read back, they are the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem, field_name
from sla_audit.model.calendar import WorkingDays
from sla_audit.model.facts import Exclusion, Facts
from sla_audit.output.escape import for_json
from sla_audit.pack.manifest import AGAIN, FACTS
from sla_audit.report.document import amount_text
from sla_audit.report.saved.read import Cycle
from sla_audit.sentence import Sentence, said_by

SCHEMA = "sla-audit/facts/1"
_EXCLUSIONS = TypeAdapter(tuple[Exclusion, ...])
_MONEY = pl.Decimal(38, 6)
_ACCOUNTS = {"account_id": pl.String(), "plan": pl.String(), "applied_on": pl.Date(), "expires_on": pl.Date()}
_BILLING = {
    "account_id": pl.String(),
    "cycle": pl.String(),
    "service_fee": _MONEY,
    "cash_paid": _MONEY,
    "hourly_fee": _MONEY,
    "calls_bought": pl.Int64(),
    "billed_calls": pl.Int64(),
}
_ALWAYS = ("account_id", "cycle", "billed_calls")
"""What a bill has by any agreement; the others are those that its own asks for."""
_Calls = Annotated[int, Field(ge=0, lt=10**18, strict=True)]
_Amount = Annotated[str, Field(pattern=r"^[0-9]{1,24}(\.[0-9]{1,6})?$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Account(_Part):
    account_id: str
    plan: Literal["paid", "free"]
    applied_on: date
    expires_on: date | None


class _Bill(_Part):
    account_id: str
    cycle: Cycle
    service_fee: _Amount | None = None
    cash_paid: _Amount | None = None
    hourly_fee: _Amount | None = None
    calls_bought: _Calls | None = None
    billed_calls: _Calls | None


class _Day(_Part):
    date: date
    day: Literal["off", "work"]


class _Holidays(_Part):
    path: str
    sha256: str
    days: tuple[_Day, ...]


class _File(_Part):
    schema_: Literal["sla-audit/facts/1"] = Field(alias="schema")
    accounts: tuple[_Account, ...] | None
    billing: tuple[_Bill, ...] | None
    exclusions: tuple[dict[str, Any], ...]
    holidays: _Holidays | None


def write_facts(facts: Facts, working_days: WorkingDays) -> bytes:
    """Write the facts about an account, and the days of the holidays file, if there is one."""
    exclusions = [_sorted(each) for each in _EXCLUSIONS.dump_python(facts.exclusions, mode="json")]
    days = [{"date": str(day), "day": "work" if works else "off"} for day, works in sorted(working_days.stated.items())]
    file = working_days.path
    document = {
        "schema": SCHEMA,
        "accounts": None
        if facts.accounts is None
        else facts.accounts.select("account_id", "plan", pl.col("applied_on", "expires_on").cast(pl.String)).to_dicts(),
        "billing": None
        if facts.billing is None
        else facts.billing.select(
            amount_text(pl.col(name)) if kind == _MONEY else pl.col(name)
            for name, kind in _BILLING.items()
            if name in facts.billing.columns
        ).to_dicts(),
        "exclusions": exclusions,
        "holidays": None if file is None else {"path": file, "sha256": working_days.sha256, "days": days},
    }
    return (for_json(json.dumps(document, ensure_ascii=False, indent=1)) + "\n").encode()


def read_facts_file(content: bytes, contract: Contract) -> tuple[Facts, WorkingDays]:
    """Read what `write_facts` wrote, of bills by a contract. Raises `InputError` where it is something else."""
    try:
        file = _File.model_validate(json.loads(content.decode("utf-8")))
        exclusions = _EXCLUSIONS.validate_python(file.exclusions)
        accounts = None if file.accounts is None else pl.DataFrame(map(dict, file.accounts), schema=_ACCOUNTS)
        billing = None if file.billing is None else _bills(file.billing, contract)
    except ValidationError as error:
        problems = (Problem(f"{FACTS}: {field_name(each['loc'])}", each["msg"], AGAIN) for each in error.errors())
        raise InputError(*problems) from error
    except (ValueError, OverflowError, RecursionError, pl.exceptions.PolarsError) as error:
        raise InputError(
            Problem(FACTS, Sentence("is not what sla-audit claim pack writes: {why}", why=said_by(error)), AGAIN)
        ) from error
    naive = [each.id for each in exclusions if None in (each.starts_at.tzinfo, each.ends_at.tzinfo)]
    if naive:
        raise InputError(
            Problem(FACTS, Sentence("exclusion {naive!r} has a time without a zone", naive=naive[0]), AGAIN)
        )
    working_days = WorkingDays()
    if file.holidays is not None:
        stated = {each.date: each.day == "work" for each in file.holidays.days}
        working_days = WorkingDays(stated, file.holidays.path, file.holidays.sha256)
    return Facts(accounts, billing, exclusions), working_days


def _bills(bills: tuple[_Bill, ...], contract: Contract) -> pl.DataFrame:
    """Give the bills with what the contract asks for, all of it; raises `ValueError` for others."""
    asked = {*_ALWAYS, *contract.facts}
    types = {name: kind for name, kind in _BILLING.items() if name in asked}
    if any(
        bill.model_fields_set != asked or None in (getattr(bill, name) for name in contract.facts) for bill in bills
    ):
        raise ValueError(Sentence("a bill has {names}, and nothing else", names=", ".join(types)))
    written = {name: pl.String() if kind == _MONEY else kind for name, kind in types.items()}
    rows = [{name: getattr(bill, name) for name in types} for bill in bills]
    return pl.DataFrame(rows, schema=written).select(pl.col(name).cast(kind) for name, kind in types.items())


def _sorted(exclusion: dict[str, Any]) -> dict[str, Any]:
    """Set names in their order, so that the same exclusion is written alike."""
    return {name: sorted(value) if isinstance(value, list) else value for name, value in exclusion.items()}


def about(facts: Facts, account: str) -> Facts:
    """Keep what is said of one account, and do not tell to whom else an exclusion applies."""
    own = tuple(
        replace(each, accounts=frozenset({account}) if each.accounts else frozenset()) for each in facts.exclusions
    )
    return replace(facts, exclusions=own)
