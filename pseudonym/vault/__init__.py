"""The vault: national identifiers in, base pseudonyms out; it never sees health data."""

from pseudonym.vault.service import serve

__all__ = ["serve"]
