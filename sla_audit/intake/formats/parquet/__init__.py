"""Parquet: the needed columns only, and none whose value is known already."""
