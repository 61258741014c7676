"""Commands: options in, exit codes out. The only place that knows click."""
