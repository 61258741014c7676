"""Fuzzing that is led by what it reaches: an input that runs lines no other has run is kept, and changed further."""
