"""Rows of logs as a file: each request behind a figure, with what became of it and where it stands."""
