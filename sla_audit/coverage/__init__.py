"""Whether the logs are whole: what was observed, what is usual, what is missing or out of place."""
