"""Zones are named as the IANA database names them, wherever one can be named."""

from __future__ import annotations

import pytest

from sla_audit.model.zones import zone_named


@pytest.mark.parametrize("name", ["UTC", "Asia/Shanghai", "Etc/GMT+8", "America/Argentina/Buenos_Aires"])
def test_a_zone(name: str) -> None:
    assert zone_named(name).key == name


@pytest.mark.parametrize("name", ["posix/Asia/Shanghai", "right/Asia/Shanghai"])
def test_copies_of_the_database_are_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' is a copy .*; write 'Asia/Shanghai'"):
        zone_named(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localtime",
        "posixrules",
        "Factory",
        "CST",
        "Asia",
        "Asia/",
        "/etc/localtime",
        "../UTC",
        "A/\0",
        "A" * 999 + "/B",
    ],
)
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="is not an IANA time zone"):
        zone_named(name)
