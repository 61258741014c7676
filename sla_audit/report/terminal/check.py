"""A first look for a person at a terminal."""

from __future__ import annotations

from sla_audit.report.check_document import Check


def print_check(check: Check, contract, console, words):
    console.print(check)
