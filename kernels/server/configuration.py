"""How the single-user server is trimmed: no terminals, no installs, no conversion, no news."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernels.server.contents import LIMIT
from kernels.server.policy import HEADERS
from kernels.server.specs import PROVISIONER, lanes, language

__all__ = ["SERVICES", "settings"]

SERVICES = ("api", "auth", "config", "contents", "events", "kernels", "kernelspecs", "security",
            "sessions")  # fmt: skip
"""Without files (downloads), nbconvert (runs templates), view and shutdown."""

_HERE = Path(__file__).parent

HUB_CACHE = 10
"""Seconds that the hub's answer about a token is believed: how long a sign-out may go unnoticed."""


def settings(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Jupyter Server's settings, section by section.

    environ: WORKBENCH_NOTEBOOKS names the folder of notebooks, the only one that is served.
    KeyError without it: a server that does not know its folder must not serve another one.
    What the page shows of project, lanes, permit and language comes from WORKBENCH_PROJECT,
    WORKBENCH_LANES, WORKBENCH_UNTIL and WORKBENCH_LANGUAGE; nothing is decided by them.
    """
    return {
        "ServerApp": {
            "root_dir": environ["WORKBENCH_NOTEBOOKS"],
            "preferred_dir": environ["WORKBENCH_NOTEBOOKS"],
            "terminals_enabled": False,
            "jpserver_extensions": {"jupyterlab": True},
            "reraise_server_extension_failures": True,
            "kernel_manager_class": "kernels.server.activity.WorkingKernels",
            "kernel_spec_manager_class": "kernels.server.specs.OurKernels",
            "contents_manager_class": "kernels.server.contents.NotebooksOnly",
            "kernel_websocket_connection_class": "kernels.server.connection.TellingConnection",
            "authorizer_class": "kernels.server.authorizer.DenyByDefault",
            "allow_root": False,
            "allow_origin": "",
            "allow_unauthenticated_access": False,
            "max_body_size": 4 * LIMIT,  # what is larger than a file may be gets a sentence
            "max_buffer_size": 4 * LIMIT,
            "quit_button": False,
            "tornado_settings": {"headers": HEADERS, "page_config_data": _shown(environ)},
        },
        "LabApp": {
            "extension_manager": "readonly",
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "app_settings_dir": str(_HERE / "lab"),  # plugins that are left out, settings
            "labextensions_path": [str(_HERE / "labextensions")],  # ours, and nobody's home
            "extra_labextensions_path": [],
        },
        "KernelProvisionerFactory": {"default_provisioner_name": PROVISIONER},
        "MultiKernelManager": {"default_kernel_name": "workbench"},
        "AsyncMappingKernelManager": {"buffer_offline_messages": False},
        "MappingKernelManager": {"buffer_offline_messages": False},
        "HubAuth": {"cache_max_age": HUB_CACHE},
        "ContentsManager": {"allow_hidden": False},
        "FileContentsManager": {"delete_to_trash": False, "always_delete_dir": False},
    }


def _shown(environ: Mapping[str, str]) -> dict[str, str]:
    """What our JupyterLab extension reads from the page (`PageConfig.getOption`)."""
    project = environ.get("WORKBENCH_PROJECT", "")
    return {
        "workbenchProject": project,
        "workbenchPortal": f"/services/portal/projects/{project}",
        "workbenchLanes": " ".join(lanes(environ)),
        "workbenchUntil": environ.get("WORKBENCH_UNTIL", ""),
        "workbenchLanguage": language(environ),
    }
