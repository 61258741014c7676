"""The months of a report side by side."""
