"""What file system is made of what is said of a store: its host, region, addressing and credentials."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from pickle import dumps
from typing import Any

import pytest
from pyarrow import fs

from sla_audit.errors import InputError
from sla_audit.intake.bytes.plan import plan_of
from sla_audit.intake.bytes.planned_object import PlannedObject
from sla_audit.storage.location import StoredPath, location
from sla_audit.storage.objects import version_now
from sla_audit.storage.run import begin
from sla_audit.storage.settings import StorageSettings, endpoint_of, in_use, use
from sla_audit.storage.stores import place_in, store_of
from tests.builders.stores.served import Run, Store
from tests.program import ROOT

OF_CREDENTIALS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION")
OF_OTHERS = ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN")
OF_AZURE = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN")


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let neither the environment nor an earlier run say anything of stores."""
    for name in (*OF_CREDENTIALS, *OF_OTHERS, *OF_AZURE):
        monkeypatch.delenv(name, raising=False)
    begin()


def made(monkeypatch: pytest.MonkeyPatch, written: str, settings: StorageSettings) -> dict[str, Any]:
    """Give what the file system of a store is made of, under its name."""
    found: dict[str, Any] = {}
    for name in ("S3FileSystem", "GcsFileSystem", "AzureFileSystem"):

        def keep(*arguments: Any, name: str = name, **named: Any) -> object:
            found.update({"of": name, "arguments": arguments, **named})
            return object()

        monkeypatch.setattr(fs, name, keep)
    monkeypatch.setattr(fs, "resolve_s3_region", lambda bucket: f"region-of-{bucket}")
    use(settings)
    store_of(stored(written).address)
    return found


def stored(written: str) -> StoredPath:
    path = location(written)
    assert isinstance(path, StoredPath)
    return path


def test_amazons_buckets_are_a_part_of_the_host_and_have_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(monkeypatch, "s3://bucket/a.csv", StorageSettings())
    assert (found["of"], found["region"]) == ("S3FileSystem", "region-of-bucket")
    assert "endpoint_override" not in found  # where there is none, the library puts the bucket into the host


@pytest.mark.parametrize(("virtual", "forced"), [(None, False), (False, False), (True, True)])
def test_an_endpoint_is_spoken_to_by_path_unless_it_is_said_otherwise(
    monkeypatch: pytest.MonkeyPatch, virtual: bool | None, forced: bool
) -> None:
    settings = StorageSettings("https://s3.cn-north-1.jdcloud-oss.com", "cn-north-1", virtual)
    found = made(monkeypatch, "s3://bucket/a.csv", settings)
    host = (found["scheme"], found["endpoint_override"], found["region"])
    assert host == ("https", "s3.cn-north-1.jdcloud-oss.com", "cn-north-1")
    assert found["force_virtual_addressing"] is forced


def test_the_config_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000/")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    found = made(monkeypatch, "s3://bucket/a.csv", StorageSettings())
    assert (found["scheme"], found["endpoint_override"], found["region"]) == ("http", "127.0.0.1:9000", "eu-west-1")
    begin()
    found = made(monkeypatch, "s3://bucket/a.csv", StorageSettings("minio:9000", "us-east-1", anonymous=True))
    assert (found["scheme"], found["endpoint_override"], found["region"]) == ("https", "minio:9000", "us-east-1")
    assert found["anonymous"] is True


def test_alibabas_store_has_credentials_of_its_own_and_needs_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", "secret")
    with pytest.raises(InputError, match="no endpoint is said"):
        made(monkeypatch, "oss://bucket/a.csv", StorageSettings())
    found = made(monkeypatch, "oss://bucket/a.csv", StorageSettings("https://oss-cn-hangzhou.aliyuncs.com"))
    assert (found["access_key"], found["secret_key"], found["force_virtual_addressing"]) == ("id", "secret", True)


