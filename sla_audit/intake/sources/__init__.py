"""Which files are read: files, directories, globs, streams; and what is left out."""
