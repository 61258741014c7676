"""The warnings of a report for people: the gravest first, under what they ask of a reader."""

from __future__ import annotations

from typing import NamedTuple, get_args

from sla_audit.model.notice import Grade, Notice
from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.sentence import to_say

_TITLES: dict[Grade | None, str] = {
    "money": to_say("May change what is owed"),
    "fact": to_say("A fact is missing"),
    "info": to_say("To be known"),
    None: to_say("To be looked at"),
}


class Warnings(NamedTuple):
    """Warnings of the same grade, in the order of the report, and their title; old reports do not grade theirs."""

    grade: Grade | None
    title: str
    said: list[str]


def warnings_by_grade(report: Report, words: Words) -> list[Warnings]:
    """Group the warnings of a report, the gravest first; a grade without any is left out.

    Those of a report that was saved without its parts, or by a later version, stay English.
    """
    saved = report.head.get("notices")
    notices = [Notice(text) for text in report.head["warnings"]] if saved is None else map(Notice.from_json, saved)
    by_grade: dict[Grade | None, list[str]] = {grade: [] for grade in (*get_args(Grade), None)}
    for notice in notices:
        by_grade[notice.grade].append(str(notice) if saved is None else notice.told(words.of))
    return [Warnings(grade, words.of(_TITLES[grade]), said) for grade, said in by_grade.items() if said]
