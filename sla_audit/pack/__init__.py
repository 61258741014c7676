"""Claim packs as files: which there are, what holds them together, and how a pack is written, read and signed."""
