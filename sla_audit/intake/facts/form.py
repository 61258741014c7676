"""How facts files are written, where that is not the strict way: `[facts.NAME]` in the config.

What is not said here is strict, so that no figure rests on a guess. Each setting allows one thing, and the message that
refuses that thing names the setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from sla_audit.intake.bytes.text_format import UTF_8, delimiter_of, encoding_of
from sla_audit.intake.facts.amounts import AmountForm, amount_form, currency_sign
from sla_audit.intake.facts.dates import STRICT_DATES, DateForm, date_form
from sla_audit.model.ids import trimmed
from sla_audit.sentence import Message, Sentence, in_series, to_say
from sla_audit.system.settings_file import Name, StrictModel


def _date_sample(sample: str) -> str:
    date_form(sample)
    return sample


def _number_sample(sample: str) -> str:
    amount_form(sample, ())
    return sample


Plan = Literal["paid", "free"]
_BillingColumn = Literal[
    "account_id",
    "cycle",
    "service_fee",
    "cash_paid",
    "billed_calls",
    "unit_price",
    "calls_bought",
    "hourly_fee",
    "voucher",
    "voucher_id",
    "credited_on",
]
_Sign = Annotated[Name, AfterValidator(currency_sign)]


class FactsForm(StrictModel):
    """How one facts file is written.

    `columns` names its columns by the canonical ones; `header_row` is the line, or the row of a sheet, that has the
    names; `sheet` is the one to read of a workbook. Rows of totals are set aside where `total_rows` says that there are
    some. `dates` is a day as the file writes it.
    """

    table: ClassVar[str] = "facts"

    columns: dict[Any, Name] = Field(default={})
    delimiter: Annotated[str, AfterValidator(delimiter_of)] = ","
    encoding: Annotated[str, AfterValidator(encoding_of)] = UTF_8
    header_row: int = Field(default=1, ge=1, le=1000)
    sheet: Name | None = None
    total_rows: bool = False
    dates: Annotated[str, AfterValidator(_date_sample)] | None = None

    @property
    def date_form(self) -> DateForm:
        """How days are written."""
        return STRICT_DATES if self.dates is None else date_form(self.dates)

    def set_to(self, *settings: str) -> Sentence:
        """Say which settings to give, in the words of the config, as a part of a sentence."""
        return Sentence("set {settings} in [{table}] of the config", settings=self._all(settings), table=self.table)

    def set_them(self, *settings: str) -> Sentence:
        """Say the same as a sentence of its own."""
        return Sentence("Set {settings} in [{table}] of the config.", settings=self._all(settings), table=self.table)

    def _all(self, settings: Sequence[str]) -> Message:
        return in_series(settings, to_say("{listed} and {value}"))

    @model_validator(mode="after")
    def _names_are_trimmed(self) -> Any:
        odd = [name for name in self.columns.values() if name != trimmed(name)]
        if odd:
            raise ValueError(Sentence("columns has {odd!r}; expected a name without spaces around it", odd=odd[0]))
        return self


class AccountsForm(FactsForm):
    """How the accounts are written; `plans` has words of the file for the plans of the agreement."""

    table: ClassVar[str] = "facts.accounts"

    columns: dict[Literal["account_id", "plan", "applied_on", "expires_on"], Name] = Field(default={})
    plans: dict[Name, Plan] = Field(default={})


class BillingForm(FactsForm):
    """How the bills are written; `numbers` is one thousand as the file writes it, with two decimals.

    `currency_signs` may stand before or behind an amount.
    """

    table: ClassVar[str] = "facts.billing"

    columns: dict[_BillingColumn, Name] = Field(default={})
    numbers: Annotated[str, AfterValidator(_number_sample)] | None = None
    currency_signs: tuple[_Sign, ...] = ()

    @property
    def amount_form(self) -> AmountForm:
        """How amounts are written."""
        return amount_form(self.numbers, self.currency_signs)


class ExclusionsForm(FactsForm):
    """How the exclusions are written."""

    table: ClassVar[str] = "facts.exclusions"

    columns: dict[
        Literal[
            "id", "clause", "starts_at", "ends_at", "notified_at", "accounts", "regions", "apis", "note", "asserted_by"
        ],
        Name,
    ] = Field(default={})


class HolidaysForm(FactsForm):
    """How the days that are off or worked are written."""

    table: ClassVar[str] = "facts.holidays"

    columns: dict[Literal["date", "day"], Name] = Field(default={})


class AliasForm(FactsForm):
    """How the aliases are written."""

    table: ClassVar[str] = "facts.alias"

    columns: dict[Literal["key", "account", "from", "to"], Name] = Field(default={})


class FactsForms(StrictModel):
    """How each of them is written."""

    accounts: AccountsForm = AccountsForm()
    billing: BillingForm = BillingForm()
    exclusions: ExclusionsForm = ExclusionsForm()
    holidays: HolidaysForm = HolidaysForm()
    alias: AliasForm = AliasForm()


STRICT = FactsForms()
"""All of them in the strict way."""
