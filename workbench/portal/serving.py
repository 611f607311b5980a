"""Serve the portal on the address that the hub gives to its service."""

from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from workbench.domain.errors import Refusal

__all__ = ["serve"]


def serve(app: FastAPI, url: str) -> None:
    """Serve until SIGTERM or SIGINT; url: JUPYTERHUB_SERVICE_URL, http on a loopback address.

    Raises Refusal when the address is none to listen on.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or not parts.port:
        raise Refusal(
            "bad_service_url",
            "The hub gave the portal no address to listen on.",
            "Start the portal through the hub, as its service.",
        )
    uvicorn.run(
        app,
        host=parts.hostname,
        port=parts.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_graceful_shutdown=5,
    )
