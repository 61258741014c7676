"""How much of anything is held at a time: what is larger is refused, and the message says so.

They are far above what gateways and billing systems write, and so low that no input takes the memory of the machine.
Sizes are those of the text in UTF-8, unpacked: a few kilobytes may unpack to any number of gigabytes.
"""

from __future__ import annotations

MOST_LINE_BYTES = 16 << 20
"""A line of a log or of a facts file; also a row of CSV, which quotes may spread over several lines."""

MOST_COLUMNS = 10_000
"""The columns of a table, the fields that a line names, the fields of the first objects of a log."""

MOST_VALUES = 250_000
"""The values in one object of JSON, with those of all objects and lists within it."""

MOST_DEPTH = 100
"""How deep objects and lists may lie within one another in a line of JSON."""

MOST_ID_BYTES = 4096
"""The id of an account or a request, and the name of a region or an API."""

LONG_ID_BYTES = 128
MOST_LONG_IDS_BYTES = 64 << 20
"""All ids of accounts together that are longer than most: there may be millions of the others."""

MOST_REJECTS_HELD = 1000
"""The rows that cannot be read and are kept to be shown. All are counted; `--rejects` takes all of them to a file."""

MOST_TRACED_HELD = 1 << 19
"""The rows that are kept one by one and held in memory; the others wait in temporary files."""

MOST_FACTS_BYTES = 256 << 20
MOST_FACTS_ROWS = 5_000_000
"""A file of accounts or billing."""

MOST_EXCLUSIONS = 100_000
"""The rows of a file of exclusions, or of holidays."""

MOST_FACT_BYTES = 1 << 20
"""A cell of a facts file, such as the accounts that an exclusion is about."""

MOST_PROBLEMS = 1000
"""The mistakes of one file that are told; the others are counted."""

MOST_PIPED_BYTES = 64 << 20
"""A saved report that comes from a pipe or a device, which does not say how much is to come; a file may be larger."""

MOST_FOOTER_BYTES = 16 << 20
"""The footer of a Parquet file: Arrow takes up to thirty times as much memory for one."""

MOST_PAGES_BYTES = 96 << 20
"""One page of each Parquet column that is read and its dictionary, unpacked, together: writers make pages of 1 MB."""

MOST_BATCH_BYTES = 64 << 20
"""The values of the rows of a Parquet file that are read at once, on each thread."""

MOST_TABLE_BYTES = 128 << 20
"""The values of a Parquet file of facts, which is read whole."""

MOST_PACK_BYTES = 1 << 30
MOST_PACK_FILES = 64
"""A claim pack, with all its files, of which there are some twenty."""
