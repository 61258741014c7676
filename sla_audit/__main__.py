"""`python -m sla_audit` is the same as `sla-audit`."""

from sla_audit.cli.main import main

if __name__ == "__main__":
    main()
