"""Files wherever they are: a path of this machine, or the name of an object in a store (`s3://…`), looked at and read.

Whoever takes a path from a user makes it with `location.location`; what it gives answers what paths answer. One file
of a run may be written to a store.
"""
