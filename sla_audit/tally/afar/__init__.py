"""Counting elsewhere: fragments as tasks, what is asked of them, and their answers, as bytes that any cluster moves."""
