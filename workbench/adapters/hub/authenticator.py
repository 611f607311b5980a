"""Sign-in to the hub with an account of the instance; groups follow the roles file and permits."""

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Any as Whatever

__all__ = ["AccountAuthenticator"]


class AccountAuthenticator(Authenticator):  # type: ignore[misc] # jupyterhub ships no types
    """Names and passwords from the account book; nobody signs up, nobody is administrator.

    check: (name, password) -> whether they match. known: the accounts. groups_of: the groups of an
    account as they are now. on_session: told of each sign-in. All may block: they run in threads.
    """

    check: Any = Whatever(help="(name, password) -> bool").tag(config=True)
    known: Any = Whatever(help="() -> names").tag(config=True)
    groups_of: Any = Whatever(help="(name) -> groups").tag(config=True)
    on_session: Any = Whatever(help="(name) -> None").tag(config=True)

    async def authenticate(self, _handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        """The account and its groups, or None; locked accounts are refused like wrong passwords."""
        name = self.normalize_username(data.get("username", ""))
        if not await asyncio.to_thread(self.check, name, data.get("password", "")):
            return None
        await asyncio.to_thread(self.on_session, name)
        return await self._model(name)

    async def refresh_user(self, user: Any, handler: Any = None) -> dict[str, Any] | bool:  # noqa: ARG002 - the signature of jupyterhub
        """The groups as they are now; False, which ends the session, for a deleted account."""
        if user.name not in await asyncio.to_thread(self.known):
            return False
        return await self._model(user.name)

    async def _model(self, name: str) -> dict[str, Any]:
        groups = await asyncio.to_thread(self.groups_of, name)
        return {"name": name, "groups": list(groups), "admin": False}
