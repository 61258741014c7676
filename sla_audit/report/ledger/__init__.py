"""What reports and lists say of the claims in a ledger."""
