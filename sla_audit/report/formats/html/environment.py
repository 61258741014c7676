"""What every page is made with: templates that escape what they are given, in one language, and the files they need."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from sla_audit.output.escape import for_terminal
from sla_audit.report import numbers
from sla_audit.report.language import Words
from sla_audit.report.owing import form_of


def page_environment(words: Words) -> Environment:
    """Make what fills templates: a name that is not there is a bug, and every text is escaped."""
    environment = Environment(
        loader=PackageLoader("sla_audit.report.formats.html", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    cast("Any", environment).install_gettext_translations(words.catalogue, newstyle=True)
    environment.globals["anchors"] = {}  # where citations lead: nowhere, unless a page has the agreement
    environment.filters |= {
        "number": lambda number: f"{number:,}",
        "money": numbers.money,
        "owed": words.owed,
        "percent": numbers.percent,
        "rate_percent": numbers.rate_percent,
        "visible": for_terminal,
        "form": lambda terms: words.of(form_of(terms)),
    }
    return environment


def asset(name: str) -> str:
    """Read a style or a script."""
    return files("sla_audit.report.formats.html").joinpath("assets", name).read_text("utf-8")
