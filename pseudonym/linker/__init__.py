"""The linker: keeps the store, asks the vault for numbers, builds views; it sees no identifier."""

from pseudonym.linker.service import VaultDoor, serve

__all__ = ["VaultDoor", "serve"]
