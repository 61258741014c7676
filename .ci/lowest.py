"""The lowest versions that `pyproject.toml` allows, as constraints for pip: `python .ci/lowest.py > lowest.txt`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_AT_LEAST = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)(?:,.*)?")


def main() -> None:
    """Print a constraint for each requirement of the program and of its tests."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for requirement in [
        *project["dependencies"],
        *(each for name in extras if name != "lint" for each in extras[name]),
    ]:
        if requirement.startswith(f"{project['name']}["):
            continue  # the extras of the program itself
        written = _AT_LEAST.fullmatch(requirement)
        if written is None:
            raise SystemExit(f"pyproject.toml: {requirement!r} does not say which version is the lowest")
        print(f"{written[1]}=={written[2]}")


if __name__ == "__main__":
    main()
