"""Files of a directory that are not read, and why: nothing that may be a log is left out in silence."""

from __future__ import annotations

from pathlib import Path

from sla_audit.intake.sources.path_text import as_text
from sla_audit.model.log_summary import LeftOut

UNKNOWN_KIND = "unknown_kind"
PACKING = "packing"
NOT_A_FILE = "not_a_file"
BROKEN_LINK = "broken_link"
CANNOT_BE_LISTED = "cannot_be_listed"
REASONS = (UNKNOWN_KIND, PACKING, NOT_A_FILE, BROKEN_LINK, CANNOT_BE_LISTED)
"""Why something is left out: its name does not say what it holds; it is packed in a way that is not read; it is a pipe,
a socket or a device; a link that leads nowhere; a directory that cannot be listed."""

_PACKINGS = {".7z", ".br", ".bz2", ".gz", ".lz4", ".lzma", ".lzo", ".rar", ".snappy", ".sz", ".tar", ".tbz2", ".tgz"}
_PACKINGS |= {".txz", ".xz", ".z", ".zip", ".zst"}
_KNOWN = {".gz", ".zst"}


def left_out(file: Path, *, of_a_known_kind: bool) -> LeftOut:
    """Say why a file is left out. Where the suffix before that of its packing is known, the packing is at fault."""
    packed = file.suffix.lower() in _PACKINGS and (of_a_known_kind or file.suffix.lower() not in _KNOWN)
    try:
        size = file.stat().st_size
    except OSError:  # it is gone by now
        size = None
    return LeftOut(as_text(file), size, PACKING if packed else UNKNOWN_KIND)
