"""Lines of JSON of which most are objects, and some only nearly: all that may stand where a scan looks."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

_TIMES = (
    '"2026-10-05T13:06:07Z"',
    '"2026-10-05 13:06:07,5+0800"',
    '"2026-10-05T13:06:07"',
    "1791176767.123",
    "1791176767",
)
_NO_TIMES = (
    "null",
    '"2026-02-30T00:00:00Z"',
    "17911767670",
    "1.791176767e9",
    '"1791176767 "',
    "true",
    "-1",
    '"\\u0032026"',
)
_ACCOUNTS = (
    '"acme"',
    '"b"',
    '""',
    "42",
    "null",
    '"-"',
    '" a "',
    '"a\\u0062"',
    '"\\"q\\""',
    '"日本"',
    "1.0",
    "true",
    '"NaN"',
)
_STATUSES = (
    "200",
    '"502"',
    "200.0",
    "0",
    "null",
    '"-"',
    "2e2",
    "-0",
    "099",
    "false",
    "[200]",
    "{}",
    "1.50",
    "12345678901234567890",
)
_FLAGS = ("null", "true", "false", '"porn"', '"no"', "0", "0.10", "0.00001", "[]", '{"a": 1}', '"\\ud800"')
_OTHERS = (
    *(
        '"x"',
        '"\\n\\u00e9"',
        '"\\x41"',
        '"a\tb"',
        "1E5",
        "-0.0",
        "01",
        ".5",
        "1.",
        "nul",
        "NaN",
        "-Infinity",
        "truefalse",
    ),
    *(
        '[1, [2, {}], {"a": []}]',
        '{"b": {"status": 1}}',
        '{"a": 1,}',
        "[1 2]",
        '{"timestamp": null}',
        '"\x7f"',
        '{"a":}',
    ),
)
_KEYS = ("more", "latency", "status.code", "statu\\u0073", "Status", "r", "", "account_id ", "a\\\\b", "日")
_SPACES = ("", "", "", " ", "  ", "\t", "\r", " \x0b")
_ENDS = ("", "", "", "", "", "", "\r", " ", ",", "}", "{", "\0", "x")
_STARTS = ("", "", "", "", "", "", " ", "\t", "\ufeff", "[", "x")


def odd_log(chance: random.Random, lines: int) -> bytes:
    """Write a log that begins with a plain line."""
    first = '{"timestamp": "2026-10-05T00:00:00Z", "account_id": "acme", "status": 200, "content_flag": null}'
    written = [first, *(_line(chance) for _ in range(lines))]
    end = chance.choice(("\n", "\n", ""))
    return ("\n".join(written) + end).encode().replace(b"\xe6", b"\xff" if chance.random() < 0.1 else b"\xe6")


def _line(chance: random.Random) -> str:
    if chance.random() < 0.05:
        return chance.choice(("", " ", "null", "[]", "{}", "{", '{"', '{"a"', "\x0c", '"{}"'))
    fields = list(_fields(chance))
    if chance.random() < 0.2:
        chance.shuffle(fields)
    plain = chance.random() < 0.8
    space = (lambda: " ") if plain else lambda: chance.choice(_SPACES)
    text = ("," + space()).join(f'"{key}"{"" if plain else space()}:{space()}{value}' for key, value in fields)
    return text_of(chance, plain, "{" + ("" if plain else space()) + text + ("" if plain else space()) + "}")


def text_of(chance: random.Random, plain: bool, text: str) -> str:
    """Put something before and after an object, if it is not plain."""
    return text if plain else chance.choice(_STARTS) + text + chance.choice(_ENDS)


def _fields(chance: random.Random) -> Iterator[tuple[str, str]]:
    for key, usual, odd in (
        ("timestamp", _TIMES, _NO_TIMES),
        ("account_id", _ACCOUNTS[:2], _ACCOUNTS),
        ("status", _STATUSES[:2], _STATUSES),
        ("content_flag", _FLAGS[:1], _FLAGS),
    ):
        if chance.random() < 0.02:
            continue
        yield key, chance.choice(odd if chance.random() < 0.08 else usual)
        if chance.random() < 0.2:
            yield chance.choice(_KEYS), chance.choice(_OTHERS)
        if chance.random() < 0.02:
            yield key, chance.choice(usual)
    if chance.random() < 0.5:
        yield "agent", json.dumps("Mozilla/5.0 (X11)" * chance.randrange(4))
