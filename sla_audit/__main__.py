"""`python -m sla_audit` is the same as `sla-audit`."""

from sla_audit.cli.start import main

if __name__ == "__main__":
    main()
