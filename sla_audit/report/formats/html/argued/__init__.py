"""What the page says beside its figures: the arguments about exclusions, and the agreement that they cite."""
