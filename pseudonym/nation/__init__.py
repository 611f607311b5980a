"""A synthetic nation of any size: coherent registries with their contracts, and no real person."""

from pseudonym.nation.nation import DATASETS, Nation

__all__ = ["DATASETS", "Nation"]
