"""What a page of the single-user server may load, run and talk to: its own server, and no more.

Portal, hub and all servers may share one origin, so the page is held to the paths of its own
server: `'self'` would let it ask the portal in the person's name.
"""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["HEADERS", "inline_hashes", "policy", "policy_of"]

HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media",
            "fullscreen", "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi",
            "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
            "xr-spatial-tracking",
        )
    ),
}  # fmt: skip
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_BASE = re.compile(r"/[A-Za-z0-9._@%/\-]*")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy(host: str, base: str, inline: tuple[str, ...] = ()) -> str:
    """The content security policy of a page.

    host: as the browser named it. base: the server's path, which ends with "/". inline: hashes of
    the scripts that stand in JupyterLab's page. A host or path of another form gets a policy under
    which nothing loads.
    """
    known = _HOST.fullmatch(host) and _BASE.fullmatch(base) and base.endswith("/")
    here = f"{host}{base}" if known else ""

    def under(*folders: str) -> str:
        return " ".join(here + folder for folder in folders) if known else ""

    scripts = " ".join(f"'sha256-{one}'" for one in inline)
    lines = f"ws://{here} wss://{here}" if known else ""
    rules = {
        "default-src": "'none'",
        # neither unsafe-inline nor unsafe-eval: what a notebook holds never becomes a script
        "script-src": f"{under('static/', 'lab/extensions/')} {scripts}",
        # JupyterLab and its editor write style elements and attributes
        "style-src": f"'unsafe-inline' {under('static/', 'lab/extensions/', 'lab/api/themes/')}",
        "img-src": f"data: blob: {under('static/')}",
        "font-src": f"data: {under('static/', 'lab/api/themes/')}",
        "connect-src": f"{under('')} {lines}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    nothing = "'none'"
    return "; ".join(f"{name} {value.strip() or nothing}" for name, value in rules.items())


def policy_of(handler: Any) -> str:
    """The policy of what a request handler of Jupyter Server answers."""
    return policy(handler.request.host, handler.base_url, inline_hashes())


@cache
def inline_hashes() -> tuple[str, ...]:
    """SHA-256, in base64, of each script that stands in JupyterLab's own page."""
    from jupyterlab.commands import get_app_dir

    page = Path(get_app_dir(), "static", "index.html").read_text(encoding="utf-8")
    return tuple(
        b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in _INLINE.findall(page)
    )
