"""The nouns that stages exchange: months, instants, facts, notices, tallies. No stage of its own."""
