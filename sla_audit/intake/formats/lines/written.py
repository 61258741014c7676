"""How a log of lines is written."""

from __future__ import annotations

from dataclasses import dataclass

from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.dialects.line_format import LineFormat
from sla_audit.intake.formats.wrappers import Wrapper


@dataclass(frozen=True)
class TextLog:
    """How a log of lines is written: each in one of some formats, and what is around all of them.

    `names` are the fields that the log has, as far as is known. With `w3c`, lines that begin with `#` are no requests,
    and may name other fields than the one format here.
    """

    formats: tuple[LineFormat, ...]
    names: tuple[str, ...]
    encoding: str = UTF_8
    wrapper: Wrapper | None = None
    w3c: bool = False
