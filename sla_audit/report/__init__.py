"""Verdicts to people and machines. Nothing is computed here; figures are only written down."""
