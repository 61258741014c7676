"""The stores themselves, as Arrow's file systems: made where they are needed, once for each process."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal

from sla_audit.errors import InputError, Problem
from sla_audit.storage.address import Address
from sla_audit.storage.settings import StorageSettings, in_use

Purpose = Literal["reading", "listing", "writing"]

_ATTEMPTS: dict[Purpose, int] = {"reading": 1, "listing": 3, "writing": 1}
"""Of the library: a page of a listing is asked for again by itself. See `insisting` for those of ours."""
_LEAST_SECONDS = 2.0
"""For either: a busy machine may need so long, however short the time of trying again."""
_SHARE_TO_CONNECT, _SHARE_WITHOUT_A_BYTE = 6, 3
"""Into so many parts the time of trying again is cut: one is for connecting, or for waiting for a byte, in all tries.

Where no byte comes, the library notices that some six seconds after the time that it is given.
"""
_REGION_WHERE_NONE_MATTERS = "us-east-1"
_ACCOUNT = re.compile(r"(?P<container>[^@]+)@(?P<account>[^.]+)(?P<authority>\..+)")


def store_of(address: Address, purpose: Purpose = "reading") -> Any:
    """Give the file system of a store. Raises `InputError` where what is needed for it is not said.

    One for "writing" sends what is small by one request.
    """
    authority = "" if address.scheme == "gs" else address.bucket
    return _store(address.scheme, authority, in_use(), purpose)


def place_in(address: Address) -> str:
    """Give the place of an object as its file system has it."""
    if address.scheme in {"abfs", "abfss"}:
        container, slash, key = address.place.partition("/")
        return f"{container.partition('@')[0]}{slash}{key}"
    return address.place


def forget() -> None:
    """Begin anew: credentials may be others."""
    _store.cache_clear()


@lru_cache(64)
def _store(scheme: str, authority: str, settings: StorageSettings, purpose: Purpose) -> Any:
    if scheme == "gs":
        return _google(settings)
    if scheme in {"abfs", "abfss"}:
        return _azure(authority, settings)
    return _s3(scheme, authority, settings, purpose)


def _s3(scheme: str, bucket: str, settings: StorageSettings, purpose: Purpose) -> Any:
    from pyarrow import fs

    # Nobody who has no machine of Amazon's is to wait for it to answer who they are.
    host, is_oss = settings.host, scheme == "oss"
    if is_oss and host is None:
        raise InputError(
            Problem(
                f"oss://{bucket}",
                "no endpoint is said, which Alibaba's store needs",
                'Say it: endpoint = "https://oss-cn-hangzhou.aliyuncs.com" in [storage] of the config.',
            )
        )
    region = settings.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region is None and host is not None:
        region = _REGION_WHERE_NONE_MATTERS
    elif region is None:
        with suppress(OSError):  # the library has other ways to find it
            region = fs.resolve_s3_region(bucket)
    said: dict[str, Any] = {} if host is None else {"scheme": host[0], "endpoint_override": host[1]}
    keys = os.environ.get("OSS_ACCESS_KEY_ID"), os.environ.get("OSS_ACCESS_KEY_SECRET")
    if is_oss and all(keys) and not settings.anonymous:
        said |= {"access_key": keys[0], "secret_key": keys[1], "session_token": os.environ.get("OSS_SESSION_TOKEN")}
    if host is not None:  # other stores than Amazon's need the length of what is written, and not its digest at the end
        os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    seconds = settings.retry_seconds / _ATTEMPTS[purpose]
    return fs.S3FileSystem(
        region=region,
        anonymous=settings.anonymous,
        force_virtual_addressing=is_oss if settings.virtual is None else settings.virtual,
        connect_timeout=max(_LEAST_SECONDS, seconds / _SHARE_TO_CONNECT),
        request_timeout=max(_LEAST_SECONDS, seconds / _SHARE_WITHOUT_A_BYTE),
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS[purpose]),
        allow_delayed_open=purpose == "writing",
        **said,
    )


def _google(settings: StorageSettings) -> Any:
    from pyarrow import fs

    host = None if settings.endpoint is None else settings.host
    said = {} if host is None else {"scheme": host[0], "endpoint_override": host[1]}
    limit = timedelta(seconds=settings.retry_seconds / _SHARE_TO_CONNECT)
    return fs.GcsFileSystem(anonymous=settings.anonymous, retry_time_limit=limit, **said)


def _azure(authority: str, settings: StorageSettings) -> Any:
    from pyarrow import fs

    found = _ACCOUNT.fullmatch(authority)
    account = found["account"] if found else os.environ.get("AZURE_STORAGE_ACCOUNT_NAME")
    if not account:
        raise InputError(
            Problem(
                f"abfs://{authority}",
                "no account of Azure is said",
                "Write abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/…, or set AZURE_STORAGE_ACCOUNT_NAME.",
            )
        )
    said: dict[str, Any] = {}
    key, token = os.environ.get("AZURE_STORAGE_ACCOUNT_KEY"), os.environ.get("AZURE_STORAGE_SAS_TOKEN")
    if key:
        said["account_key"] = key
    elif token:
        said["sas_token"] = token
    host = None if settings.endpoint is None else settings.host
    if host is not None:
        said |= dict.fromkeys(("blob_storage_scheme", "dfs_storage_scheme"), host[0])
        said |= dict.fromkeys(("blob_storage_authority", "dfs_storage_authority"), host[1])
    return fs.AzureFileSystem(account, **said)
