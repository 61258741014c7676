"""Folders with a mistake in them, and all that the program says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Content = str | bytes | Mapping[str, Any]


def lay(folder: Path, files: Mapping[str, Content]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_bytes(content.encode())
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            pq.write_table(pa.table(dict(content)), path)


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Take in every file and folder, hidden ones too, so that nothing can appear or change unseen."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


def messages(errors: str) -> list[str]:
    """Split what was printed into its messages; a message of click's follows a line on usage."""
    return [message.strip() for message in re.split(r"^(?:error|Error): ", errors, flags=re.MULTILINE)[1:]]
