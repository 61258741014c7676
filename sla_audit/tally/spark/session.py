"""Starting Spark, or telling what it lacks."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import warnings
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, as_phrase, said_by, to_say

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {"spark.sql.execution.arrow.maxRecordsPerBatch": "128"}  # a row may be a million bytes
_OF_A_DRIVER = {"spark.ui.showConsoleProgress": "false"}
_BY_SUBMIT = "PYSPARK_GATEWAY_PORT"
"""The variable by which spark-submit says where its Java, which runs already, listens."""
_PORTS = {"spark": 7077, "sc": 15002}
_SECONDS_TO_ANSWER = 10
_MOST_TOLD = 300


def is_connect(master: str | None) -> bool:
    """Tell whether a master is a Spark Connect server, to which the driver is no part."""
    return master is not None and master.startswith("sc://")


def started(master: str | None) -> SparkSession:
    """Start Spark, at a master or as its own configuration says. Raises `InputError` for what keeps it from starting.

    Not on the main thread, where Spark would take Ctrl-C for itself.
    """
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")  # of pandas, of which nothing is used
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            Problem(
                "--engine spark",
                Sentence("needs Spark's Python packages: {why}", why=said_by(error, in_short=True)),
                "pip install 'sla-audit[spark]'",
            )
        ) from error
    if master is not None:
        _see_whether_it_answers(master)
    if not is_connect(master):
        if _BY_SUBMIT not in os.environ:
            _find_java()
        # Workers are to have this very Python, unless something else is said, as under YARN.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("sla-audit")
    if master is not None:
        builder = builder.remote(master) if is_connect(master) else builder.master(master)
    for name, value in (_SETTINGS if is_connect(master) else _SETTINGS | _OF_A_DRIVER).items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:_MOST_TOLD]
        raise _cannot_start(master, as_phrase(why)) from error


def _cannot_start(master: str | None, why: Sentence) -> InputError:
    where = Sentence("Spark") if master is None else master.partition(";")[0]  # a token may stand behind
    remedy = to_say("Check --spark-master and Spark's own configuration: see docs/engines.md.")
    return InputError(Problem(where, Sentence("Spark cannot be started: {why}", why=why), remedy))


def _find_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java" if home is None else os.path.join(home, "bin", "java")) is None:  # noqa: PTH118
        remedy = to_say("Install Java 17 or later, or name its folder in the variable JAVA_HOME.")
        raise InputError(Problem("--engine spark", to_say("needs Java, which is not found"), remedy))


def _see_whether_it_answers(master: str) -> None:
    """Raise `InputError` where nobody listens there: Spark itself would go on asking for minutes."""
    scheme, separator, rest = master.partition("://")
    if not separator or scheme not in _PORTS or any(re.fullmatch("(?i)https?_proxy|grpc_proxy", n) for n in os.environ):
        return
    why: OSError | ValueError | None = None
    for each in rest.split(","):
        try:
            place = urlsplit(f"//{each.partition('/')[0]}")
            with socket.create_connection((place.hostname, place.port or _PORTS[scheme]), _SECONDS_TO_ANSWER):
                return
        except (OSError, ValueError) as error:
            why = error
    raise _cannot_start(master, said_by(why) if why is not None else as_phrase(to_say("no machine is named")))
