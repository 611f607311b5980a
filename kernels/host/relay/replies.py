"""Replies of a kernel, field by field: what is not named here does not pass."""

from collections.abc import Mapping
from typing import Any

from kernels.host.relay.bundle import clean_bundle, clean_text

__all__ = ["CODE_LIMIT", "clean_reply"]

CODE_LIMIT = 1 << 20
_NAME_LIMIT = 200
_MATCHES = 2000
_FRAMES = 200
_KINDS = "_jupyter_types_experimental"


def clean_reply(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """A reply (or the error publication, kind "error") rebuilt from a kernel's content."""
    if kind == "error":
        return _error(content)
    if kind == "execute_reply":
        return _executed(content)
    if kind == "complete_reply":
        return _completed(content)
    if kind == "inspect_reply":
        data, _ = clean_bundle(content.get("data"), {})
        found = content.get("found") is True
        return {"status": "ok", "found": found, "data": data if found else {}, "metadata": {}}
    if kind == "is_complete_reply":
        status = content.get("status")
        known = status if status in {"complete", "incomplete", "invalid"} else "unknown"
        return {"status": known, "indent": clean_text(content.get("indent"), _NAME_LIMIT)}
    if kind == "shutdown_reply":
        return {"status": "ok", "restart": content.get("restart") is True}
    return {"status": "ok"}


def _error(content: Mapping[str, Any]) -> dict[str, Any]:
    lines = content.get("traceback")
    trace = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
    return {
        "ename": clean_text(content.get("ename"), _NAME_LIMIT),
        "evalue": clean_text(content.get("evalue"), 10_000),
        "traceback": [clean_text(line, 20_000) for line in trace[:_FRAMES]],
    }


def _executed(content: Mapping[str, Any]) -> dict[str, Any]:
    status = content.get("status")
    count = content.get("execution_count")
    body: dict[str, Any] = {
        "status": status if status in {"ok", "aborted"} else "error",
        "execution_count": count if type(count) is int and 0 <= count < 1 << 31 else None,
    }
    if body["status"] == "error":
        return body | _error(content)
    if body["status"] == "ok":
        body |= {"user_expressions": {}, "payload": _payload(content.get("payload"))}
    return body


def _payload(given: object) -> list[dict[str, Any]]:
    """Two kinds are passed: the pager's text (`help?`) and the next cell (`%load`)."""
    clean: list[dict[str, Any]] = []
    for item in given[:10] if isinstance(given, list) else []:
        if not isinstance(item, dict):
            continue
        if item.get("source") == "page":
            data, _ = clean_bundle(item.get("data"), {})
            clean.append({"source": "page", "data": data, "start": 0})
        elif item.get("source") == "set_next_input":
            text = clean_text(item.get("text"), CODE_LIMIT)
            replace = item.get("replace") is True
            clean.append({"source": "set_next_input", "text": text, "replace": replace})
    return clean


def _completed(content: Mapping[str, Any]) -> dict[str, Any]:
    matches = content.get("matches")
    texts = [text for text in matches if isinstance(text, str)] if isinstance(matches, list) else []
    start, end = content.get("cursor_start"), content.get("cursor_end")
    return {
        "status": "ok",
        "matches": [clean_text(text, 1000) for text in texts[:_MATCHES]],
        "cursor_start": start if type(start) is int else 0,
        "cursor_end": end if type(end) is int else 0,
        "metadata": _kinds(content.get("metadata"), texts),
    }


def _kinds(metadata: object, texts: list[str]) -> dict[str, Any]:
    """What each match is (a label beside it), under the name that JupyterLab reads."""
    given = metadata.get(_KINDS) if isinstance(metadata, dict) else None
    if not isinstance(given, list):
        return {}
    matched = set(texts)
    kinds = [
        {
            "text": clean_text(one["text"], 1000),
            "type": clean_text(one.get("type"), _NAME_LIMIT),
            "start": one["start"],
            "end": one["end"],
        }
        for one in given[:_MATCHES]
        if isinstance(one, dict)
        and isinstance(one.get("text"), str)
        and one["text"] in matched
        and type(one.get("start")) is int
        and type(one.get("end")) is int
    ]
    return {_KINDS: kinds} if kinds else {}
