"""Claim packs: made for the accounts that can claim, and verified, by the evidence in them and by other logs."""
