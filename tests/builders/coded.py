"""An agreement that tells failures by codes and by how long requests took, as a file, and by intervals if asked."""

from __future__ import annotations

import re
from pathlib import Path

from sla_audit.contract.load import BUILT_IN, contract_file

READINGS = """\
[readings.codes]
clause = "2.7.1"
meaning = "an internal error, or one of a service that is not available, by its code"
error_codes = ["InternalError", "Service*"]
excluded_in_denominator = false

[readings.statuses]
clause = "2.7.1"
meaning = "no status, or any server error"
explicit_failure = ["none", "5xx"]
excluded_in_denominator = false

[readings.either]
clause = "2.7.1"
meaning = "a 500, or such a code"
explicit_failure = [500]
error_codes = ["InternalError", "Service*"]
excluded_in_denominator = true

"""

RULES = """\
[[classification]]
when = { error_code = ["SlowDown", "Throttl*"] }
class = "excluded"
cause = 4

[[classification]]
when = { api = ["/big/*"], took_over = "10s", accepted_exclusion = true }
class = "excluded"
cause = "of the exclusion"

[[classification]]
when = { api = ["/big/*"], took_over = "10s" }
class = "explicit_failure"

[[classification]]
when = { api = ["/small/*"], took_over = "2s", status = ["2xx", "5xx"] }
class = "explicit_failure"

[[classification]]
when = { explicit_failure = true, accepted_exclusion = true }
class = "excluded"
cause = "of the exclusion"

[[classification]]
when = { explicit_failure = true }
class = "explicit_failure"

[[classification]]
when = {}
class = "success"

"""

BY_INTERVALS = """\
[measure]
kind = "mean_of_intervals"
clause = "2.7"
interval = "5min"

"""


def coded(readings: str = READINGS, rules: str = RULES, *, default: str = "codes", more: str = "") -> str:
    """Give the text of a contract file: the first agreement's, with other readings and rules."""
    text = contract_file(BUILT_IN).decode()
    text = re.sub(
        r"(?s)# Clause 2\.7\.1 defines an explicit.*?(?=# Every request of a cycle)", lambda _: readings, text
    )
    text = re.sub(r"(?s)# Every request of a cycle gets.*?(?=# Clause 2\.7\.1 \(1\))", lambda _: rules + more, text)
    text = re.sub(r"(?s)\nsame_as = \[.*?\]", "", text)
    return text.replace('id = "jdcloud-smart-compose"', 'id = "coded"').replace(
        'default_reading = "literal"', f'default_reading = "{default}"'
    )


def lay_contract(text: str, name: str = "coded.toml") -> str:
    """Write a contract file into the folder that the test runs in; give its name."""
    Path(name).write_text(text, encoding="utf-8")
    return name
