"""The report as one self-contained HTML page: what is owed, charts, and every result."""
