"""The hub's sign-out: it ends every session of the account, and no other site can call it."""

from typing import Any

from jupyterhub.handlers import LogoutHandler
from tornado.web import HTTPError

__all__ = ["Leaving", "SignOutHandler"]


class Leaving:
    """Mixed into a logout handler of JupyterHub or of an authenticator."""

    authenticator: Any
    current_user: Any
    request: Any

    async def get(self) -> None:
        """Sign out; 403 when another site's page sent the browser here."""
        if self.request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise HTTPError(403, "Another site asked to sign you out.")
        await super().get()  # type: ignore[misc] # the handler beside this one

    async def default_handle_logout(self) -> None:
        """Forget the cookies in this browser, then make every copy of them worthless."""
        user = self.current_user
        if user is not None:
            self._backend_logout_cleanup(user.name)  # type: ignore[attr-defined] # JupyterHub's
            await self.authenticator.leave(user)


class SignOutHandler(Leaving, LogoutHandler):  # type: ignore[misc] # jupyterhub ships no types
    """/hub/logout."""
