"""The policy of a plan: default, then each linked registry, then the project's own, from TOML.

The policies that come with the platform are part of it, reviewed like its code. Where an instance
has trusted signers of its own, its own folder counts instead: every layer then bears the signatures
of its writer and approver, and what was installed once may neither vanish nor become older.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import disclosure.errors
from disclosure.endorsement import ROLES, Signer, check_endorsed
from disclosure.policy import Policy, load_policy
from workbench.domain.errors import Refusal

__all__ = ["BEFORE", "SIGNATURES", "TRUST", "PolicyFolder", "Trust", "parsed", "policies_of"]

TRUST = "policies.json"
"""In the engine's zone: the signers that count, and the version of each layer that is installed."""
SIGNATURES, BEFORE = ".sig", ".sig.before"
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


@dataclass(frozen=True)
class Trust:
    """signers: whose keys count. installed: layer ("registries/x.toml") to its version."""

    signers: tuple[Signer, ...] = ()
    installed: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, place: Path) -> "Trust | None":
        """The trust of an instance; None where it never had any. Refusal when it is damaged."""
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
            signers = tuple(
                Signer(
                    str(one["name"]),
                    str(one["key"]),
                    date.fromisoformat(one["valid_from"]),
                    date.fromisoformat(one["valid_until"]),
                )
                for one in found["signers"]
            )
            return cls(signers, {str(k): int(v) for k, v in found["installed"].items()})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Refusal(
                "damaged_trust",
                f"{place.name} in the engine's folder cannot be read.",
                "Restore it from your backup.",
            ) from None

    def text(self) -> str:
        """As `read` reads it."""
        signers = [
            {
                "name": one.name,
                "key": one.key,
                "valid_from": one.valid_from.isoformat(),
                "valid_until": one.valid_until.isoformat(),
            }
            for one in self.signers
        ]
        told = {"v": 1, "signers": signers, "installed": dict(self.installed)}
        return json.dumps(told, indent=1, sort_keys=True) + "\n"


class PolicyFolder:
    """A folder with default.toml, registries/<registry>.toml and projects/<policy>.toml."""

    def __init__(
        self,
        shipped: Path,
        own: Path | None = None,
        trust: Path | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._shipped = shipped
        self._own = own
        self._place = trust
        self._today = today
        self._asked = False

    @property
    def trust(self) -> Trust | None:
        """As it stands now; None where no signatures are asked for."""
        found = None if self._place is None else Trust.read(self._place)
        if found is None and self._asked:
            raise Refusal(
                "damaged_trust",
                f"{TRUST} is gone from the engine's folder.",
                "Restore it from your backup.",
            )
        self._asked = found is not None
        return found

    @property
    def root(self) -> Path:
        """The folder that counts now."""
        return self._shipped if self.trust is None or self._own is None else self._own

    def of(self, registries: Iterable[str], project_policy: str) -> Policy:
        """The strictest of all layers.

        registries: those of the view's datasets; one without a file asks for nothing more than the
        default. project_policy: the permit's, "default" for none. Raises Refusal("no_policy") when
        a permit names a policy that is not there, the loader's own for weak or broken ones, and
        check_endorsed's where signatures are asked for.
        """
        return load_policy(self.layers(registries, project_policy))

    def layers(self, registries: Iterable[str], project_policy: str) -> list[Mapping[str, Any]]:
        """The layers of `of`, in their order."""
        trust = self.trust
        names = ["default.toml"]
        for registry in sorted(set(registries)):
            name = f"registries/{registry}.toml"
            if _NAME.match(registry) and (_version(trust, name) or (self.root / name).is_file()):
                names.append(name)
        if project_policy != "default":
            names.append(f"projects/{project_policy}.toml")
        return [self.layer(name, trust) for name in names]

    def layer(self, name: str, trust: Trust | None) -> Mapping[str, Any]:
        """One layer by its name in the folder, signatures checked where there is trust."""
        path = self.root / name
        try:
            content = path.read_bytes()
        except OSError:
            raise _missing(path) from None
        found = parsed(content, path)
        if trust is not None:
            self._endorsed(name, content, found, trust)
            if found.get("version", 0) < _version(trust, name):
                raise Refusal(
                    "policy_rolled_back",
                    f"{name} is an older version than the one that was installed.",
                    "Restore the file, or install a newer version with `workbench policy install`.",
                )
        return found

    def _endorsed(
        self, name: str, content: bytes, layer: Mapping[str, Any], trust: Trust
    ) -> Mapping[str, Any]:
        """The signatures that a layer bears; see check_endorsed."""
        first: Exception | None = None
        # An installation that was cut short leaves the older layer beside newer signatures.
        for ending in (SIGNATURES, BEFORE):
            beside = self.root / f"{name}{ending}"
            told = beside.read_bytes() if beside.is_file() else None
            try:
                check_endorsed(name, content, told, layer, trust.signers, self._today())
            except disclosure.errors.Refusal as refusal:
                first = first or refusal
                continue
            found: Mapping[str, Any] = json.loads(told or b"{}")
            return found
        raise first if first is not None else ValueError(name)

    def checked(self) -> dict[str, Mapping[str, Any]]:
        """Every layer of the folder and every one that was installed, by name, each as it counts.

        Raises Refusal that names the first that is not there, not signed, older or weaker.
        """
        root, trust = self.root, self.trust
        there = {path.relative_to(root).as_posix() for path in root.rglob("*.toml")}
        default = self.layer("default.toml", trust)
        found: dict[str, Mapping[str, Any]] = {"default.toml": default}
        for name in sorted(there | set(trust.installed if trust else ())):
            found[name] = self.layer(name, trust)
            load_policy([default] if name == "default.toml" else [default, found[name]])
        return found

    def days_left(self) -> int | None:
        """Days until the first key that some layer rests on counts no longer; None without keys."""
        trust = self.trust
        if trust is None:
            return None
        until = {(one.name, one.key): one.valid_until for one in trust.signers}
        ends = []
        for name, layer in self.checked().items():
            told = self._endorsed(name, (self.root / name).read_bytes(), layer, trust)
            ends += [until[told[role]["name"], told[role]["key"]] for role in ROLES]
        return (min(ends) - self._today()).days


def _version(trust: Trust | None, name: str) -> int:
    return 0 if trust is None else trust.installed.get(name, 0)


def policies_of(
    shipped: Path, instance: Path, engine: Path, today: Callable[[], date]
) -> PolicyFolder:
    """The policies that count in an instance: its own where it has trusted signers.

    shipped: the platform's folder; instance: the instance's root; engine: its engine's zone, where
    trust is kept so that whoever may write policies cannot say whose signature counts.
    """
    return PolicyFolder(shipped, instance / "policies", engine / TRUST, today)


def parsed(content: bytes, path: Path) -> Mapping[str, Any]:
    """A layer's TOML; Refusal("no_policy") that names the file otherwise."""
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise _missing(path) from None


def _missing(path: Path) -> Refusal:
    return Refusal(
        "no_policy",
        f"The policy {path.stem} is missing or cannot be read.",
        f"Restore {path.parent.name}/{path.name} in the policies folder, or correct the permit.",
    )
