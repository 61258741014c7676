"""Lines of a gateway's own text, and the W3C's extended log format."""
