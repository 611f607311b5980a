"""What a project's view holds, in words: the schema that lies open beside its synthetic twin."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["TwinCatalogue"]

SIZE_LIMIT = 16 << 20


class TwinCatalogue:
    """`ViewCatalogue` over `<views>/<project>/<version>/twin/view.json`, and no other file."""

    def __init__(self, views: Path) -> None:
        self._views = views

    def describe(self, project: str, version: str) -> Mapping[str, Any] | None:
        """The schema; None when there is none yet, or none that can be read."""
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,31}", project):
            return None
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", version):
            return None
        place = self._views / project / version / "twin" / "view.json"
        try:
            with place.open("rb") as file:
                schema = json.loads(file.read(SIZE_LIMIT))
        except (OSError, ValueError, RecursionError):
            return None
        return schema if isinstance(schema, dict) else None
