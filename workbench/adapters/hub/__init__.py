"""JupyterHub from the inside: its settings, accounts, roles and launches, and its client."""
