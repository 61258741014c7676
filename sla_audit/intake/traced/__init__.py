"""Rows that are kept one by one while all are counted: which, as what, and where."""
