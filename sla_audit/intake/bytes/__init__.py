"""Bytes of a file: unpacked, in UTF-8, cut into pieces of whole rows, recognised when they come twice."""
