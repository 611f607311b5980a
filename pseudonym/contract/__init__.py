"""The data contract: what a registry promises of its extract."""
