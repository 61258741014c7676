"""The last line of a text that has no line end: it may be half written, and then cannot be read yet."""

from __future__ import annotations

from sla_audit.intake.bytes.chunks import Piece

_QUOTE = b'"'
_LINE_END = ord("\n")


def parted(piece: Piece, *, quoted: bool) -> tuple[Piece, Piece] | None:
    """Part the last line, where it has no line end, from the whole rows before it; None where it has one.

    Only the last piece of a text can have such a line. Where quotes may enclose line ends (`quoted`) and one is open
    before it, it is no row by itself and stays where it is.
    """
    if not piece.data.size or ends_a_line(piece):
        return None
    data = piece.data.to_pybytes()
    cut = data.rfind(b"\n") + 1
    if quoted and data.count(_QUOTE, 0, cut) % 2:
        return None
    whole = Piece(piece.data.slice(0, cut), piece.start, piece.lines_before)
    return whole, Piece(piece.data.slice(cut), piece.start + cut, lambda: piece.lines_before() + data.count(b"\n"))


def ends_a_line(piece: Piece) -> bool:
    """Tell whether the last of some rows has a line end."""
    return bool(piece.data.size) and memoryview(piece.data)[-1] == _LINE_END
