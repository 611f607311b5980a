"""Who may do what at the hub: every role and service with its scopes, least privilege.

tests/unit/hub/test_scopes.py holds the reviewed table; a scope more or less fails there.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

from workbench.adapters.processes import bound
from workbench.domain.permissions import AUDITORS, OFFICERS
from workbench.settings import Instance

__all__ = ["CULLER", "SERVER", "SERVICE", "custom_scopes", "roles", "services"]

SERVICE = "portal"
CULLER = "idle-culler"

OWN = ("read:users!user", "read:groups!user", "users:activity!user", "servers!user",
       "read:servers!user", "access:servers!user", "tokens!user")  # fmt: skip
SERVER = ("users:activity!user", "access:servers!server")
"""Of a server's own token: to say that it is used, and to recognise who may enter it."""

IDLE = 5 * 3600
"""Seconds without use after which a server is stopped: an hour more than the gate gives a kernel
(`kernels.host.config`), so that the gate is the one that ends kernels."""
LOOK = 300  # seconds between two looks


def custom_scopes() -> dict[str, dict[str, Any]]:
    """What the roles of the workbench are called among the hub's scopes."""
    return {
        "custom:workbench:output:review": {"description": "Review outputs of sealed runs."},
        "custom:workbench:audit:read": {"description": "Read the audit log."},
    }


def roles(*, has_portal: bool) -> list[dict[str, Any]]:
    """Each person their own servers and tokens; only the culler touches another's, to stop it."""
    person = [*OWN, f"access:services!service={SERVICE}"] if has_portal else [*OWN]
    culls = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    return [
        {"name": "user", "scopes": person},
        {"name": OFFICERS, "scopes": ["custom:workbench:output:review"], "groups": [OFFICERS]},
        {"name": AUDITORS, "scopes": ["custom:workbench:audit:read"], "groups": [AUDITORS]},
        {"name": CULLER, "scopes": culls, "services": [CULLER]},
    ]


def services(instance: Instance, port: int, portal: Sequence[str]) -> list[dict[str, Any]]:
    """The portal (unless its command is empty) and the idle culler; both end with the hub."""
    culler = (
        sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}", f"--cull-every={LOOK}",
    )  # fmt: skip
    found: list[dict[str, Any]] = [
        {"name": CULLER, "command": bound(culler), "environment": {"PATH": os.defpath}}
    ]
    if portal:
        found.append(
            {
                "name": SERVICE,
                "url": f"http://127.0.0.1:{port}",
                "command": bound(portal),
                "environment": {"WORKBENCH_INSTANCE": str(instance.root), "PATH": os.defpath},
                "oauth_no_confirm": True,
                "oauth_client_allowed_scopes": [],
                "display": False,
            }
        )
    return found
