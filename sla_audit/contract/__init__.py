"""What the agreement says: its numbers, clauses and calendar, and the facts it depends on."""
