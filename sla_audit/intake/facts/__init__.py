"""Facts files: accounts, billing, exclusions, holidays, each as a checked table."""
