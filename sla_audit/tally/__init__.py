"""Counting: every row of the logs once, into account x slot x outcome. Nothing is judged here."""
