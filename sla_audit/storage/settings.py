"""What is said of object stores: `[storage]` in the config. Credentials are the environment's, and never said here.

It is said once for the whole of a run, as the environment is, and whoever reads an object on another machine takes it
along: see `in_use`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from sla_audit.sentence import to_say

_ENDPOINT = re.compile(r"(?:https?://)?(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?/?", re.ASCII)


def endpoint_of(written: str) -> str:
    """Read the address of a host. Raises `ValueError` for what is none, or says more."""
    if not _ENDPOINT.fullmatch(written):
        raise ValueError(
            to_say(
                "expected a host, such as https://s3.cn-north-1.jdcloud-oss.com or http://127.0.0.1:9000, without a"
                " path or credentials"
            )
        )
    return written


@dataclass(frozen=True)
class StorageSettings:
    """Which host speaks for a store, and how.

    Where buckets are `virtual`, they are a part of the host's name, and else the first part of the path; None is what
    is usual of the store. What fails for a reason that may pass is tried again for about `retry_seconds`.
    """

    endpoint: str | None = None
    region: str | None = None
    virtual: bool | None = None
    anonymous: bool = False
    retry_seconds: float = 30.0

    @property
    def host(self) -> tuple[str, str] | None:
        """The scheme and the host of the endpoint, which for S3 the environment may say too."""
        said = self.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if not said:
            return None
        scheme, separator, host = said.rstrip("/").rpartition("://")
        return (scheme, host) if separator else ("https", host)


class _InUse:
    settings = StorageSettings()


def in_use() -> StorageSettings:
    """Give what is said of stores in this run."""
    return _InUse.settings


def use(settings: StorageSettings) -> None:
    """Say it."""
    _InUse.settings = settings


def say(settings: StorageSettings) -> bool:
    """Say it once: tell whether nothing else was said in this run before."""
    is_first = _InUse.settings in {StorageSettings(), settings}
    use(settings if is_first else _InUse.settings)
    return is_first
