"""Parquet's own structures, read by ourselves and checked before Arrow sees a file.

Arrow ends the process, or asks for any amount of memory, where a footer or the header of a page says so. What these
modules raise is `UnsoundError`; nothing here knows of logs.
"""
