"""What some agreements measure by intervals: what is counted in each, what it takes from a rate, and what is left."""
