"""Whether facts and logs belong together: names, months, billed calls."""
