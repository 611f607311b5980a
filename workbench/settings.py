"""An instance on disk: one folder a zone, one small TOML file that says what it is."""

import hashlib
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from workbench.domain.errors import Refusal

__all__ = ["PORT", "Computing", "Instance", "Kind"]

Kind = Literal["demo", "test", "production"]
PORT = "WORKBENCH_PORT"
"""Environment: another port than the one in instance.toml, for this run."""
ZONES = ("vault", "store", "views", "engine", "gated", "hub", "portal", "spool", "logs", "inbox")


@dataclass(frozen=True)
class Computing:
    """Where the engine computes: `[engine]` of instance.toml, each line of it optional.

    workers: threads of `local`, workers of `dask`; 0 for as many as there are processors.
    scheduler: tls://… of a cluster that runs elsewhere; empty for one that the engine starts.
    memory_mb: of all plans together (local), or of one worker (dask).
    """

    executor: Literal["local", "dask"] = "local"
    workers: int = 0
    scheduler: str = ""
    memory_mb: int = 4096

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Computing":
        """From the table; Refusal("bad_setting") that names what is wrong."""
        kinds = {one.name: type(one.default) for one in fields(cls)}
        for name, value in raw.items():
            if kinds.get(name) is not type(value):
                raise _bad_setting(str(name))
        made = cls(**raw)
        if made.executor not in ("local", "dask"):
            raise _bad_setting("executor")
        if not 0 <= made.workers <= 4096:
            raise _bad_setting("workers")
        if made.scheduler and not re.fullmatch(r"tls://[A-Za-z0-9.\-\[\]:]{3,260}", made.scheduler):
            raise _bad_setting("scheduler")
        if not 256 <= made.memory_mb <= 1 << 22:
            raise _bad_setting("memory_mb")
        return made


def _bad_setting(name: str) -> Refusal:
    return Refusal(
        "bad_setting",
        f"The engine's setting {name!r} cannot be used.",
        'It has executor = "local" or "dask", workers, scheduler = "tls://host:port", and '
        "memory_mb of at least 256: see docs/how-to/scale-with-dask.md.",
    )


@dataclass(frozen=True)
class Instance:
    """Where everything of one installation lies, and on which port people meet it."""

    root: Path
    id: str
    kind: Kind
    port: int
    database: str
    computing: Computing = Computing()

    @classmethod
    def create(cls, root: Path, kind: Kind, port: int = 8000, database: str = "") -> "Instance":
        """Lay out a new instance (idempotent: an existing one is opened instead)."""
        root = root.resolve()
        if (root / "instance.toml").exists():
            return cls.open(root)
        root.mkdir(parents=True, exist_ok=True)
        for zone in ZONES:
            (root / zone).mkdir(mode=0o700, exist_ok=True)
        database = database or f"sqlite:///{root / 'workbench.sqlite'}"
        text = (
            f'id = "{secrets.token_hex(8)}"\nkind = "{kind}"\nport = {port}\n'
            f'database = "{database}"\n'
        )
        draft = root / ".instance.toml.new"
        draft.write_text(text, encoding="utf-8")
        draft.replace(root / "instance.toml")
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> "Instance":
        """Read an instance; Refusal when there is none or its file is damaged."""
        root = root.resolve()
        try:
            raw = tomllib.loads((root / "instance.toml").read_text(encoding="utf-8"))
            port = int(os.environ.get(PORT) or raw["port"])
            computing = Computing.read(raw.get("engine", {}))
            found = cls(root, raw["id"], raw["kind"], port, raw["database"], computing)
        except FileNotFoundError:
            raise Refusal(
                "no_instance",
                f"There is no workbench instance in {root}.",
                "Create one with `workbench init`, or name it with --instance.",
            ) from None
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError):
            raise Refusal(
                "damaged_instance",
                f"{root / 'instance.toml'} cannot be read.",
                "Restore the file from your backup.",
            ) from None
        if found.kind not in get_args(Kind) or not re.fullmatch(r"[0-9a-f]{16}", found.id):
            raise Refusal(
                "damaged_instance",
                f"{root / 'instance.toml'} names an unknown kind or id.",
                "Restore the file from your backup.",
            )
        return found

    @property
    def runtime(self) -> Path:
        """Sockets live here: short enough for AF_UNIX, private to the platform's user."""
        mark = hashlib.sha256(str(self.root).encode()).hexdigest()[:8]
        if os.geteuid() == 0:
            return Path("/run/workbench") / mark
        base = os.environ.get("XDG_RUNTIME_DIR") or f"/tmp/workbench-{os.geteuid()}"  # noqa: S108 - made 0700 and owner-checked by its user
        return Path(base) / f"wb-{mark}"

    def zone(self, name: str) -> Path:
        """The folder of a zone (see docs/explanation/trust.md)."""
        if name not in ZONES:
            raise KeyError(name)
        return self.root / name

    def socket(self, service: Literal["vault", "linker", "engine", "gated", "admin"]) -> Path:
        """The control socket of a service; `admin` is gated's side for the hub.

        gated's own lies in a folder by itself, the one that a single-user server's jail shows.
        """
        folder = self.runtime / "door" if service == "gated" else self.runtime
        return folder / f"{service}.sock"

    @property
    def serving(self) -> Path:
        """Held while `workbench up` runs; once it is let go, servers and the proxy end."""
        return self.runtime / "serving"

    @property
    def url(self) -> str:
        """Where people open the workbench in their browser."""
        return f"http://127.0.0.1:{self.port}"
