"""Rows of CSV of which most are plain, and some hold all that may stand where a scan looks."""

from __future__ import annotations

import random

_PIECES = (
    *("2026-10-05T13:06:07Z", "1791176767", "acme", "b", "200", "502", "", "-", " ", "x", '"x"', '"a,b"', '"a""b"'),
    *('"', '""', '"""', '"a\nb"', "\r", "\0", "\t", "\\", '"\\"', "日本", "\xff", "timestamp", 'a"b', '"x"y', ","),
)


def odd_rows(chance: random.Random, rows: int) -> bytes:
    """Write a log with a header."""
    end = chance.choice(("\n", "\n", "\r\n"))
    written = ["timestamp,account_id,status,content_flag", *(_row(chance) for _ in range(rows))]
    text = end.join(written) + chance.choice((end, end, ""))
    return text.encode().replace(b"\xc3\xbf", b"\xff")


def _row(chance: random.Random) -> str:
    fields = [chance.choice(_PIECES[:2]), chance.choice(_PIECES[2:4]), chance.choice(_PIECES[4:6]), ""]
    if chance.random() < 0.3:
        fields[chance.randrange(len(fields))] = chance.choice(_PIECES)
    if chance.random() < 0.1:
        fields = fields[: chance.randrange(5)] + [chance.choice(_PIECES) for _ in range(chance.randrange(3))]
    quoted = chance.random() < 0.2
    return ",".join(f'"{field}"' if quoted and '"' not in field else field for field in fields)
