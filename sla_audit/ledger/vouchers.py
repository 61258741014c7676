"""Which claim a voucher on a bill belongs to."""
