"""To which service cycle of which account each counted request belongs."""
