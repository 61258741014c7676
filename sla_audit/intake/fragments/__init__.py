"""Logs in parts that are read by themselves: a plan, its reading, and the account of what was read."""
