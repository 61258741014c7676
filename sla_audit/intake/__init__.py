"""The outside world to canonical tables: log files, their columns and spellings, and facts files."""
