"""The report of the sample month, as it was saved."""

from __future__ import annotations

import json
from typing import Any

from tests.program import ROOT

GOLDEN: dict[str, Any] = json.loads((ROOT / "sample_logs" / "expected.json").read_bytes())
