"""Tallies as files: what one says of itself, and whether it can be believed."""
