"""The loops of each format: JSON lines, CSV, and lines of a dialect."""
