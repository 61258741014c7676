"""Where an object is: the scheme of its store, and the bucket and the key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sla_audit.errors import InputError, Problem

SCHEMES = ("s3", "oss", "gs", "abfs", "abfss")


@dataclass(frozen=True, slots=True)
class Address:
    """An object, or what a store shows as a directory; `place` is bucket and key."""

    scheme: str
    place: str

    @property
    def bucket(self) -> str:
        """The bucket; of Azure, the container and what is said of the account."""
        return self.place.partition("/")[0]

    def within(self, name: str) -> Address:
        """Give what has a name in it."""
        return Address(self.scheme, f"{self.place}/{name}" if self.place else name)

    @property
    def numbers(self) -> tuple[int, int]:
        """Two numbers that no other has, as files have those of a device and an inode."""
        return _number(f"{self.scheme}://{self.bucket}"), _number(str(self))

    def __str__(self) -> str:
        """Write it as users do."""
        return f"{self.scheme}://{self.place}"


def refuse_unwritable(written: str, place: str) -> None:
    """Raise `InputError` where a place has an empty part, `.` or `..`: as a path, it would be another's."""
    if not {"", ".", ".."}.isdisjoint(place.split("/")):
        raise InputError(
            Problem(
                written,
                "has an empty part, . or .. in its key, so that no path can name it",
                "Copy what is there to another key.",
            )
        )


def _number(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest()
    return int.from_bytes(digest, "big")
