"""Pictures of releases: drawn from released numbers alone, on this machine."""

from workbench.sdk.pictures import amounts, curves, distributions, forest, grids, tables, times
from workbench.sdk.pictures.drawing import WITHOUT, picture_of, pictured
from workbench.sdk.pictures.forest import balance
from workbench.sdk.pictures.picture import Picture

__all__ = [
    "WITHOUT",
    "Picture",
    "amounts",
    "balance",
    "curves",
    "distributions",
    "forest",
    "grids",
    "picture_of",
    "pictured",
    "tables",
    "times",
]
