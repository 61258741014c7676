"""What options, the config file and the environment say, as values that the use cases take."""
