"""The policy as software: screening, hard rules, soft criteria, gates, and the numbers in TOML."""
