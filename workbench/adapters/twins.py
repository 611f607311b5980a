"""The schemas of projects' views, read from their twins: labels, units, codes, no row."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["Twins"]


class Twins:
    """portal.services.ViewCatalogue over the folder of views."""

    def __init__(self, views: Path) -> None:
        self._views = views

    def describe(self, project: str, version: str) -> Mapping[str, Any] | None:
        """The schema as `View.describe()` gives it; None when there is no such view."""
        if not re.fullmatch(r"[a-z0-9-]+", project) or not re.fullmatch(r"[A-Za-z0-9.-]+", version):
            return None
        try:
            text = (self._views / project / version / "twin" / "view.json").read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        schema: dict[str, Any] = json.loads(text)
        return schema
