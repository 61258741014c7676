"""How gateways write their logs, as data (`*.toml`), and what these files may say."""
