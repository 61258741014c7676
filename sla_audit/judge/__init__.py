"""Counts to verdicts: pure functions on small tables. No file, no clock, no float."""
