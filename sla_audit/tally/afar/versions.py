"""What has to be the same wherever tasks are done: other versions may hash, read or count otherwise."""

from __future__ import annotations

import hashlib
import json
import platform
import socket
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np
import polars as pl
import pyarrow as pa

from sla_audit import __version__
from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, to_say

_PACKAGE = __name__.partition(".")[0]
_END = b"\n"


@cache
def versions() -> dict[str, str]:
    """Give the versions here; that of sla-audit tells also other code of the same number."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "sla-audit": f"{__version__}+{_code()}",
        "polars": pl.__version__,
        "pyarrow": pa.__version__,
        "numpy": np.__version__,
    }


def with_versions(work: bytes) -> bytes:
    """Give work that is sent the versions of whoever sends it, which are read before all else."""
    return json.dumps(versions()).encode() + _END + work


def without_versions(sent: bytes) -> bytes:
    """Take them off again. Raises `InputError` where they are not those here."""
    head, _, work = sent.partition(_END)
    theirs: dict[str, str] = json.loads(head)
    unlike = [(name, theirs[name], here) for name, here in versions().items() if theirs.get(name) != here]
    if not unlike:
        return work
    name, theirs_is, here_is = unlike[0]
    found = Sentence(
        "has {name} {here}, and the run was started with {theirs}", name=name, here=here_is, theirs=theirs_is
    )
    remedy = to_say("Give all machines the environment that the run is started in: see docs/engines.md.")
    raise InputError(Problem(Sentence("the machine {machine}", machine=socket.gethostname()), found, remedy))


def _code() -> str:
    digest = hashlib.blake2b(digest_size=4)
    _add(digest, resources.files(_PACKAGE))
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, folder: Traversable) -> None:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            _add(digest, each)
        elif each.name.endswith(".py"):
            digest.update(each.name.encode() + each.read_bytes())
