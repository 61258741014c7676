"""How inputs are changed: bytes, the pieces that text is made of, its lines, and the values of JSON."""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Sequence
from typing import Any

from tests.mutation import mutated

_PIECE = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[\w.+-]+|[^\S\n]+|.', re.DOTALL)
_TOML = re.compile(rb"^\w+ = ", re.MULTILINE)
_VALUE = re.compile(rb'= ?("(?:[^"\\\n]|\\.)*"|\[[^\]\n]*\]|[^\s,}#]+)')
_MOST_BYTES = 100_000
ODD = (
    *(
        b"",
        b"-",
        b"0",
        b"-0",
        b"-1",
        b"1",
        b"00",
        b"0.0",
        b"1e9",
        b"1E-400",
        b"1e400",
        b"0.1234567890123456789",
        b"NaN",
    ),
    *(
        b"inf",
        b"null",
        b"None",
        b"true",
        b"false",
        b"yes",
        b"2147483648",
        b"9223372036854775807",
        b"9223372036854775808",
    ),
    *(
        b"-9223372036854775809",
        b"1" * 40,
        b"0x10",
        b"1_000",
        b"+5",
        "１２".encode(),
        "٣".encode(),
        b"\xff",
        b"\xed\xa0\x80",
    ),
    *(
        b"\\ud800",
        b"\\u0000",
        b"\0",
        b"\r",
        b"\x1b[31m",
        "\u202e".encode(),
        "\u2028".encode(),
        b"\xef\xbb\xbf",
        b"\xc2\x85",
    ),
    *(
        b"''",
        b'""',
        b'"',
        b"'",
        b"'''",
        b'"""',
        b"\\",
        b"\\\\",
        b";",
        b",",
        b"\t",
        b"[]",
        b"{}",
        b"[[]]",
        b"=",
        b"#",
        b"%",
        b"$x",
    ),
    *(
        b"0001-01-01",
        b"1969-12-31",
        b"1970-01-01",
        b"2026-02-30",
        b"2026-10-31",
        b"2026-11-01",
        b"2099-12-31",
        b"2200-01-01",
    ),
    *(
        b"9999-12-31",
        b"2026-10",
        b"2026-13",
        b"2026-10-12T01:00:00+08:00",
        b"2026-10-12T24:00:00Z",
        b"2026-10-12 01:00",
    ),
    *(
        b"2026-10-12T01:00:00.1234567891Z",
        b"12/Oct/2026:01:00:00 +0800",
        b"1790784000",
        b"1790784000.5",
        b"1790784000123456789",
    ),
    *(
        b"A" * 300,
        b"[" * 50,
        b"{" * 50,
        b'{"a":' * 40,
        b"../x",
        b"/dev/null",
        b"a" * 30 + b"!",
        b"(a+)+$",
        b"*",
        b"**",
        b"[a-",
        b"?",
    ),
)
_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**31,
        2**63 - 1,
        2**63,
        -(2**63) - 1,
        10**30,
        0.5,
        -0.0,
        1e300,
        float("nan"),
        float("inf"),
    ),
    *(
        "",
        " ",
        "-",
        "0",
        "1",
        "-1",
        "0.1",
        "1e3",
        "NaN",
        "null",
        "9" * 30,
        "1E-400",
        "\0",
        "\ud800",
        "\u202e",
        "\x1b[31m",
        "\r\n",
    ),
    *(
        "0001-01-01",
        "2026-02-30",
        "2026-10",
        "2026-10-31",
        "9999-12-31",
        "2200-01-01",
        "2026-10-12T01:00:00+08:00",
        "A" * 300,
    ),
    *([], {}, [[]], [None], {"": None}, [1] * 50),
)


def changed(data: bytes, others: Sequence[bytes], chance: random.Random, *, tokens: Sequence[bytes] = ()) -> bytes:
    """Change an input in one of many ways, a few times; `tokens` are the words of its format, `others` inputs like it.

    JSON and TOML are mostly changed so that they stay such: else hardly anything of them would be read at all.
    """
    kept = chance.random() < 0.85 and _parses(data)
    for _ in range(8 if kept else 1):
        new = data
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            new = chance.choices(_WAYS, _WEIGHTS[_syntax(new)])[0](new, others, tokens, chance)
        if not kept or _parses(new):
            break
    return new[:_MOST_BYTES]


def _parses(data: bytes) -> bool:
    """Tell whether something is whole JSON or TOML."""
    try:
        parse = {"json": json.loads, "toml": tomllib.loads}[_syntax(data)]
        parse(data.decode())
    except (KeyError, ValueError, RecursionError):
        return False
    return True


def _syntax(data: bytes) -> str:
    if b"\0" in data:
        return "binary"
    if data.lstrip()[:1] in (b"{", b"["):
        return "json" if b'"' in data[:20] else "toml"
    return "toml" if _TOML.search(data[:3000]) else "text"


def _other_bytes(data: bytes, others: Sequence[bytes], tokens: Sequence[bytes], chance: random.Random) -> bytes:
    return mutated(data, chance)


