"""`workbench demo`: the whole way once, on real input, in the real workbench."""

from workbench.cli.demo.command import app

__all__ = ["app"]
