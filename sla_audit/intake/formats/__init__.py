"""The formats of logs: how each is recognised, opened and read in fragments."""
