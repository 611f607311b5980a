"""JupyterHub's settings: what it serves, who may sign in, which server starts, and nothing more."""

import os
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from workbench.adapters.hub.accounts import AccountBook
from workbench.adapters.hub.launches import Launches
from workbench.adapters.hub.roles import Roles
from workbench.adapters.hub.uids import Uids
from workbench.adapters.processes import bound
from workbench.domain.audit import AuditEvent, What
from workbench.domain.permissions import AUDITORS, OFFICERS
from workbench.domain.permit import PermitState
from workbench.ports import Clock, Records
from workbench.settings import Instance

__all__ = ["free_ports", "hub_settings"]

SERVICE = "portal"
OWN = ("read:users!user", "read:groups!user", "users:activity!user", "servers!user",
       "read:servers!user", "access:servers!user", "tokens!user")  # fmt: skip
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'; object-src 'none'; base-uri 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def free_ports(count: int) -> list[int]:
    """Free TCP ports of the loopback, all different."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]


def hub_settings(
    instance: Instance,
    records: Records,
    clock: Clock,
    proxy: Sequence[str],
    *,
    portal: Sequence[str] | None = None,
    language: str = "nb",
) -> dict[str, dict[str, Any]]:
    """Every setting of JupyterHub, section by section, for `hub_config.py`.

    proxy: the proxy's command line (see workbench.adapters.proxy). portal: the command line of the
    portal's process (default: `python -m workbench portal`); an empty one leaves it out.
    language: "nb" or "en", of the kernels' names. Only the public port is fixed: the hub, the
    proxy's interface and the portal take free ports of the loopback at each start.
    """
    zone = instance.zone("hub")
    hub_port, proxy_port, portal_port = free_ports(3)
    if portal is None:
        portal = (sys.executable, "-m", "workbench", "portal")
    uids = Uids(zone / "uids.sqlite")
    launches = Launches(instance, records, clock, uids.of)
    notebooks = zone / "notebooks"
    notebooks.mkdir(mode=0o700, exist_ok=True)
    return {
        "JupyterHub": {
            "bind_url": instance.url,
            "hub_bind_url": f"http://127.0.0.1:{hub_port}",
            "db_url": f"sqlite:///{zone / 'jupyterhub.sqlite'}",
            "cookie_secret_file": str(zone / "cookie_secret"),
            "authenticator_class": "workbench.adapters.hub.authenticator.AccountAuthenticator",
            "spawner_class": "kernels.server.spawner.JailedSpawner",
            "allow_named_servers": True,
            "named_server_limit_per_user": 20,
            "redirect_to_server": False,
            "template_paths": [str(Path(__file__).with_name("templates"))],
            "default_url": f"/services/{SERVICE}/" if portal else "",
            "cleanup_servers": True,
            "cleanup_proxy": True,
            "authenticate_prometheus": True,
            "tornado_settings": {"headers": HEADERS},
            "custom_scopes": _custom_scopes(),
            "load_roles": _roles(has_portal=bool(portal)),
            "services": _services(instance, portal_port, portal) if portal else [],
        },
        "ConfigurableHTTPProxy": {
            "command": bound(proxy),  # neither it nor the portal outlives a hub that is killed
            "api_url": f"http://127.0.0.1:{proxy_port}",
            "pid_file": str(zone / "proxy.pid"),
            "should_start": True,
        },
        "Authenticator": _authenticator(instance, records),
        "Spawner": {
            "pre_spawn_hook": _plain(launches.before_start),
            "default_url": "/lab",
            "env_keep": [],
            "disable_user_config": True,
            "start_timeout": 60,
            "http_timeout": 60,
            "poll_interval": 10,
        },
        "JailedSpawner": {
            "notebooks": str(notebooks),
            "logs": str(instance.zone("logs")),
            "gate": str(instance.socket("gated")),
            "words": {"WORKBENCH_LANGUAGE": language},
            "still_open": _plain(launches.still_open),
        },
    }


def _custom_scopes() -> dict[str, dict[str, Any]]:
    return {
        "custom:workbench:output:review": {"description": "Review outputs of sealed runs."},
        "custom:workbench:audit:read": {"description": "Read the audit log."},
    }


def _roles(*, has_portal: bool) -> list[dict[str, Any]]:
    """Least privilege: each person their own servers and tokens; no role touches another's."""
    person = [*OWN, f"access:services!service={SERVICE}"] if has_portal else [*OWN]
    return [
        {"name": "user", "scopes": person},
        {"name": OFFICERS, "scopes": ["custom:workbench:output:review"], "groups": [OFFICERS]},
        {"name": AUDITORS, "scopes": ["custom:workbench:audit:read"], "groups": [AUDITORS]},
    ]


def _services(instance: Instance, port: int, command: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": SERVICE,
            "url": f"http://127.0.0.1:{port}",
            "command": bound(command),
            "environment": {"WORKBENCH_INSTANCE": str(instance.root), "PATH": os.defpath},
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": [],
            "display": False,
        }
    ]


def _authenticator(instance: Instance, records: Records) -> dict[str, Any]:
    book = AccountBook(instance)
    roles: Path = instance.zone("portal") / "roles.toml"

    def groups_of(user: str) -> list[str]:
        held = records.permits.all()
        projects = [
            f"project-{one.permit.project}"
            for one in held
            if one.state is PermitState.ACTIVE and one.permit.names(user)
        ]
        return Roles.read(roles).groups_of(user) + projects

    def on_session(user: str) -> None:
        records.audit.append(AuditEvent(What.ACCOUNT_SESSION_OPEN, user, f"account/{user}"))

    return {
        "check": _plain(book.check),
        "known": _plain(book.names),
        "groups_of": groups_of,
        "on_session": on_session,
        "allow_all": True,  # of those with an account; there is no sign-up
        "admin_users": set(),
        "manage_groups": True,
        "auth_refresh_age": 60,
        "refresh_pre_spawn": True,
        "enable_auth_state": False,
    }


def _plain(method: Any) -> Any:
    """A function around a method: settings are copied deeply, and functions are not copied."""

    def function(*arguments: Any) -> Any:
        return method(*arguments)

    return function
