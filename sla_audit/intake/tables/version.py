"""Which version of a table is meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_MOST = 2**63 - 1


@dataclass(frozen=True)
class AsOfVersion:
    """A version by its number, of which there is one, or the one that was the latest at an instant."""

    number: int | None = None
    instant: datetime | None = None

    @classmethod
    def parse(cls, written: str) -> AsOfVersion:
        """Read a number, or an instant in ISO 8601 with its offset from UTC. Raises `ValueError`."""
        if written.isascii() and written.isdigit():
            number = int(written) if len(written) < 20 else _MOST + 1
            if number > _MOST:
                raise ValueError(written)
            return cls(number=number)
        instant = datetime.fromisoformat(written)
        if instant.tzinfo is None:
            raise ValueError(written)
        instant.timestamp()  # OverflowError where there is none
        return cls(instant=instant)

    def __str__(self) -> str:
        """Write it as it is taken."""
        return str(self.number) if self.instant is None else self.instant.isoformat()
