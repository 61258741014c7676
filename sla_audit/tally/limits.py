"""What the counters have room for: how wide each code is, and that what is packed out of codes fits.

Counting packs codes into one number, so that a single comparison or a single look at memory tells whether two rows are
counted together. One bit more for one of them must not push another out: whoever widens a code changes it here, and
the sums below say whether it still fits. What was measured stands in `benchmarks/README.md`, under what helped and what
did not.
"""

from __future__ import annotations

ACCOUNT_BITS = 28
MOST_ACCOUNTS = (1 << ACCOUNT_BITS) - 1
"""A place of the table of accounts holds the code with 1 added, since 0 says that the place is free."""

OUTCOME_BITS = 12
MOST_OUTCOMES = 1 << OUTCOME_BITS
"""Combinations of what a log says of requests: status, flags, region, API."""

SLOT_BITS = 18
MOST_SLOTS = 1 << SLOT_BITS
"""Stretches of time with the same exclusions, of all months together."""

CELL_BITS = SLOT_BITS + OUTCOME_BITS + ACCOUNT_BITS
"""A cell that is listed is one signed number of 64 bits: slot, outcome and account, from the left."""

HASH_BITS = 64 - ACCOUNT_BITS
"""What is left of the hash of an account beside its code; two accounts that share it differ in a second hash."""

MOST_ERRORS = 1 << 23
"""Errors that are looked at one by one, where an agreement says how long to wait after each: some 150 bytes each."""

UNSEEN_OUTCOME = (1 << 16) - 1
"""In a table of outcomes by what columns say, 16 bits each: a combination that no row has had so far."""

if CELL_BITS > 63:
    raise OverflowError(f"a cell takes {CELL_BITS} bits; a signed number has 63 for it")
if HASH_BITS < 32:
    raise OverflowError(f"{HASH_BITS} bits of a hash tell too few accounts apart")
if MOST_OUTCOMES > UNSEEN_OUTCOME:
    raise OverflowError(f"{MOST_OUTCOMES} outcomes do not fit into 16 bits beside the one that says 'unseen'")
