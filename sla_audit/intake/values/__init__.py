"""Single values of a log: times, statuses, durations, flags, ids, however they were written."""
