"""A report in each of its formats, all made from the same document."""
