"""The second verifier: checks certificates and whole histories without any of the gate's code."""

from disclosure.verifier.certificates import Report, check

__all__ = ["Report", "check"]
