"""What a facts file that is refused most likely means, so that it can be mended at once. Nothing is read by these."""

from __future__ import annotations

import datetime
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

from sla_audit.errors import Problem
from sla_audit.model.ids import trimmed

_DELIMITERS = {";": "';'", "\t": "a tab", "|": "'|'", "\uff1b": "'\uff1b'", "\uff0c": "'\uff0c'"}
_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods", ".numbers", ".et"}
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
_CURRENCY = re.compile(r"[¥$€]|cny|rmb|usd|元|圆", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[,' ]\d{3})+(?:\.\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,2}", re.ASCII)
_AMOUNT = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


def workbook(path: Path) -> Problem | None:
    """Say that a file is a workbook, where its name does."""
    if path.suffix.lower() not in _WORKBOOKS:
        return None
    what = f"a workbook ({path.suffix}); expected CSV in UTF-8, or Parquet"
    return Problem(path.as_posix(), what, "Save the sheet as 'CSV UTF-8' with the spreadsheet program, and give that.")


def encoding(path: Path, head: bytes, byte: int, reason: str) -> Problem:
    """Say which encoding a file seems to have, by its `head`, that is not UTF-8 for a `reason` at some `byte`."""
    likely = "UTF-16" if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ""
    if not likely and _decodes(head, "gb18030"):
        likely = "GB18030"
    seems = f"; it seems to be {likely}{' (GBK)' if likely == 'GB18030' else ''}" if likely else ""
    remedy = "Convert the file to UTF-8"
    if likely:
        remedy += f": save it as 'CSV UTF-8', or iconv -f {likely} -t UTF-8"
    return Problem(path.as_posix(), f"not UTF-8: {reason} at byte {byte}{seems}", f"{remedy}.")


def delimiter(where: str, header: Sequence[str]) -> Problem | None:
    """Say which character seems to stand between the fields, where all names have come as one."""
    between = next((each for each in _DELIMITERS if len(header) == 1 and each in header[0]), None)
    if between is None:
        return None
    found = f"one column only, {_short(header[0])!r}; {_DELIMITERS[between]} seems to stand between its fields"
    remedy = "Export the file again with commas between the fields and points, not commas, in its amounts."
    return Problem(where, f"{found}; expected ','", remedy)


def title(where: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Problem | None:
    """Say that a title seems to stand above the names of the columns; `rows` are fields behind the number of a line."""
    named, below = list(filter(trimmed, header)), [(line, list(filter(trimmed, row))) for line, *row in rows[:5]]
    names = next(((line, row) for line, row in below if len(row) > 1), None)
    if len(named) > 1 or names is None:
        return None
    line, row = names
    found = f"line 1 seems to be a title, {_short(''.join(named))!r}; expected the names of the columns"
    remedy = f"Remove all that is above line {line}, which has {_short(', '.join(row))}."
    return Problem(where, found, remedy)


def missing_column(where: str, name: str, names: Sequence[str]) -> Problem:
    """Say that a column is missing, and which of those that are there it may be."""
    likely = _likely(name, names)
    found = f"no column {name!r}; the file has: {', '.join(names)}"
    if likely:
        return Problem(where, found, f"Rename {' or '.join(map(repr, likely))} to {name!r}, or add the column.")
    return Problem(where, found, "Add or rename the column.")


def is_total(text: str) -> bool:
    """Tell whether a cell says that its row is one of totals."""
    return trimmed(text).rstrip(":\uff1a").lower() in _TOTALS


def plan(text: str) -> str | None:
    """Give the plan that is meant."""
    plain = text.lower()
    return plain if plain in {"paid", "free"} else _PLANS.get(text)


def date(text: str) -> str | None:
    """Give the day that is meant, where the year comes first."""
    found = _DAY.fullmatch(_half_width(text))
    day = f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}" if found else text
    return day if day != text and _is_day(day) else None


def month(text: str) -> str | None:
    """Give the month that is meant, where the year comes first."""
    found = _MONTH.fullmatch(_half_width(text))
    month_of = f"{found[1]}-{found[2]:0>2}" if found else text
    return month_of if month_of != text and _is_day(f"{month_of}-01") else None


def amount(text: str) -> str | None:
    """Give the amount that is meant: without currency and thousands separators, with a decimal point."""
    plain = trimmed(_CURRENCY.sub("", _half_width(text)))
    if _GROUPED.fullmatch(plain):
        plain = re.sub("[,' ]", "", plain)
    elif _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    return plain if plain != text and _AMOUNT.fullmatch(plain) else None


def _likely(name: str, names: Sequence[str]) -> list[str]:
    """Find the names that are spelt like one that is wanted, or else those that say the same in other words."""
    plain = {each: "_".join(_SPLIT.split(normalize("NFKC", each).lower())) for each in names}
    alike = [each for each in names if plain[each] == name or plain[each].replace("_", "") == name.replace("_", "")]
    return alike or [each for each in names if any(word in plain[each] for word in _LIKELY.get(name, ()))]


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
