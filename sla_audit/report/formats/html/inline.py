"""What makes it safe to put data, style and script inside a page."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

# What could end a script element, open a comment in it, or be a line's end in a script but not in JSON.
_ESCAPED = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def json_element_text(value: Any) -> str:
    """Write JSON that no text in it can turn into markup, for the inside of a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


def content_security_policy(style: str, script: str) -> str:
    """Allow this style and this script, by their hashes, and nothing else: no other script, no request."""
    allowed = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {source}" for name, source in allowed.items())


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
