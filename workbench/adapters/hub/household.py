"""What both ways to sign in share: groups as they are now, sessions that end, no administrator."""

import asyncio
from typing import Any

from traitlets import Any as Whatever
from traitlets import HasTraits

from workbench.adapters.hub.leaving import SignOutHandler

__all__ = ["Household"]


class Household(HasTraits):
    """Mixed into an authenticator of JupyterHub; all functions may block: they run in threads.

    groups_of: the groups of an account as they are now. on_session: told ("open" | "end", name).
    sessions: () -> `Sessions`.
    """

    groups_of: Any = Whatever(help="(name) -> groups").tag(config=True)
    on_session: Any = Whatever(help="(what, name) -> None").tag(config=True)
    sessions: Any = Whatever(help="() -> Sessions").tag(config=True)

    sign_out_handler: Any = SignOutHandler

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        """The hub's pages that are ours; from here on ended sessions are looked for."""
        self.sessions().watch(app)
        return [(r"/logout", self.sign_out_handler)]

    async def refresh_user(self, user: Any, handler: Any = None, **_: Any) -> Any:  # noqa: ARG002 - the signature of jupyterhub
        """The groups as they are now; False, which ends the session, for a closed account."""
        if user.name not in await asyncio.to_thread(self.sessions().book.open_names):
            return False
        return await self.model(user.name)

    async def leave(self, user: Any) -> None:
        """End the person's sessions everywhere; their servers go on."""
        self.sessions().sign_out(user)
        await asyncio.to_thread(self.on_session, "end", user.name)

    async def enter(self, name: str) -> dict[str, Any]:
        """Somebody has shown who they are: what was ended before ends before the new session."""
        await self.sessions().sweep()
        await asyncio.to_thread(self.on_session, "open", name)
        return await self.model(name)

    async def model(self, name: str) -> dict[str, Any]:
        """The account and its groups, as JupyterHub wants them."""
        groups = await asyncio.to_thread(self.groups_of, name)
        return {"name": name, "groups": list(groups), "admin": False}
