"""Tables of a lakehouse, read as their own logs say: which files are part of one version, and what they hold."""
