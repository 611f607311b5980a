"""How a project asks: patterns that look like probing, told in words, before a plan is run."""

from disclosure.behaviour.asked import Asked, shape_of
from disclosure.behaviour.patterns import Pattern, patterns

__all__ = ["Asked", "Pattern", "patterns", "shape_of"]
