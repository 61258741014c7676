"""CSV: as Arrow parses it where a strict reader would say the same, else row by row."""
