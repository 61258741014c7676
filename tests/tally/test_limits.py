"""Codes are as wide as what is packed of them allows: see `test_cells` for the largest of each."""

from __future__ import annotations

import numpy as np

from sla_audit.tally.limits import CELL_BITS, MOST_OUTCOMES, UNSEEN_OUTCOME


def test_widths_leave_the_sign_alone_and_one_code_for_what_is_unseen() -> None:
    assert np.iinfo(np.int64).bits > CELL_BITS
    assert MOST_OUTCOMES <= UNSEEN_OUTCOME == np.iinfo(np.uint16).max