def _with_other_piece(data: bytes, others: Sequence[bytes], tokens: Sequence[bytes], chance: random.Random) -> bytes:
    """Put something in place of a word, a quoted text or a sign, or exchange two of them."""
    pieces = _PIECE.findall(data)
    if not pieces:
        return chance.choice([*ODD, *tokens])
    at, way = chance.randrange(len(pieces)), chance.randrange(6)
    if way < 2:
        pieces[at] = chance.choice(ODD)
    elif way == 2 and tokens:
        pieces[at] = chance.choice(tokens)
    elif way == 3:
        pieces[at] = chance.choice(_PIECE.findall(chance.choice(others)) or [b""])
    elif way == 4:
        other = chance.randrange(len(pieces))
        pieces[at], pieces[other] = pieces[other], pieces[at]
    else:
        word = chance.choice([*ODD, *tokens])
        pieces[at] = b'"' + word + b'"' if pieces[at].startswith(b'"') else pieces[at] + word
    return b"".join(pieces)


def _with_other_lines(data: bytes, others: Sequence[bytes], tokens: Sequence[bytes], chance: random.Random) -> bytes:
    """Leave lines out, repeat them, exchange them, take one from elsewhere, or end them otherwise."""
    lines = data.split(b"\n")
    at, other, way = chance.randrange(len(lines)), chance.randrange(len(lines)), chance.randrange(6)
    if way == 0:
        del lines[at : at + chance.choice((1, 1, 3, 20))]
    elif way == 1:
        lines[other:other] = lines[at : at + chance.choice((1, 1, 3))] * chance.choice((1, 1, 1, 2, 30))
    elif way == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif way == 3:
        lines.insert(at, chance.choice(chance.choice(others).split(b"\n")))
    elif way == 4:
        lines[at] += chance.choice((b"\r", b" ", b"\t", b"\\", b"#", b"\0"))
    else:
        chance.shuffle(lines)
    return b"\n".join(lines)


def _with_other_value(data: bytes, others: Sequence[bytes], tokens: Sequence[bytes], chance: random.Random) -> bytes:
    """Change one value somewhere in a JSON document, in one line of JSON lines, or behind one `=` of TOML."""
    if _syntax(data) != "json":
        return _with_other_toml_value(data, tokens, chance)
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        lines = data.split(b"\n")
        at = chance.randrange(len(lines))
        try:
            lines[at] = _written(_changed_somewhere(json.loads(lines[at]), chance))
        except (ValueError, RecursionError):
            return mutated(data, chance)
        return b"\n".join(lines)
    return _written(_changed_somewhere(whole, chance))


def _with_other_toml_value(data: bytes, tokens: Sequence[bytes], chance: random.Random) -> bytes:
    places = list(_VALUE.finditer(data))
    if not places:
        return mutated(data, chance)
    found = chance.choice(places)
    value = chance.choice([*ODD, *tokens, *(other[1] for other in places)])
    way = chance.randrange(4)
    if way == 0:
        value = b'"' + value.strip(b'"') + b'"'
    elif way == 1:
        value = b"[" + value + b"]"
    elif way == 2:
        value = found[1] + b", " + value if found[1].startswith(b"[") else value
    return data[: found.start(1)] + value + data[found.end(1) :]


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _changed_somewhere(value: Any, chance: random.Random) -> Any:
    """Go down a random way, mostly to its end, and put, take away, repeat or exchange a value there."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.03:
        return _another(value, chance)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = chance.choice(keys)
    inner = isinstance(value[key], dict | list) and bool(value[key])
    if inner or chance.random() < 0.6:
        value[key] = _changed_somewhere(value[key], chance)
    elif isinstance(value, list):
        value.insert(chance.randrange(len(value)), value[key]) if chance.random() < 0.5 else value.pop(key)
    elif chance.random() < 0.5:
        del value[key]
    else:
        value[chance.choice(keys)], value[str(key) + chance.choice(("", "x", "\0"))] = (
            value[key],
            chance.choice(_VALUES),
        )
    return value


def _another(value: Any, chance: random.Random) -> Any:
    """Give a value that is near, or none of its kind."""
    if isinstance(value, bool) or chance.random() < 0.5:
        return chance.choice(_VALUES)
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 10, 2**32))
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        return value[:at] + chance.choice(("", "0", "1", "9", " ", "-", ".", "x", "\n", "\u202e")) + value[at + 1 :]
    return chance.choice(_VALUES)


def _spliced(data: bytes, others: Sequence[bytes], tokens: Sequence[bytes], chance: random.Random) -> bytes:
    """Begin as one input and go on as another."""
    other = chance.choice(others)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


_WAYS = (_other_bytes, _with_other_piece, _with_other_lines, _with_other_value, _spliced)
_WEIGHTS = {"binary": (7, 1, 0, 0, 2), "text": (3, 3, 2, 0, 1), "toml": (1, 3, 2, 6, 0.2), "json": (1, 2, 1, 6, 0.2)}
