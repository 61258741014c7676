"""What a run stands on: the machine and its signals, temporary folders, small files read strictly."""
