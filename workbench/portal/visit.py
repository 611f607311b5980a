"""One visit: who asks, in which language, with which token against forged requests."""

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from workbench.domain.permissions import Person
from workbench.portal.formats import Formats
from workbench.portal.language import LANGUAGES, Words, choose, words
from workbench.portal.people import SignIn
from workbench.portal.services import PortalServices

__all__ = [
    "LANGUAGE",
    "SESSION",
    "STATE",
    "VISITOR",
    "Here",
    "NotSignedIn",
    "Portal",
    "SwitchLanguage",
    "Visit",
    "look",
    "visit",
]  # fmt: skip

SESSION = "workbench-session"
VISITOR = "workbench-visitor"
STATE = "workbench-signin"
LANGUAGE = "workbench-language"
HUB_SESSION = "jupyterhub-session-id"


@dataclass(frozen=True)
class Portal:
    """What the app holds for all visits; `secret` never leaves the process.

    verifying: one certificate is verified at a time, so that visitors cannot tire the host.
    """

    services: PortalServices
    signin: SignIn
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    verifying: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))


@dataclass(frozen=True)
class Visit:
    """What every page knows of the request it answers."""

    request: Request
    portal: Portal
    words: Words
    formats: Formats
    person: Person | None
    anchor: str = field(repr=False)
    """What the form token hangs on: the session, or a visitor's own random cookie."""

    @property
    def services(self) -> PortalServices:
        """The services."""
        return self.portal.services

    @property
    def form_token(self) -> str:
        """The token that a form must bring back, bound to this session and this process."""
        return hmac.new(self.portal.secret, self.anchor.encode(), hashlib.sha256).hexdigest()

    @property
    def signed_in(self) -> Person:
        """The person; NotSignedIn otherwise."""
        if self.person is None:
            raise NotSignedIn
        return self.person


class NotSignedIn(Exception):
    """The page needs a person; the answer is a sign-in."""


class SwitchLanguage(Exception):
    """The address asks for another language; the answer is a cookie and the same page."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language


async def visit(request: Request) -> Visit:
    """Dependency of every page: who this is, or a change of language first."""
    wanted = request.query_params.get("lang")
    if request.method == "GET" and wanted in LANGUAGES:
        raise SwitchLanguage(wanted)
    return await look(request)


async def look(request: Request) -> Visit:
    """Read cookies and headers once, ask the hub who this is."""
    portal: Portal = request.app.state.portal
    cookies = request.cookies
    session = cookies.get(SESSION, "")
    person = None
    if session:
        hub_session = cookies.get(HUB_SESSION, "")[:200]
        person = await portal.signin.by_session(session[:200], hub_session)
    language = choose(cookies.get(LANGUAGE, ""), request.headers.get("accept-language", "")[:500])
    anchor = session if person else cookies.get(VISITOR, "") or secrets.token_urlsafe(24)
    return Visit(request, portal, words(language), Formats(language), person, anchor)


Here = Annotated[Visit, Depends(visit)]
"""What a page declares to learn of its visit."""
