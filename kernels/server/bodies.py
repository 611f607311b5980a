"""The body of a request to the server: a JSON object with fields of their kind, or 400."""

import json
from typing import Any, NoReturn

from tornado.web import HTTPError

__all__ = ["json_body"]

_TEXTS = ("name", "path", "type", "format", "ext", "copy_from", "id", "mimetype")
_OBJECTS = ("kernel", "notebook")
SENTENCE = "The request is malformed. Reload the page; if it happens again, tell the operator."


def json_body(handler: Any) -> dict[str, Any] | None:
    """What `JupyterHandler.get_json_body` promises; None without any body. HTTPError 400 else.

    Jupyter's own takes any JSON, and its handlers fail on what is no object, or on a name that is
    no text, as on an error of theirs.
    """
    try:
        body = json.loads(handler.request.body.decode() or "null", parse_constant=_malformed)
    except (ValueError, RecursionError):
        _malformed()
    if body is None:
        return None
    if not isinstance(body, dict) or not _plain(body):
        _malformed()
    inner = [body[name] for name in _OBJECTS if body.get(name) is not None]
    if not all(isinstance(one, dict) and _plain(one) for one in inner):
        _malformed()
    return body


def _plain(body: dict[str, Any]) -> bool:
    return all(isinstance(body.get(name), str | None) for name in _TEXTS)


def _malformed(_what: str = "") -> NoReturn:
    raise HTTPError(400, SENTENCE)
