"""The single-user server is configured shut."""

import json
import re
from pathlib import Path

import pytest
from jupyter_server.serverapp import JUPYTER_SERVICE_HANDLERS
from jupyterlab.commands import get_app_dir

from kernels.server.configuration import SERVICES, settings


def test_the_served_folder_comes_from_the_jail():
    assert settings({"WORKBENCH_NOTEBOOKS": "/n"})["ServerApp"]["root_dir"] == "/n"


def test_without_its_folder_the_server_serves_none():
    with pytest.raises(KeyError):
        settings({})


def test_services_that_run_or_stop_things_are_left_out():
    assert set(SERVICES) <= set(JUPYTER_SERVICE_HANDLERS)
    assert not set(SERVICES) & {"files", "nbconvert", "shutdown", "view"}


def test_every_setting_names_a_trait_that_exists():
    """A misspelt trait would be ignored, and the door left open."""
    from jupyter_client.provisioning import KernelProvisionerFactory
    from jupyter_server.serverapp import ServerApp
    from jupyter_server.services.contents.filemanager import FileContentsManager
    from jupyter_server.services.contents.manager import ContentsManager
    from jupyter_server.services.kernels import kernelmanager
    from jupyterhub.services.auth import HubAuth
    from jupyterlab.labapp import LabApp

    classes = {
        "ServerApp": ServerApp,
        "LabApp": LabApp,
        "KernelProvisionerFactory": KernelProvisionerFactory,
        "MultiKernelManager": kernelmanager.MappingKernelManager,
        "AsyncMappingKernelManager": kernelmanager.AsyncMappingKernelManager,
        "MappingKernelManager": kernelmanager.MappingKernelManager,
        "HubAuth": HubAuth,
        "ContentsManager": ContentsManager,
        "FileContentsManager": FileContentsManager,
    }
    for section, values in settings({"WORKBENCH_NOTEBOOKS": "/n"}).items():
        traits = set(classes[section].class_trait_names(config=True))

        assert set(values) <= traits, section


def test_pages_tell_what_the_hub_said_of_the_permit_and_no_lane_that_does_not_exist():
    said = {
        "WORKBENCH_NOTEBOOKS": "/n",
        "WORKBENCH_PROJECT": "diabetes",
        "WORKBENCH_LANES": "sealed workbench python3",
        "WORKBENCH_UNTIL": "2030-01-31",
        "WORKBENCH_LANGUAGE": "en",
        "WORKBENCH_LAUNCH_TOKEN": "canary-7d1f",
    }
    page = settings(said)["ServerApp"]["tornado_settings"]["page_config_data"]

    assert page["workbenchLanes"] == "workbench sealed"
    assert (page["workbenchProject"], page["workbenchUntil"]) == ("diabetes", "2030-01-31")
    assert "canary" not in str(page)


def test_extensions_come_from_our_folder_and_from_nobodys_home():
    (folder,) = settings({"WORKBENCH_NOTEBOOKS": "/n"})["LabApp"]["labextensions_path"]
    found = [path.parent.name for path in Path(folder).glob("*/package.json")]

    assert found == ["workbench"]


def test_nothing_in_the_extension_parses_html_or_compiles_code():
    (folder,) = settings({"WORKBENCH_NOTEBOOKS": "/n"})["LabApp"]["labextensions_path"]
    words = re.compile(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\(|new Function|"
        r"createContextualFragment|srcdoc|setTimeout\(['\"]|https?://(?!www\.w3\.org/2000/svg)"
    )
    scripts = sorted(Path(folder).rglob("*.js"))

    assert scripts
    assert [one.name for one in scripts if words.search(one.read_text())] == []
    assert [one.name for one in scripts if len(one.read_text().splitlines()) > 250] == []


def test_plugins_that_are_left_out_exist_in_jupyterlab():
    """A misspelt name would leave nothing out."""
    page = json.loads((Path(settings({"WORKBENCH_NOTEBOOKS": "/n"})["LabApp"]["app_settings_dir"])
                       / "page_config.json").read_text())  # fmt: skip
    shipped = "".join(
        one.read_text(encoding="utf-8")
        for one in Path(get_app_dir(), "static").glob("*.js")
        if one.name.startswith(("jlab_core", "main"))
    )
    unknown = [name for name in page["disabledExtensions"] if name not in shipped]

    assert unknown == []
