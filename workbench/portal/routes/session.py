"""Signing in and out: the hub knows the accounts, the portal keeps an opaque cookie."""

import hmac
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.portal.guard import Form
from workbench.portal.pages import put_cookie
from workbench.portal.visit import SESSION, STATE, Here

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

FAILED = Refusal(
    "sign_in_failed",
    "The sign-in was not completed.",
    "Sign in again; if two tabs did so at once, use one.",
)


@router.get("/sign-in")
def sign_in(here: Here, next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Send the browser to the hub with a fresh state and code challenge."""
    begun = here.portal.signin.begin(_own_path(here, next))
    answer = RedirectResponse(begun.url, 302)
    put_cookie(here, answer, STATE, begun.state, seconds=600)
    return answer


@router.get("/oauth_callback")
async def finish_sign_in(here: Here, code: str = "", state: str = "") -> Response:
    """Back from the hub: the state must be the one this browser was given."""
    expected = here.request.cookies.get(STATE, "")
    if not code or not expected or not hmac.compare_digest(expected.encode(), state.encode()):
        raise FAILED
    finished = await here.portal.signin.finish(code[:500], state)
    if finished is None:
        raise FAILED
    opened = AuditEvent(What.ACCOUNT_SESSION_OPEN, finished.person.name, "portal")
    await run_in_threadpool(here.services.records.audit.append, opened)
    answer = RedirectResponse(_own_path(here, finished.next_path), 303)
    put_cookie(here, answer, SESSION, finished.session)
    answer.delete_cookie(STATE, path=here.services.facts.prefix)
    return answer


@router.post("/sign-out")
def sign_out(here: Here, _: Form) -> Response:
    """Forget the session here and let the hub end its own."""
    here.portal.signin.forget(here.request.cookies.get(SESSION, ""))
    answer = RedirectResponse(here.portal.signin.sign_out_url, 303)
    answer.delete_cookie(SESSION, path=here.services.facts.prefix)
    return answer


def _own_path(here: Here, wanted: str) -> str:
    """The page to go to afterwards: one of ours, never another site."""
    prefix = here.services.facts.prefix
    parts = urlsplit(wanted)
    clean = wanted.isprintable() and "\\" not in wanted and not parts.scheme and not parts.netloc
    return wanted if clean and wanted.startswith(prefix) else prefix
