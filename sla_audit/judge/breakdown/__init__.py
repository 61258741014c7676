"""What stands behind a verdict: days, failures, flags, what each exclusion took out."""
