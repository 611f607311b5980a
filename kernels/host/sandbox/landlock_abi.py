"""Which version of Landlock this host has (the rules themselves are applied inside)."""

import ctypes

__all__ = ["abi"]

_CREATE_RULESET = 444


def abi() -> int:
    """0 where there is none."""
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, 1)))