def test_googles_store_is_one_for_all_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(monkeypatch, "gs://bucket/a.csv", StorageSettings(anonymous=True))
    assert (found["of"], found["anonymous"]) == ("GcsFileSystem", True)
    assert store_of(stored("gs://bucket/a.csv").address) is store_of(stored("gs://other/b.csv").address)


def test_azures_account_is_a_part_of_the_name_or_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no account of Azure is said"):
        made(monkeypatch, "abfs://container/a.csv", StorageSettings())
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", "token")
    whole = "abfss://container@account.dfs.core.windows.net/logs/a.csv"
    found = made(monkeypatch, whole, StorageSettings())
    assert (found["of"], found["arguments"], found["sas_token"]) == ("AzureFileSystem", ("account",), "token")
    assert place_in(stored(whole).address) == "container/logs/a.csv"
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "other")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
    found = made(monkeypatch, "abfs://container/a.csv", StorageSettings())
    assert (found["arguments"], found["account_key"]) == (("other",), "a2V5")


@pytest.mark.parametrize("written", ["https://user:word@host", "https://host/bucket", "ftp://host", "ho st", ""])
def test_an_endpoint_is_a_host_alone(written: str) -> None:
    with pytest.raises(ValueError, match="expected a host"):
        endpoint_of(written)


def test_what_one_run_was_told_is_nothing_to_the_next(store: Store, program: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[storage]\nendpoint = "http://127.0.0.1:9"\nretry_seconds = 0.1\n')
    log = "s3://bucket/sample/logs/2026-10-a.csv"
    assert program("compute", log, "--config", str(config), "--as-of", "2026-11-20", "--quiet").code == 2
    assert in_use() != StorageSettings()
    assert program("compute", log, "--as-of", "2026-11-20", "--quiet").code == 0
    assert in_use() == StorageSettings()


def test_two_configs_of_a_run_may_not_say_two_things(store: Store, program: Run, tmp_path: Path) -> None:
    for name, region in (("ours", "a"), ("theirs", "b")):
        (tmp_path / f"{name}.toml").write_text(f'[storage]\nregion = "{region}"\n')
    sides = ("--config", f"{tmp_path}/ours.toml", "--their-config", f"{tmp_path}/theirs.toml")
    logs = "s3://bucket/sample/logs"
    done = program("reconcile", logs, logs, *sides, "--account", "exactly-99", "--cycle", "2026-10", "--quiet")
    assert done.code == 2
    assert "theirs.toml: storage: says other things of object stores than the config of the other side" in done.err


def test_a_plan_is_read_where_an_earlier_one_of_another_version_was(store: Store) -> None:
    use(StorageSettings(endpoint=store.proxy.url))
    path = stored("s3://bucket/sample/billing.csv")
    earlier = PlannedObject.of(path)
    with earlier.open() as file:
        assert file.read() == store.server.objects["bucket/sample/billing.csv"].data
    store.server.put("bucket/sample/billing.csv", b"another")
    later = replace(earlier, version=version_now(path.address))  # as another process has planned it
    with later.open() as file:
        assert file.read() == b"another"
    with pytest.raises(InputError, match="it was written anew"), earlier.open():
        pass


OPENED = """
import pickle, sys
planned = pickle.loads(sys.stdin.buffer.read())
with planned.open() as file:
    sys.stdout.buffer.write(file.read())
"""


def test_a_plan_is_read_in_another_process_by_what_it_carries(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = store.proxy.url
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    use(StorageSettings(endpoint=endpoint))
    planned = plan_of(location("s3://bucket/sample/billing.csv"))
    done = subprocess.run(
        [sys.executable, "-c", OPENED], input=dumps(planned), capture_output=True, cwd=ROOT, check=False
    )
    assert done.stdout == store.server.objects["bucket/sample/billing.csv"].data, done.stderr
    store.server.put("bucket/sample/billing.csv", b"another")
    done = subprocess.run(
        [sys.executable, "-c", OPENED], input=dumps(planned), capture_output=True, cwd=ROOT, check=False
    )
    assert b"changed while it was read: it was written anew" in done.stderr
    assert not done.stdout
