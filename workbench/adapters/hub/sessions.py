"""A session ends everywhere at once: cookies, tokens and, when an operator says so, servers.

JupyterHub signs out one browser by forgetting its cookie there; a copy stays good. Here the value
in the cookie is drawn anew, which makes every copy worthless, and all of the account's tokens go.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from jupyterhub import orm
from tornado.ioloop import PeriodicCallback

from workbench.adapters.hub.accounts import AccountBook

__all__ = ["Sessions", "revoke"]

LOOK = 5.0  # seconds between two looks at what operators have ended


def revoke(database: Any, person: Any, servers: Sequence[str] = ()) -> None:
    """Make every cookie and token of a person worthless, but for the running servers' own.

    database: the hub's; person: its row; servers: the tokens by which running servers report that
    they are used; they open nothing else.
    """
    keep = {found.id for token in servers if (found := orm.APIToken.find(database, token))}
    person.cookie_id = orm.new_token()
    for token in list(person.api_tokens):
        if token.id not in keep:
            database.delete(token)
    for code in list(person.oauth_codes):
        database.delete(code)
    database.commit()


class Sessions:
    """Ends the sessions of an instance, in the hub's own process.

    withdraw: (user, project) -> None, tells the gate that the launch is withdrawn; may block.
    """

    def __init__(self, book: AccountBook, withdraw: Callable[[str, str], None]) -> None:
        self.book = book
        self._withdraw = withdraw
        self._closing: set[tuple[str, str]] = set()
        self._app: Any = None
        self._looking: PeriodicCallback | None = None

    def watch(self, app: Any) -> None:
        """Look every few seconds for accounts whose sessions an operator has ended."""
        self._app = app
        self._looking = PeriodicCallback(self.sweep, LOOK * 1000)
        self._looking.start()

    def sign_out(self, user: Any) -> None:
        """A person's own sign-out: every browser and token; servers and their kernels go on."""
        running = [one.api_token for one in user.spawners.values() if one.active and one.api_token]
        revoke(self._app.db, user.orm_user, running)

    async def sweep(self) -> None:
        """End what operators have ended: cookies, tokens, and the servers with their kernels."""
        for name, at in await asyncio.to_thread(self.book.endings):
            person = orm.User.find(self._app.db, name)
            if person is not None:
                user = self._app.users[person]
                revoke(self._app.db, person)
                await self._stop(user)
            await asyncio.to_thread(self.book.ended, name, at)

    def may_run_on(self, user: str, project: str) -> bool:
        """False, once, for a server whose person's sessions were ended; the gate is told too."""
        if (user, project) not in self._closing:
            return True
        self._closing.discard((user, project))
        self._withdraw(user, project)
        return False

    async def _stop(self, user: Any) -> None:
        for spawner in [one for one in user.spawners.values() if one.active]:
            self._closing.add((user.name, spawner.name))
            with suppress(Exception):  # the next poll, within ten seconds, tries again
                await spawner.poll_and_notify()
