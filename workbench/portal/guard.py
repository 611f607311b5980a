"""No form is accepted that did not come from a page of ours: origin, then token."""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from workbench.domain.errors import Refusal
from workbench.portal.visit import Visit, visit

__all__ = ["Form", "posted", "text_of"]

TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a field


async def posted(request: Request, here: Annotated[Visit, Depends(visit)]) -> FormData:
    """Dependency of every POST: the form, once origin and token are ours."""
    check_origin(request)
    form = await request.form(max_files=1, max_fields=20, max_part_size=1 << 20)
    given = form.get(TOKEN_FIELD, "")
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode("utf-8", "replace"), here.form_token.encode()
    ):
        raise Refusal(
            "forged_request",
            "This form does not belong to your session.",
            "Open the page again and repeat the step there.",
        )
    return form


def check_origin(request: Request) -> None:
    """Refuse a POST that another site caused, by Origin and by Fetch Metadata.

    See W3C, "Fetch Metadata Request Headers", and RFC 6454 for Origin.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "")
    ours = request.headers.get("host", "")
    if site != "same-origin" or not origin or not ours or urlsplit(origin).netloc != ours:
        raise Refusal(
            "foreign_request",
            "This request was sent from another site.",
            "Open the portal in a tab of its own and repeat the step there.",
        )


def text_of(form: FormData, name: str, limit: int = 4000) -> str:
    """A text field, stripped; Refusal when longer than `limit` characters."""
    value = form.get(name, "")
    if isinstance(value, UploadFile):
        return ""
    if len(value) > limit:
        raise Refusal(
            "too_long", f"A text field is longer than {limit} characters.", "Shorten the text."
        )
    return value.strip()


Form = Annotated[FormData, Depends(posted)]
