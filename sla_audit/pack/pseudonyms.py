"""Pseudonyms of accounts: alike for the same account and key, and apart for different accounts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sla_audit.errors import InputError, Problem, cannot_be_read
from sla_audit.sentence import Sentence
from sla_audit.system.whole_file import read_whole

_FEWEST, _MOST = 16, 4096
_LETTERS = 16  # 80 bits: no two of a million accounts meet
_TOKEN = re.compile(r"[^/\\\s,;:=&?#()\[\]{}<>\"'|]+")


@dataclass(frozen=True)
class Pseudonyms:
    """Names that only who has the key can tell to be an account's."""

    key: bytes

    def of(self, account: str) -> str:
        """Name an account."""
        digest = hmac.new(self.key, account.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
        return "p-" + base64.b32encode(digest).decode("ascii")[:_LETTERS].lower()

    def within(self, text: str, accounts: Collection[str]) -> str:
        """Put pseudonyms for accounts that stand in a text, such as a path or a note."""
        found = _TOKEN.sub(lambda part: self._part(part[0], accounts), text)
        for account in sorted((each for each in accounts if len(each) > 2 and each in found), key=len, reverse=True):
            found = re.sub(rf"(?<![\w-]){re.escape(account)}(?![\w-])", self.of(account), found)
        return found

    def _part(self, part: str, accounts: Collection[str]) -> str:
        return self.of(part) if part in accounts else part


def read_key(path: Path) -> Pseudonyms:
    """Read the key from a file. Raises `InputError` where it is too short to keep a secret."""
    where = f"--pseudonymise {path.as_posix()}"
    try:
        key = read_whole(path, _MOST).strip()
    except OSError as error:
        raise InputError(cannot_be_read(where, error)) from error
    if len(key) < _FEWEST:
        remedy = Sentence(
            "Write at least {fewest} random characters into it, or name a file that is not there: it is made.",
            fewest=_FEWEST,
        )
        raise InputError(
            Problem(where, Sentence("has {bytes} bytes, which is too short for a key", bytes=len(key)), remedy)
        )
    return Pseudonyms(key)
