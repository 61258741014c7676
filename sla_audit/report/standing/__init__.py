"""What a report comes to on its day: what can be claimed, what opens when, what runs, what has lapsed."""
