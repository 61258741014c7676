"""JSON lines: as Arrow parses them, or line by line where it finds a fault."""
