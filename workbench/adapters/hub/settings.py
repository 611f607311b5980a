"""JupyterHub's settings: what it serves, who may sign in, which server starts, and nothing more."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kernels.host.sandbox import keeper
from workbench.adapters.hub.accounts import AccountBook
from workbench.adapters.hub.launches import Launches
from workbench.adapters.hub.openid import OpenId
from workbench.adapters.hub.provider import read_provider
from workbench.adapters.hub.roles import Roles
from workbench.adapters.hub.scopes import SERVER, SERVICE, custom_scopes, roles, services
from workbench.adapters.hub.sessions import Sessions
from workbench.adapters.hub.standing_proxy import free_ports, kept_lines
from workbench.adapters.hub.uids import Uids
from workbench.adapters.processes import bound
from workbench.domain.audit import AuditEvent, What
from workbench.domain.permit import PermitState
from workbench.ports import Clock, Records
from workbench.settings import Instance

__all__ = ["free_ports", "hub_settings"]

PASSWORDS = "workbench.adapters.hub.authenticator.AccountAuthenticator"
OIDC = "workbench.adapters.hub.oidc.OidcAuthenticator"
PROXY = "workbench.adapters.hub.standing_proxy.StandingProxy"
AWAITED = 50.0  # seconds that servers and the proxy wait for a hub: as long as a launch's lease
COOKIE_DAYS = 1.0  # days that a session of the hub may last
LONGEST_TOKEN = 90 * 86_400  # seconds that a token which a person makes for a script may last
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'; object-src 'none'; base-uri 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

SESSION_EVENTS = {
    "open": What.ACCOUNT_SESSION_OPEN,
    "end": What.ACCOUNT_SESSION_END,
    "change": What.ACCOUNT_ENTRY_CHANGE,
}


def hub_settings(
    instance: Instance,
    records: Records,
    clock: Clock,
    proxy: Sequence[str],
    *,
    portal: Sequence[str] | None = None,
    language: str = "nb",
    awaited: float = AWAITED,
) -> dict[str, dict[str, Any]]:
    """Every setting of JupyterHub, section by section, for `hub_config.py`.

    proxy: the proxy's command line (see workbench.adapters.proxy). portal: the command line of the
    portal's process (default: `python -m workbench portal`); an empty one leaves it out.
    language: "nb" or "en", of the kernels' names and of refused launches. awaited: seconds that
    servers and the proxy run on without a hub. The public port is the instance's; the hub and the
    proxy's interface keep the free ports that they took first, the portal takes one at each start.
    Called in the hub's own process, which from then on holds the file that the keepers look at.
    """
    zone = instance.zone("hub")
    lines, (portal_port,) = kept_lines(zone / "lines.json", instance.port), free_ports(1)
    keeper.hold(str(zone / "hub.lock"))
    # a hub that a service manager started by itself is watched over by that alone
    serving = str(instance.serving) if keeper.is_held(str(instance.serving)) else ""
    kept = [sys.executable, "-I", "-S", keeper.__file__, serving, str(zone / "hub.lock")]
    kept += [str(awaited)]
    if portal is None:
        portal = (sys.executable, "-m", "workbench", "portal")
    uids = Uids(zone / "uids.sqlite")
    launches = Launches(instance, records, clock, uids.of, language)
    provider = read_provider(instance)
    openid = None if provider is None else OpenId(instance, provider)
    sessions = Sessions(AccountBook(instance), launches.withdraw)
    notebooks = zone / "notebooks"
    notebooks.mkdir(mode=0o700, exist_ok=True)

    def still_open(user: str, project: str) -> bool:
        return sessions.may_run_on(user, project) and launches.still_open(user, project)

    return {
        "JupyterHub": {
            "bind_url": instance.url,
            "hub_bind_url": f"http://127.0.0.1:{lines.hub_port}",
            "db_url": f"sqlite:///{zone / 'jupyterhub.sqlite'}",
            "cookie_secret_file": str(zone / "cookie_secret"),
            "cookie_max_age_days": COOKIE_DAYS,
            "token_expires_in_max_seconds": LONGEST_TOKEN,
            "authenticator_class": PASSWORDS if openid is None else OIDC,
            "spawner_class": "kernels.server.spawner.JailedSpawner",
            "allow_named_servers": True,
            "named_server_limit_per_user": 20,
            "redirect_to_server": False,
            "template_paths": [str(Path(__file__).with_name("templates"))],
            "default_url": f"/services/{SERVICE}/" if portal else "",
            "cleanup_servers": False,
            "cleanup_proxy": False,
            "proxy_class": PROXY,
            "authenticate_prometheus": True,
            "tornado_settings": {"headers": HEADERS},
            "custom_scopes": custom_scopes(),
            "load_roles": roles(has_portal=bool(portal)),
            "services": services(instance, portal_port, portal),
        },
        "ConfigurableHTTPProxy": {
            "command": [*kept, "alone", *bound(proxy)],
            "auth_token": lines.proxy_token,
            "api_url": f"http://127.0.0.1:{lines.proxy_port}",
            "pid_file": "",
            "should_start": True,
        },
        "Authenticator": _authenticator(instance, records, sessions, openid),
        "Spawner": {
            "pre_spawn_hook": _plain(launches.before_start),
            "default_url": "/lab",
            "env_keep": [],
            "disable_user_config": True,
            "start_timeout": 60,
            "http_timeout": 60,
            "poll_interval": 10,
            "server_token_scopes": list(SERVER),
            "oauth_client_allowed_scopes": [],
        },
        "JailedSpawner": {
            "keeper": kept,
            "notebooks": str(notebooks),
            "logs": str(instance.zone("logs")),
            "gate": str(instance.socket("gated")),
            "words": {"WORKBENCH_LANGUAGE": language},
            "still_open": still_open,
        },
    }


def _authenticator(
    instance: Instance, records: Records, sessions: Sessions, openid: OpenId | None
) -> dict[str, Any]:
    path: Path = instance.zone("portal") / "roles.toml"

    def groups_of(user: str) -> list[str]:
        projects = [
            f"project-{one.permit.project}"
            for one in records.permits.all()
            if one.state is PermitState.ACTIVE and one.permit.names(user)
        ]
        # at a provider the level of assurance is what a second factor is here
        second = openid is not None or sessions.book.has_second_factor(user)
        return Roles.read(path).groups_of(user, second_factor=second) + projects

    def on_session(what: str, user: str) -> None:
        records.audit.append(AuditEvent(SESSION_EVENTS[what], user, f"account/{user}"))

    if openid is None:
        # the form always asks for a code, so that it does not tell who has a second factor
        own: dict[str, Any] = {"request_otp": True}
    else:
        address = (openid.provider.public_url or instance.url).rstrip("/")
        own = {
            "openid": lambda: openid,
            "login_service": openid.provider.name,
            "client_id": openid.provider.client_id,
            "oauth_callback_url": f"{address}/hub/oauth_callback",
        }
    return own | {
        "sessions": lambda: sessions,
        "groups_of": groups_of,
        "on_session": on_session,
        "allow_all": True,  # of those with an account; there is no sign-up
        "admin_users": set(),
        "manage_groups": True,
        "auth_refresh_age": 20,
        "auth_refresh_strict": True,  # a closed account's tokens end as its cookies do
        "refresh_pre_spawn": True,
        "enable_auth_state": False,
    }


def _plain(method: Any) -> Any:
    """A function around a method: settings are copied deeply, and functions are not copied."""

    def function(*arguments: Any) -> Any:
        return method(*arguments)

    return function
