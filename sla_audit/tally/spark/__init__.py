"""Spark as a cluster that does tasks."""
