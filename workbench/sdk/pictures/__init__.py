"""Pictures of releases: drawn from released numbers alone, on this machine."""

from workbench.sdk.pictures import tables
from workbench.sdk.pictures.drawing import picture_of
from workbench.sdk.pictures.picture import Picture

__all__ = ["Picture", "picture_of", "tables"]
