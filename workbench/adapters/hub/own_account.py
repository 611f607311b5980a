"""/hub/account: a person's own password and second factor."""

import asyncio
import io
from typing import Any

import segno
from jupyterhub.handlers import BaseHandler
from tornado.web import authenticated

from workbench.adapters.hub.accounts import AccountBook
from workbench.domain.errors import Refusal

__all__ = ["OwnAccountHandler", "picture"]

SAID = {
    "not_signed_in": "Passordet eller koden stemmer ikke. · The password or the code is not right.",
    "weak_password": "Passordet er for kort eller for enkelt (minst 10 tegn). · "
    "The password is too short or too simple (at least 10 characters).",
    "not_the_same": "De to nye passordene er ulike. · The two new passwords differ.",
    "wrong_code": "Koden passer ikke; skriv den nyeste. · The code does not fit; type the newest.",
    "no_enrolment": "Begynn på nytt. · Begin again.",
    "ask_operator": "Rollen din krever totrinnskode: be driften sette den opp med deg. · "
    "Your role needs a second factor: ask the operator to set it up with you.",
}


def picture(uri: str) -> str:
    """The address as a QR code, drawn as SVG to stand in a page."""
    text = io.BytesIO()
    segno.make(uri, error="m").save(
        text, kind="svg", scale=5, light="white", xmldecl=False, svgns=True
    )
    return text.getvalue().decode()


class OwnAccountHandler(BaseHandler):  # type: ignore[misc] # jupyterhub ships no types
    """Whoever changes something shows password and code again: a session alone changes nothing."""

    @authenticated
    async def get(self) -> None:
        """The page."""
        await self._show()

    @authenticated
    async def post(self) -> None:
        """One of three forms; JupyterHub has checked its XSRF token."""
        name = str(self.current_user.name)
        try:
            match self.get_body_argument("do", ""):
                case "password":
                    await self._new_password(name)
                    return
                case "begin":
                    begun = await asyncio.to_thread(self._begin, name)
                    await self._show(secret=begun.secret, picture=picture(begun.uri))
                case "confirm":
                    code = self.get_body_argument("code", "")
                    codes = await asyncio.to_thread(self._book.confirm_second_factor, name, code)
                    await asyncio.to_thread(self.authenticator.on_session, "change", name)
                    await self._show(codes=codes)
                case _:
                    await self._show()
        except Refusal as refusal:
            self.set_status(400)
            await self._show(said=SAID.get(refusal.code, SAID["no_enrolment"]))

    @property
    def _book(self) -> AccountBook:
        book: AccountBook = self.authenticator.sessions().book
        return book

    def _shown(self) -> tuple[str, str]:
        return (
            self.get_body_argument("old", "", strip=False),
            self.get_body_argument("code", ""),
        )

    async def _new_password(self, name: str) -> None:
        new = self.get_body_argument("new", "", strip=False)
        if new != self.get_body_argument("again", "", strip=False):
            raise Refusal("not_the_same", "The two new passwords differ.", "Type both again.")
        old, code = self._shown()
        await asyncio.to_thread(self._book.change_password, name, old, code, new)
        await asyncio.to_thread(self.authenticator.on_session, "change", name)
        self.redirect(f"{self.hub.base_url}logout")  # the new password ended every session

    def _begin(self, name: str) -> Any:
        book = self._book
        if book.needs_second_factor(name) and not book.has_second_factor(name):
            # a password alone must not be enough to become an officer
            raise Refusal("ask_operator", "The role needs a second factor.", "Ask the operator.")
        if not book.check(name, *self._shown()):
            raise Refusal("not_signed_in", "The password or code is not right.", "Try again.")
        return book.begin_second_factor(name)

    async def _show(self, said: str = "", **more: Any) -> None:
        name = str(self.current_user.name)
        has = await asyncio.to_thread(self._book.has_second_factor, name)
        self.set_header("Cache-Control", "no-store")
        page = self.render_template(
            "account.html",
            xsrf=self.xsrf_token.decode("ascii"),
            said=said,
            has_second_factor=has,
            **more,
        )
        self.finish(await page)
