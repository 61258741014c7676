"""The parts of an agreement, each a concept of its own: a contract file puts them together."""
