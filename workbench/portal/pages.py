"""Templates to answers: every page gets the same frame, words, formats and form token."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workbench.domain.permissions import OFFICERS
from workbench.portal.loads import owns_any
from workbench.portal.visit import VISITOR, Visit

__all__ = ["put_cookie", "redirect", "render"]

FOLDER = Path(__file__).parent


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(here: Visit, template: str, status: int = 200, **context: object) -> Response:
    """A page; a visitor without a session gets the random cookie that form tokens hang on."""
    facts = here.services.facts
    text = (
        _environment()
        .get_template(template)
        .render(
            t=here.words,
            f=here.formats,
            facts=facts,
            person=here.person,
            account_url=here.portal.signin.account_url,
            nav=_navigation(here),
            path=here.request.url.path,
            form_token=here.form_token,
            url=lambda path="": facts.prefix + path,
            **context,
        )
    )
    answer = HTMLResponse(text, status, headers={"Vary": "Cookie, Accept-Language"})
    if here.person is None and here.request.cookies.get(VISITOR) != here.anchor:
        put_cookie(here, answer, VISITOR, here.anchor, seconds=86400, strict=True)
    return answer


def redirect(here: Visit, path: str) -> RedirectResponse:
    """Send the browser to another page of the portal after a POST."""
    return RedirectResponse(here.services.facts.prefix + path, 303)


def put_cookie(
    here: Visit,
    answer: Response,
    name: str,
    value: str,
    *,
    seconds: int | None = None,
    strict: bool = False,
) -> None:
    """Set a cookie of ours: HttpOnly, SameSite, only under the portal, Secure under https.

    Lax where the cookie must survive the way back from an identity provider on another site.
    """
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=here.services.facts.prefix,
        secure=here.request.url.scheme == "https",
        httponly=True,
        samesite="strict" if strict else "lax",
    )


def _navigation(here: Visit) -> list[tuple[str, str]]:
    """(path, key) of the pages that this person's roles open."""
    items = [("", "home")]
    person = here.person
    if person is not None:
        if OFFICERS in person.groups:
            items.append(("review", "review"))
        if owns_any(person):
            items.append(("registries", "registries"))
    return [*items, ("register", "register"), ("verify", "verify")]
