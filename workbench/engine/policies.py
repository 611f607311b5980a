"""The policy of a plan: default, then each linked registry, then the project's own, from TOML."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from disclosure.policy import Policy, load_policy
from workbench.domain.errors import Refusal

__all__ = ["PolicyFolder"]

_NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


class PolicyFolder:
    """A folder with default.toml, registries/<registry>.toml and projects/<policy>.toml."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def of(self, registries: Iterable[str], project_policy: str) -> Policy:
        """The strictest of all layers.

        registries: those of the view's datasets; one without a file asks for nothing more than the
        default. project_policy: the permit's, "default" for none. Raises Refusal("no_policy") when
        a permit names a policy that is not there, and the loader's own for weak or broken ones.
        """
        layers = [self._read(self._root / "default.toml")]
        for registry in sorted(set(registries)):
            path = self._root / "registries" / f"{registry}.toml"
            if _NAME.match(registry) and path.is_file():
                layers.append(self._read(path))
        if project_policy != "default":
            layers.append(self._read(self._root / "projects" / f"{project_policy}.toml"))
        return load_policy(layers)

    def _read(self, path: Path) -> Mapping[str, Any]:
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
            raise Refusal(
                "no_policy",
                f"The policy {path.stem} is missing or cannot be read.",
                f"Restore {path.parent.name}/{path.name} in the policies folder, or correct the "
                "permit.",
            ) from None
