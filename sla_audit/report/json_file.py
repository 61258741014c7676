"""The report as JSON: the document itself."""

from __future__ import annotations

import json

from sla_audit.report.document import Document


def render_json(document: Document) -> str:
    """Write the document, one entry of a list to an indented block, keys in their order."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
