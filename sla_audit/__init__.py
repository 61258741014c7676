"""Counts an API gateway's access logs against a service level agreement."""

__version__ = "0.1.0"
