"""Tests, of which as many run at once as there are processors.

Several threads of polars in each would only wait for each other: one takes a fifth less for the few rows of a test.
Runs of the program (`tests.program`) have as many as a user's.
"""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")
