"""Polluted copies of one small log, each with the outcome it must have.

The kinds of pollution are those of the Pollock benchmark of CSV files (Vitagliano et al., "Pollock: A Data Loading
Benchmark", VLDB 2023): of the file, of its rows and of its fields; and what befalls packed files, JSON lines and Parquet.
"""
