"""What a signed-in person may do in their own server: a table, everything else is denied."""

from typing import Any

from jupyterhub.singleuser.extension import JupyterHubAuthorizer

__all__ = ["ALLOWED", "DenyByDefault"]

# (resource, action) as Jupyter Server names them. Not here, hence denied: writing configuration,
# terminals, conversion on the server, stopping the server, and whatever an upgrade may add.
ALLOWED = frozenset(
    {
        ("api", "read"),
        ("config", "read"),
        ("contents", "read"),
        ("contents", "write"),
        ("events", "execute"),
        ("events", "read"),
        ("kernels", "execute"),
        ("kernels", "read"),
        ("kernels", "write"),
        ("kernelspecs", "read"),
        ("sessions", "read"),
        ("sessions", "write"),
    }
)


class DenyByDefault(JupyterHubAuthorizer):  # type: ignore[misc] # jupyterhub ships no types
    """The hub's own check of access, and then the table."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Whether the pair stands in the table and the hub gives this person this server."""
        if (resource, action) not in ALLOWED:
            self.log.warning("denied: %s %s", action, resource)
            return False
        return bool(super().is_authorized(handler, user, action, resource))
