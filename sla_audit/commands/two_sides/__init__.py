"""The same account and cycle as two sides count it: where they differ, request by request, and what that is worth."""
