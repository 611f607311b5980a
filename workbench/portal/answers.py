"""Files handed to a browser: always saved, never opened in our own origin."""

from urllib.parse import quote

from starlette.responses import Response

__all__ = ["attachment", "picture"]

SANDBOX = "default-src 'none'; sandbox"


def attachment(name: str, content: bytes, kind: str = "application/octet-stream") -> Response:
    """The bytes as a download under their name (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": SANDBOX}
    return Response(content, media_type=kind, headers=headers)


def picture(content: bytes, kind: str) -> Response:
    """A raster image for the page that embeds it; sandboxed when opened by itself."""
    return Response(content, media_type=kind, headers={"Content-Security-Policy": SANDBOX})
