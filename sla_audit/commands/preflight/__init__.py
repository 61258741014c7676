"""A first look, before a run: what logs and facts there are, and what a run would make of them."""
