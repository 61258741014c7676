"""Text logs in one pass over their bytes, by compiled loops: what these do not expect in a line is left to others."""
