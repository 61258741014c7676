"""Which column of a facts file is which: by the config, by its name, or by the agreement's words in Chinese."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from unicodedata import normalize

from sla_audit.errors import Problem, refuse
from sla_audit.intake.facts import hints
from sla_audit.intake.facts.form import FactsForm
from sla_audit.sentence import Sentence, in_series, to_say

_BETWEEN_WORDS = re.compile(r"[\s_.-]+")
_ACCOUNT = ("账户", "账号", "帐户", "帐号", "账户id", "账号id", "账户编号", "京东云账户", "京东云账号")
IN_CHINESE: Mapping[str, Sequence[str]] = {
    "account_id": _ACCOUNT,
    "account": ("account_id", *_ACCOUNT),
    "plan": ("计费方式", "使用方式", "套餐", "方案"),
    "applied_on": ("申请日期", "申请日", "开通日期", "开通日"),
    "expires_on": ("到期日期", "到期日"),
    "cycle": ("服务周期", "账期", "账单月份", "账单月", "月份"),
    "service_fee": ("月度服务费用", "服务费用", "服务费"),
    "cash_paid": ("现金支付金额", "现金支付", "现金费用"),
    "calls_bought": ("购买次数", "次数包总次数"),
    "hourly_fee": ("每小时费用", "小时平均费用"),
    "unit_price": ("单价", "调用单价"),
    "billed_calls": ("计费调用量", "计费调用次数", "计费次数"),
    "voucher": ("代金券", "代金券金额", "赔偿代金券金额"),
    "voucher_id": ("代金券编号",),
    "credited_on": ("入账日期", "发放日期"),
    "id": ("编号", "除外编号"),
    "clause": ("条款", "除外原因"),
    "starts_at": ("开始时间",),
    "ends_at": ("结束时间",),
    "notified_at": ("通知时间",),
    "accounts": ("账户", "涉及账户"),
    "regions": ("地域", "涉及地域"),
    "apis": ("接口", "涉及接口"),
    "note": ("备注", "说明"),
    "asserted_by": ("主张方", "提出方"),
}
"""Names of columns that mean one thing only. 失效日期, say, may be the last day or the one after it: no name here."""


def columns_in(
    where: str, names: Sequence[str], required: Sequence[str], optional: Sequence[str], form: FactsForm
) -> dict[str, str]:
    """Find each column, canonical name to the name in the file; optional ones may be missing.

    A column that the config names is that one. Else the canonical name goes first, then one that differs from it in
    case, spaces or underscores, then one of its names in Chinese. Raises `InputError` where a required one, or one
    that the config names, is missing, or where two may be it.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    said = {str(canonical): name for canonical, name in form.columns.items()}
    for name in (*required, *optional):
        taken = {*found.values(), *said.values()}
        likely = [said[name]] if name in said else _likely(name, [each for each in names if each not in taken])
        there = [each for each in likely if each in names]
        if len(there) > 1:
            listed = in_series([*map(repr, there)], to_say("{listed} and {value}"))
            remedy = Sentence(
                "Say which: {setting}.", setting=form.set_to(f"columns = {{ {name} = {hints.quoted(there[0])} }}")
            )
            problems.append(
                Problem(where, Sentence("columns {listed} may both be {name!r}", listed=listed, name=name), remedy)
            )
        elif there:
            found[name] = there[0]
        elif name in said:
            what = Sentence(
                "no column {column!r}, which [{table}.columns] has for {name!r}; the file has: {names}",
                column=said[name],
                table=form.table,
                name=name,
                names=", ".join(names),
            )
            problems.append(Problem(where, what, "Mend the name."))
        elif name in required:
            problems.append(hints.missing_column(where, name, names, form))
    refuse(problems)
    _refuse_one_twice(where, found, form)
    return found


def _likely(name: str, names: Collection[str]) -> list[str]:
    if name in names:
        return [name]
    alike = [each for each in names if _plain(each) == _plain(name)]
    return alike or [each for each in names if _plain(each) in map(_plain, IN_CHINESE.get(name, ()))]


def _plain(name: str) -> str:
    return _BETWEEN_WORDS.sub("", normalize("NFKC", name).lower())


def _refuse_one_twice(where: str, found: Mapping[str, str], form: FactsForm) -> None:
    columns = list(found.values())
    refuse(
        Problem(
            where,
            Sentence("[{table}.columns] has {name!r} for two columns", table=form.table, name=name),
            "Give each its own.",
        )
        for name in sorted({name for name in columns if columns.count(name) > 1})
    )
