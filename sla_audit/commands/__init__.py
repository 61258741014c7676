"""Use cases, one a module: what a command does, whoever asks for it. They alone know all stages."""
