"""Sign-in to the hub with an account of the instance: name, password, one-time code."""

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator

from workbench.adapters.hub.household import Household
from workbench.adapters.hub.own_account import OwnAccountHandler

__all__ = ["AccountAuthenticator"]


class AccountAuthenticator(Household, Authenticator):  # type: ignore[misc] # jupyterhub ships no types
    """Accounts of the account book; nobody signs up, nobody is administrator."""

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        """With a page for the person's own password and second factor."""
        return [*super().get_handlers(app), (r"/account", OwnAccountHandler)]

    async def authenticate(self, _handler: Any, data: dict[str, str]) -> dict[str, Any] | None:
        """The account and its groups, or None; locked accounts are refused like wrong passwords."""
        name = self.normalize_username(data.get("username", ""))
        password, code = data.get("password", ""), data.get("otp", "")
        if not await asyncio.to_thread(self.sessions().book.check, name, password, code):
            return None
        return await self.enter(name)
