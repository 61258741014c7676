"""Noto Serif SC as a TrueType font with the letters of one text, which is what reportlab can embed.

The font is of the package `pylopdf-fonts-zh-cn` (SIL Open Font License 1.1), with outlines that reportlab cannot read;
those of the letters that are needed are drawn anew, to a thousandth of their size. What is made depends on the letters
and the versions of that package and of fontTools alone.
"""

from __future__ import annotations

import hashlib
import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGES = ("fonttools", "pylopdf-fonts-zh-cn")
"""The packages on which it depends."""

_MODULES = ("fontTools", "pylopdf_fonts_zh_cn")
_MOST_OFF = 1.0  # of 1000 units to the em


def is_installed() -> bool:
    """Tell whether the font is there."""
    return all(find_spec(name) is not None for name in _MODULES)


def letters_it_has() -> frozenset[int]:
    """Give the code points that it has."""
    return frozenset(_font().getBestCmap())


def name_of(letters: frozenset[str]) -> str:
    """Name the font that has these letters: reportlab takes fonts of one name for the same."""
    return f"NotoSerifSC-{hashlib.sha256(''.join(sorted(letters)).encode()).hexdigest()[:12]}"


def truetype(letters: frozenset[str]) -> bytes:
    """Make a TrueType font of letters that it has; the same letters give the same bytes."""
    from fontTools.fontBuilder import FontBuilder  # noqa: PLC0415 - an extra
    from fontTools.pens.cu2quPen import Cu2QuPen  # noqa: PLC0415
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: PLC0415

    font = _font()
    names, drawings, widths = font.getBestCmap(), font.getGlyphSet(), font["hmtx"]
    cmap = {ord(letter): names[ord(letter)] for letter in sorted(letters)}
    order = [".notdef", *dict.fromkeys(cmap.values())]
    made = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    made.font.recalcTimestamp = False  # else it would have the time at which it was made
    made.updateHead(created=0, modified=0)
    made.setupGlyphOrder(order)
    made.setupCharacterMap(cmap)
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        drawings[name].draw(Cu2QuPen(pen, _MOST_OFF, reverse_direction=True))
        glyphs[name] = pen.glyph()
    made.setupGlyf(glyphs)
    made.setupHorizontalMetrics({name: (widths[name][0], getattr(glyphs[name], "xMin", 0)) for name in order})
    made.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    made.setupNameTable({"familyName": "Noto Serif SC", "styleName": "Regular", "psName": name_of(letters)})
    made.setupOS2(sTypoAscender=font["OS/2"].sTypoAscender, sTypoDescender=font["OS/2"].sTypoDescender)
    made.setupPost(keepGlyphNames=False)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


@cache
def _font() -> Any:
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - an extra
    from pylopdf_fonts_zh_cn import serif_path  # noqa: PLC0415

    return TTFont(Path(serif_path()), lazy=True)
