"""The ledger of claims: what was found, filed, answered and credited, in one SQLite file (see `docs/ledger.md`)."""
