"""Before a server starts: is there an active permit? Then a launch token, granted to the gate."""

import asyncio
import hashlib
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter
from tornado.web import HTTPError

from kernels.errors import Refusal as KernelRefusal
from kernels.protocol import (
    Failed,
    Grant,
    Message,
    Refused,
    Renew,
    Revoke,
    ServerReply,
    pack,
    read_frame,
    unpack,
)
from workbench.adapters.hub.launch_words import told
from workbench.domain.errors import Refusal
from workbench.domain.permissions import Person, check_open_project
from workbench.domain.permit import PermitState
from workbench.ports import Clock, HeldPermit, Records
from workbench.settings import Instance

__all__ = ["Launches", "ask_gate", "shown"]

REPLY: TypeAdapter[Any] = TypeAdapter(ServerReply)
PATIENCE = 20.0  # seconds
Why = Literal["withdrawn", "suspended", "expired"]
LEASE = 50  # seconds that kernels run on when the hub, which asks every ten, confirms nothing


def _end(held: HeldPermit) -> int:
    """Unix seconds: the midnight (UTC) after the permit's last day."""
    end = datetime.combine(held.permit.valid_until + timedelta(days=1), time(), UTC)
    return int(end.timestamp())


def ask_gate(admin: Path, message: Message) -> None:
    """Tell the gate daemon something over its admin socket.

    Raises Refusal("not_running") when it does not answer, or the daemon's own refusal.
    """
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            line.connect(str(admin))
            line.sendall(pack(message))
            body = read_frame(line)
            answer = unpack(REPLY, body) if body is not None else None
    except (OSError, KernelRefusal):
        answer = None
    match answer:
        case None | Failed():
            raise Refusal(
                "not_running",
                "The gate daemon does not answer.",
                "Start it with `workbench up`, or see the log of gated.",
            )
        case Refused(code=code, reason=reason, remedy=remedy):
            raise Refusal(code, reason, remedy)


@dataclass(frozen=True)
class Launches:
    """Who may start which server.

    uid_of: (user, project) -> the uid that this person's server runs under in this project.
    language: "nb" or "en", of what the hub's page says when it refuses.
    """

    instance: Instance
    records: Records
    clock: Clock
    uid_of: Callable[[str, str], int]
    language: str = "en"

    async def before_start(self, spawner: Any) -> None:
        """JupyterHub's pre_spawn_hook: sets the launch token; HTTPError 403 with a sentence.

        The project is the server's name, and the person is the hub's; `user_options` are the
        user's own words and are not looked at.
        """
        user, project = str(spawner.user.name), str(spawner.name)
        try:
            grant, token = await asyncio.to_thread(self.grant, user, project)
        except Refusal as refusal:
            status = 503 if refusal.code == "not_running" else 403
            why = await asyncio.to_thread(self._why, user, project)
            sentence = told(refusal, project, why, self.language)
            error = HTTPError(status, sentence)
            error.jupyterhub_message = sentence  # type: ignore[attr-defined] # the hub's page shows it
            raise error from None
        spawner.launch_token = token
        spawner.server_uid = grant.server_uid
        spawner.sockets = [str(self.instance.socket("gated").parent), grant.front]
        spawner.shown = shown(grant)

    def grant(self, user: str, project: str) -> tuple[Grant, str]:
        """Check the permit, mint a token and grant it at the gate; returns both.

        Raises Refusal("no_project" | "no_permit" | "not_permitted" | "no_view" | "not_running").
        """
        held = self._held(user, project)
        token = secrets.token_urlsafe(32)
        uid = self.uid_of(user, project)
        front = self._front(user, project, uid)
        twin = self.instance.zone("views") / project / held.view_version / "twin"
        grant = Grant(
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            user=user,
            project=project,
            server_uid=uid,
            twin=str(twin),
            sealed=held.permit.sealed_runs,
            sealed_kernel=held.permit.sealed_kernel,
            expires=_end(held),
            front=str(front),
            lease=LEASE,
        )
        ask_gate(self.instance.socket("admin"), grant)
        return grant, token

    def still_open(self, user: str, project: str) -> bool:
        """Whether the permit that a running server was started under still opens the project.

        If so, the launch token's lease is renewed with what the permit opens now; if not, the token
        is withdrawn. Either way the gate ends the kernels that are open no longer. A database that
        does not answer closes no server, but the lease is not renewed either.
        """
        try:
            held = self._held(user, project)
        except Refusal as refusal:
            if refusal.code not in ("no_permit", "not_permitted"):
                return True
            self.withdraw(user, project, self._why(user, project))
            return False
        renewed = Renew(
            project=project,
            user=user,
            sealed=held.permit.sealed_runs,
            sealed_kernel=held.permit.sealed_kernel,
            expires=_end(held),
        )
        with suppress(Refusal):  # a gate that is away has no kernels
            ask_gate(self.instance.socket("admin"), renewed)
        return True

    def withdraw(self, user: str, project: str, why: Why = "withdrawn") -> None:
        """Tell the gate to end what was launched; one that does not answer has no kernels.

        why: what people read in their notebooks.
        """
        with suppress(Refusal):
            ask_gate(self.instance.socket("admin"), Revoke(project=project, user=user, why=why))

    def _why(self, user: str, project: str) -> Why:
        """Of a project that is closed to somebody: what closed it."""
        held = self.records.permits.find(project)
        if held is None or not held.permit.names(user) or held.state is PermitState.REVOKED:
            return "withdrawn"
        return "suspended" if held.state is PermitState.SUSPENDED else "expired"

    def _front(self, user: str, project: str, uid: int) -> Path:
        """The folder of this server's front sockets; no other server sees it."""
        mark = hashlib.sha256(f"{user}/{project}".encode()).hexdigest()[:16]
        folder = self.instance.runtime / "front" / mark
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, 0, uid)
            folder.chmod(0o710)
        return folder

    def _held(self, user: str, project: str) -> HeldPermit:
        if not project:
            raise Refusal("no_project", "A server belongs to a project.", "Open it from there.")
        held = self.records.permits.find(project)
        if held is None or not held.permit.names(user):
            # One answer for both: who is no member does not learn whether the project exists.
            raise Refusal(
                "no_permit",
                f"You have no permit for a project called {project}.",
                "Ask the project's lead to add you, or your case handler which permits you have.",
            )
        check_open_project(Person(user), held.permit, held.state, self.clock.now().date())
        if not held.view_version:
            raise Refusal(
                "no_view",
                "The project's data have not been prepared yet.",
                "Ask the operator to run `workbench project build`.",
            )
        return held


def shown(grant: Grant) -> dict[str, str]:
    """What a server's pages say of its permit, as environment variables; for display only.

    WORKBENCH_LANES: the lanes that it opens. WORKBENCH_UNTIL: its last day, as ISO 8601.
    """
    opened = {"workbench": True, "sealed": grant.sealed, "interactive": grant.sealed_kernel}
    last = datetime.fromtimestamp(grant.expires, UTC).date() - timedelta(days=1)
    return {
        "WORKBENCH_LANES": " ".join(lane for lane, is_open in opened.items() if is_open),
        "WORKBENCH_UNTIL": last.isoformat(),
    }
