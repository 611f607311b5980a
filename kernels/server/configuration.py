"""How the single-user server is trimmed: no terminals, no installs, no conversion, no news."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernels.server.specs import PROVISIONER

__all__ = ["POLICY", "SERVICES", "settings"]

SERVICES = ("api", "auth", "config", "contents", "events", "files", "kernels", "kernelspecs",
            "security", "sessions")  # fmt: skip
"""Jupyter Server's services without nbconvert (runs templates), view and shutdown."""

# JupyterLab compiles its settings schemas (unsafe-eval) and styles in place (unsafe-inline); all
# else comes from this very origin, and nobody may frame it.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def settings(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Jupyter Server's settings, section by section.

    environ: WORKBENCH_NOTEBOOKS names the folder of notebooks, the only one that is served.
    KeyError without it: a server that does not know its folder must not serve another one.
    """
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    return {
        "ServerApp": {
            "root_dir": environ["WORKBENCH_NOTEBOOKS"],
            "preferred_dir": environ["WORKBENCH_NOTEBOOKS"],
            "terminals_enabled": False,
            "jpserver_extensions": {"jupyterlab": True},
            "reraise_server_extension_failures": True,
            "kernel_spec_manager_class": "kernels.server.specs.TwoKernels",
            "kernel_websocket_connection_class": "kernels.server.connection.TellingConnection",
            "authorizer_class": "kernels.server.authorizer.DenyByDefault",
            "allow_root": False,
            "allow_origin": "",
            "allow_unauthenticated_access": False,
            "max_body_size": 64 << 20,
            "max_buffer_size": 64 << 20,
            "quit_button": False,
            "tornado_settings": {"headers": headers},
        },
        "LabApp": {
            "extension_manager": "readonly",
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "app_settings_dir": str(Path(__file__).parent / "lab"),  # plugins that are left out
        },
        "KernelProvisionerFactory": {"default_provisioner_name": PROVISIONER},
        "MultiKernelManager": {"default_kernel_name": "workbench"},
        "AsyncMappingKernelManager": {"buffer_offline_messages": False},
        "MappingKernelManager": {"buffer_offline_messages": False},
        "ContentsManager": {"allow_hidden": False},
        "FileContentsManager": {"delete_to_trash": False, "always_delete_dir": False},
    }
