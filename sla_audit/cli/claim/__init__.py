"""`sla-audit claim`: the ledger of claims, a subcommand a module."""
