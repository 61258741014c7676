"""Where the program starts: ready to be interrupted before it loads what takes a while."""

from __future__ import annotations

import os

from sla_audit.cli.streams import open_descriptors
from sla_audit.system.interrupts import Interrupted, end_in_good_order


def main() -> None:
    """Run the program and leave with its exit code."""
    open_descriptors()
    try:
        end_in_good_order()
        from sla_audit.cli import main as program

        program.main()
    except Interrupted as interrupted:  # before there was anything to interrupt, or after all was done
        os._exit(interrupted.code)
