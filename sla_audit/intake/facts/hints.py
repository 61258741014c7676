"""What a facts file that is refused most likely means, so that it can be mended at once. Nothing is read by these."""

from __future__ import annotations

import datetime
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

from sla_audit.errors import Problem
from sla_audit.intake.facts.dates import date_form
from sla_audit.intake.facts.form import BillingForm, FactsForm
from sla_audit.model.ids import trimmed
from sla_audit.sentence import Sentence, to_say

_DELIMITERS = {";": "';'", "\t": Sentence("a tab"), "|": "'|'", "\uff1b": "'\uff1b'", "\uff0c": "'\uff0c'"}
_WORKBOOKS = {".xlsm", ".xlsb", ".xls", ".ods", ".numbers", ".et"}
_TOTALS = {"合计", "总计", "小计", "总额", "total", "totals", "grand total", "subtotal", "sum"}
_PLANS = {"付费": "paid", "已付费": "paid", "后付费": "paid", "预付费": "paid", "按量付费": "paid", "免费": "free"}
_LIKELY = {
    "account_id": ("账户", "账号", "帐户", "帐号", "客户", "用户", "account", "customer", "tenant", "user"),
    "plan": ("套餐", "方案", "付费", "计费", "plan", "tier"),
    "applied_on": ("开通", "申请", "生效", "applied", "start", "since"),
    "expires_on": ("到期", "失效", "expire", "end"),
    "cycle": ("账期", "周期", "月份", "账单月", "cycle", "month", "period"),
    "service_fee": ("服务费", "费用", "应付", "fee", "amount", "charge"),
    "cash_paid": ("现金", "实付", "支付", "cash", "paid"),
    "billed_calls": ("调用", "次数", "calls", "requests"),
    "id": ("编号", "名称", "name"),
    "clause": ("条款", "原因", "cause"),
    "starts_at": ("开始", "start", "from"),
    "ends_at": ("结束", "end", "until"),
}
_SPLIT = re.compile(r"[\s_.-]+")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ][\d:.]+)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?(?:[-/.]\d{1,2}日?)?", re.ASCII)
_QUARTER = re.compile(
    r"(\d{4})\s*[-/.年]?\s*(?=.*[Q第季])(?:Q|第)?\s*([1-4一二三四])\s*(?:季度?)?", re.ASCII | re.IGNORECASE
)
_QUARTER_FIRST = re.compile(r"Q([1-4])\s*[-/.]?\s*(\d{4})", re.ASCII | re.IGNORECASE)
_CURRENCY = re.compile(r"¥|cny|rmb|元|圆", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[,' ]\d{3})+(?:\.\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,2}", re.ASCII)
_SHORT_DAY = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", re.ASCII)
_AMOUNT = re.compile(r"\d+(?:\.\d+)?", re.ASCII)

_NUMBERS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_DATES = {"/": "2026/10/31", ".": "2026.10.31", "年": "2026年10月31日"}
_OTHER_SEPARATORS = re.compile("[,\uff0c\u3001\uff1b]")


class Meant(NamedTuple):
    """What to do about a value that is most likely meant, and the settings by which it is read as it stands."""

    do: Sentence
    settings: tuple[str, ...] = ()

    def told(self, form: FactsForm) -> Sentence:
        """Say so in one line."""
        if not self.settings:
            return self.do
        return Sentence("{do}, or {setting}", do=self.do, setting=form.set_to(*self.settings))


_YEAR_LAST = Meant(
    Sentence(
        "write the year first, or say with dates which of day and month comes first: "
        'dates = "31/10/2026" or dates = "10/31/2026"'
    )
)


def workbook(path: Path) -> Problem | None:
    """Say that a file is a workbook that cannot be read, where its name does."""
    if path.suffix.lower() not in _WORKBOOKS:
        return None
    what = Sentence("a workbook ({suffix}); expected .xlsx, CSV, or Parquet", suffix=path.suffix)
    return Problem(path.as_posix(), what, "Save it as .xlsx, or as 'CSV UTF-8', with the spreadsheet program.")


def encoding(path: Path, head: bytes, byte: int | None, reason: str, form: FactsForm) -> Problem:
    """Say which encoding a file seems to have, by its `head`, that is not what it should be for a `reason`."""
    likely = "utf-16" if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ""
    if not likely and _decodes(head, "gb18030"):
        likely = "gb18030"
    likely = "" if likely == form.encoding else likely
    text = to_say("not {encoding}: {reason}") if byte is None else to_say("not {encoding}: {reason} at byte {byte}")
    what = Sentence(text, encoding=form.encoding.upper(), reason=reason, byte=byte)
    if not likely:
        return Problem(path.as_posix(), what, "Save the file as 'CSV UTF-8'.")
    named = f"{likely.upper()}{' (GBK)' if likely == 'gb18030' else ''}"
    return Problem(
        path.as_posix(),
        Sentence("{what}; it seems to be {named}", what=what, named=named),
        Sentence("Save the file as 'CSV UTF-8', or {setting}.", setting=form.set_to(_setting("encoding", likely))),
    )


def delimiter(where: str, header: Sequence[str], below: Sequence[str], form: FactsForm) -> Problem | None:
    """Say which character seems to stand between the fields, where all names have come as one, and so all fields.

    `below` are the texts of some rows, of which amounts may have commas.
    """
    between = next((each for each in _DELIMITERS if len(header) == 1 and each in header[0]), None)
    if between is None:
        return None
    what = Sentence(
        "one column only, {header!r}; {character} seems to stand between its fields; expected {delimiter!r}",
        header=_short(header[0]),
        character=_DELIMITERS[between],
        delimiter=form.delimiter,
    )
    if not between.isascii():
        return Problem(where, what, "Export the file again with commas.")
    settings = [_setting("delimiter", "tab" if between == "\t" else between)]
    if isinstance(form, BillingForm) and any(
        _DECIMAL_COMMA.fullmatch(cell) for row in below for cell in row.split(between)
    ):
        settings.append(_setting("numbers", "1.000,00"))
    return Problem(where, what, form.set_them(*settings))


def title(
    where: str, unit: str, header: Sequence[str], rows: Sequence[Sequence[Any]], form: FactsForm
) -> Problem | None:
    """Say that a title seems to stand above the names of the columns; `rows` are fields behind the number of a line."""
    named, below = list(filter(trimmed, header)), [(line, list(filter(trimmed, row))) for line, *row in rows[:5]]
    names = next(((line, row) for line, row in below if len(row) > 1), None)
    if len(named) > 1 or names is None:
        return None
    line, row = names
    text = to_say("line {number} seems to be a title, {title!r}; expected the names of the columns")
    remedy = to_say("{setting} That line has {row}.")
    if unit == "row":
        text = to_say("row {number} seems to be a title, {title!r}; expected the names of the columns")
        remedy = to_say("{setting} That row has {row}.")
    return Problem(
        where,
        Sentence(text, number=form.header_row, title=_short("".join(named))),
        Sentence(remedy, setting=form.set_them(f"header_row = {line}"), row=_short(", ".join(row))),
    )


def missing_column(where: str, name: str, names: Sequence[str], form: FactsForm) -> Problem:
    """Say that a column is missing, and which of those that are there it may be."""
    likely = _likely(name, names)
    found = Sentence("no column {name!r}; the file has: {names}", name=name, names=", ".join(names))
    if likely:
        setting = form.set_to(f"columns = {{ {name} = {quoted(likely[0])} }}")
        return Problem(
            where,
            found,
            Sentence("If {likely!r} is that, {setting}; else add the column.", likely=likely[0], setting=setting),
        )
    setting = form.set_to(f'columns = {{ {name} = "NAME" }}')
    return Problem(where, found, Sentence("Add the column, or {setting}.", setting=setting))


def is_total(text: str) -> bool:
    """Tell whether a cell says that its row is one of totals."""
    return trimmed(text).rstrip(":\uff1a").lower() in _TOTALS


def plan(text: str) -> Meant | None:
    """Give the plan that is meant."""
    meant = _PLANS.get(text)
    return None if meant is None else Meant(_write(meant), (f'plans = {{ {quoted(text)} = "{meant}" }}',))


def date(text: str) -> Meant | None:
    """Give the day that is meant, where the year comes first."""
    half = _half_width(text)
    found = _DAY.fullmatch(half)
    day = f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}" if found else text
    if day == text or not _is_day(day):
        return _YEAR_LAST if _SHORT_DAY.fullmatch(half) else None
    sample = text.split(" ", maxsplit=1)[0].split("T", maxsplit=1)[0]
    with suppress(ValueError):
        date_form(sample)
        if sample != day:
            return Meant(_write(day), (_setting("dates", sample),))
    return Meant(_write(day))


def month(text: str) -> Meant | None:
    """Give the month that is meant, where the year comes first."""
    found = _MONTH.fullmatch(_half_width(text))
    month_of = f"{found[1]}-{found[2]:0>2}" if found else text
    if month_of == text or not _is_day(f"{month_of}-01"):
        return None
    sample = next((sample for mark, sample in _DATES.items() if mark in text), "20261031" if text.isdigit() else None)
    return Meant(_write(month_of), () if sample is None else (_setting("dates", sample),))


def quarter(text: str) -> Meant | None:
    """Give the quarter that is meant; where a month is, or its first day, say that its bill is a part of one."""
    half = _half_width(text)
    found, other = _QUARTER.fullmatch(half), _QUARTER_FIRST.fullmatch(half)
    year, number = (other[2], other[1]) if other else (found[1], found[2]) if found else ("", "")
    written = f"{year}-Q{_NUMBERS.get(number, number)}"
    if year and written != text:
        return Meant(_write(written))
    of_month = _MONTH.fullmatch(half)
    if of_month is None or not _is_day(f"{of_month[1]}-{of_month[2]:0>2}-01"):
        return None
    whole = f"{of_month[1]}-Q{(int(of_month[2]) + 2) // 3}"
    return Meant(Sentence("add up the bills of the three months, and write {quarter}", quarter=whole))


def amount(text: str) -> Meant | None:
    """Give the amount that is meant: without currency and thousands separators, with a decimal point."""
    half = _half_width(text)
    sign = _CURRENCY.search(half)
    plain = trimmed(_CURRENCY.sub("", half))
    settings = [] if sign is None else [f"currency_signs = [{quoted(sign[0])}]"]
    if _GROUPED.fullmatch(plain):
        between = plain[
            -plain[::-1].index(next(each for each in plain[::-1] if not each.isdigit() and each != ".")) - 1
        ]
        settings.append(_setting("numbers", f"1{between}000.00"))
        plain = re.sub("[,' ]", "", plain)
    elif _DECIMAL_COMMA.fullmatch(plain):
        settings.append(_setting("numbers", "1.000,00"))
        plain = plain.replace(".", "").replace(",", ".")
    if plain == text or not _AMOUNT.fullmatch(plain):
        return None
    return Meant(_write(plain), tuple(settings))


def names(text: str) -> Meant | None:
    """Give the names that are meant, where another character than `;` stands between them."""
    found = [trimmed(each) for each in _OTHER_SEPARATORS.split(text)]
    return Meant(_write(";".join(found))) if len(found) > 1 and all(found) else None


def _likely(name: str, names: Sequence[str]) -> list[str]:
    """Find the names that are spelt like one that is wanted, or else those that say the same in other words."""
    plain = {each: "_".join(_SPLIT.split(normalize("NFKC", each).lower())) for each in names}
    alike = [each for each in names if plain[each] == name or plain[each].replace("_", "") == name.replace("_", "")]
    return alike or [each for each in names if any(word in plain[each] for word in _LIKELY.get(name, ()))]


def _write(text: str) -> Sentence:
    return Sentence("write {text}", text=text)


def _setting(name: str, value: str) -> str:
    return f"{name} = {quoted(value)}"


def quoted(text: str) -> str:
    """Write a text as TOML does."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _half_width(text: str) -> str:
    """Write the full-width forms of ASCII as ASCII, and those of currencies as usual."""
    return "".join(normalize("NFKC", each) if "\uff01" <= each <= "\uffe6" else each for each in text)


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _decodes(data: bytes, name: str) -> bool:
    try:
        getincrementaldecoder(name)().decode(data)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return True


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
