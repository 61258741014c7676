"""Polluted copies of one small log, each with the outcome it must have.

The kinds of pollution of CSV are those of the Pollock benchmark (Vitagliano et al., "Pollock: A Data Loading
Benchmark", VLDB 2023): of the file, of its rows and of its fields.
What befalls packed files, JSON lines and Parquet stands beside.
"""
