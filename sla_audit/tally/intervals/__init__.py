"""Counts by intervals, but only of those in which something may have failed, and of these all."""
