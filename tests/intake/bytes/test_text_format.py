"""How CSV logs are written: the delimiters and encodings that may be named."""

from __future__ import annotations

import click
import pytest

from sla_audit.cli.options.parameters import csv_format
from sla_audit.intake.bytes.text_format import TextFormat

NAMED: dict[str, tuple[str | None, str | None, TextFormat]] = {
    "nothing is a comma and UTF-8": (None, None, TextFormat(",", "utf-8")),
    "a semicolon": (";", None, TextFormat(";")),
    "a tab by its name": ("tab", None, TextFormat("\t")),
    "a tab as programs write it": ("\\t", None, TextFormat("\t")),
    "a tab itself": ("\t", None, TextFormat("\t")),
    "a bar": ("|", None, TextFormat("|")),
    "a control character": ("\x01", None, TextFormat("\x01")),
    "GB 18030": (None, "GB18030", TextFormat(encoding="gb18030")),
    "GBK": (None, "gbk", TextFormat(encoding="gbk")),
    "UTF-16": (None, "UTF16", TextFormat(encoding="utf-16")),
    "UTF-8 in another spelling": (None, "UTF8", TextFormat()),
    "UTF-8 with a mark is UTF-8": (None, "utf-8-sig", TextFormat()),
    "Latin 1": (None, "latin-1", TextFormat(encoding="iso8859-1")),
}


@pytest.mark.parametrize(("delimiter", "encoding", "expected"), NAMED.values(), ids=NAMED)
def test_what_may_be_named(delimiter: str | None, encoding: str | None, expected: TextFormat) -> None:
    assert csv_format(delimiter, encoding) == expected


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n", "\r", "\0", "a", "7", "；", "tabs"])
def test_what_cannot_stand_between_fields(delimiter: str) -> None:
    with pytest.raises(click.BadParameter, match="one ASCII character") as raised:
        csv_format(delimiter, None)

    assert raised.value.param_hint == "--delimiter"


@pytest.mark.parametrize(
    "encoding", ["", "utf-9", "rot13", "hex", "base64", "idna", "unicode_escape", "undefined", "\0"]
)
def test_what_is_no_encoding_of_a_log(encoding: str) -> None:
    with pytest.raises(click.BadParameter, match="an encoding of text, such as utf-8") as raised:
        csv_format(None, encoding)

    assert raised.value.param_hint == "--encoding"
