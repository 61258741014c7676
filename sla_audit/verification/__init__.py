"""A saved report held against itself, its contract and the calendar: whatever follows from something is recomputed."""
