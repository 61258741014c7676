"""Requests to a store, tried again for a while where that may help, and refused with the cause where it does not.

A fault of the network is never taken for one of a file: what cannot be fetched whole is not read at all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Message, Sentence, as_phrase, said_by, to_say
from sla_audit.storage.address import Address
from sla_audit.storage.settings import in_use

_FIRST_WAIT, _LONGEST_WAIT = 0.2, 5.0
_Done = TypeVar("_Done")

_OF_AWS = re.compile(r"AWS Error (?P<code>\w+)(?: \(HTTP status (?P<status>\d+)\))?.*?: (?P<said>.*)", re.DOTALL)
_FINAL = re.compile(
    r"ACCESS_DENIED|INVALID_ACCESS_KEY_ID|SIGNATURE_DOES_NOT_MATCH|INVALID_CLIENT_TOKEN_ID|UNRECOGNIZED_CLIENT|"
    r"EXPIRED_TOKEN|ExpiredToken|INVALID_TOKEN|InvalidToken|MISSING_AUTHENTICATION_TOKEN|NO_SUCH_BUCKET|NO_SUCH_KEY|"
    r"HTTP status (?:301|307|400|401|403|404)|PermissionDenied|PERMISSION_DENIED|Unauthenticated|UNAUTHENTICATED|"
    r"AuthenticationFailed|AuthorizationFailure|NotFound|NOT_FOUND"
)
_WRONG_PLACE = re.compile(r"NO_SUCH_BUCKET|NO_SUCH_KEY|HTTP status (?:301|307|400|404)|NotFound|NOT_FOUND")
_OF_RIGHTS = to_say(
    "Check the credentials of the environment or the profile, and what they may read; see docs/storage.md."
)
_OF_THE_PLACE = to_say("Check the name, and endpoint and region in [storage] of the config.")
_OF_THE_NETWORK = to_say("Run it again once the store answers; nothing was counted of a part of a file.")
_MOST_SAID = 300


class RefusedError(InputError):
    """A store does not let do what was asked for, or has not what it is about: asking again would not help."""


class ShortError(OSError):
    """A store gave other bytes than were asked for, and said nothing of a fault."""


_given_up: dict[tuple[str, str], Problem] = {}
"""Stores and buckets that did not answer for so long, and what was asked for: nobody else is to wait for them."""


def forget() -> None:
    """Begin anew: what did not answer may by now."""
    _given_up.clear()


def insisting(address: Address, work: Callable[[], _Done], doing: str) -> _Done:
    """Do some work with an object, again and again for as long as the settings say.

    `doing` says what could not be done. Raises `FileNotFoundError` where there is no such object, `RefusedError` with
    the cause where the store refuses, and another `InputError` where it does not answer.
    """
    began, wait, store = time.monotonic(), _FIRST_WAIT, (address.scheme, address.bucket)
    while store not in _given_up:
        try:
            return work()
        except FileNotFoundError:
            raise
        except OSError as error:
            if _FINAL.search(str(error)):
                remedy = _OF_THE_PLACE if _WRONG_PLACE.search(str(error)) else _OF_RIGHTS
                what = Sentence("{doing}: {why}", doing=as_phrase(doing), why=_cause(error))
                raise RefusedError(Problem(str(address), what, remedy)) from error
            tried = time.monotonic() - began
            if tried + wait >= in_use().retry_seconds:
                what = Sentence(
                    "{doing}: {why}; the store was asked again and again for {seconds:.0f} seconds",
                    doing=as_phrase(doing),
                    why=_cause(error),
                    seconds=tried,
                )
                _given_up.setdefault(store, Problem(str(address), what, _OF_THE_NETWORK))
                break
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)
    raise InputError(_given_up[store])


def _cause(error: OSError) -> Message:
    """Say in one line what a library found."""
    if isinstance(error, ShortError):
        return said_by(error)
    said = " ".join(str(error).split())
    found = _OF_AWS.search(said)
    cause = said if found is None else f"{found['said'].rstrip('.')} ({found['code']})"
    return cause if len(cause) <= _MOST_SAID else f"{cause[:_MOST_SAID]}..."
