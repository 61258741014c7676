"""A report that was saved as JSON: read back, checked, and made a report again."""
