"""What goes wrong with Spark, as far as a user can mend it."""

from __future__ import annotations

import re

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, to_say

_IN_PYTHON = "Traceback (most recent call last)"
_MISSING = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'|Can't get attribute .* on <module '([\w.]+)'")
_OTHER_PYTHON = re.compile(r"PYTHON_VERSION_MISMATCH.*|Python in worker has different version.*")
_OF_THE_SYSTEM = re.compile(
    r"^(?:OSError|BlockingIOError|PermissionError|TimeoutError|ConnectionError|MemoryError)\b.*", re.MULTILINE
)
_CAUSES = re.compile(r"No space left on device|OutOfMemoryError|ExecutorLostFailure[^\n]*|stopped SparkContext")
_MOST_TOLD = 300


def told(error: Exception) -> Exception:
    """Give what Spark says as what is to be told a user; a failure of the code on a worker stays as it is: a bug."""
    text = str(error)
    remedy = to_say("Give all machines the environment that the run is started in: see docs/engines.md.")
    missing = _MISSING.search(text)
    if missing is not None:
        found = Sentence("have no module {module}, or another than this run", module=missing[1] or missing[2])
        return InputError(Problem(Sentence("Spark's workers"), found, remedy))
    if _OTHER_PYTHON.search(text):
        return InputError(Problem(Sentence("Spark's workers"), to_say("have another Python than this run"), remedy))
    of_the_system = _OF_THE_SYSTEM.search(text)
    if _IN_PYTHON in text and of_the_system is None:
        return error
    cause = _CAUSES.search(text) if of_the_system is None else of_the_system
    why = (text.strip().splitlines() or [type(error).__name__])[0] if cause is None else cause[0]
    return InputError(
        Problem(
            Sentence("Spark"),
            Sentence("could not finish: {why}", why=why[:_MOST_TOLD]),
            to_say("Mend it, and run this again. What its machines say of it stands in Spark's own logs."),
        )
    )
