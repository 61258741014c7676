"""The class of each request under every reading, and what exclusions cover."""
