"""The single-user server is configured shut."""

import pytest
from jupyter_server.serverapp import JUPYTER_SERVICE_HANDLERS

from kernels.server.configuration import POLICY, SERVICES, settings


def test_the_served_folder_comes_from_the_jail():
    assert settings({"WORKBENCH_NOTEBOOKS": "/n"})["ServerApp"]["root_dir"] == "/n"


def test_without_its_folder_the_server_serves_none():
    with pytest.raises(KeyError):
        settings({})


def test_services_that_run_or_stop_things_are_left_out():
    assert set(SERVICES) <= set(JUPYTER_SERVICE_HANDLERS)
    assert not set(SERVICES) & {"nbconvert", "shutdown", "view"}


def test_every_setting_names_a_trait_that_exists():
    """A misspelt trait would be ignored, and the door left open."""
    from jupyter_client.provisioning import KernelProvisionerFactory
    from jupyter_server.serverapp import ServerApp
    from jupyter_server.services.contents.filemanager import FileContentsManager
    from jupyter_server.services.contents.manager import ContentsManager
    from jupyter_server.services.kernels import kernelmanager
    from jupyterlab.labapp import LabApp

    classes = {
        "ServerApp": ServerApp,
        "LabApp": LabApp,
        "KernelProvisionerFactory": KernelProvisionerFactory,
        "MultiKernelManager": kernelmanager.MappingKernelManager,
        "AsyncMappingKernelManager": kernelmanager.AsyncMappingKernelManager,
        "MappingKernelManager": kernelmanager.MappingKernelManager,
        "ContentsManager": ContentsManager,
        "FileContentsManager": FileContentsManager,
    }
    for section, values in settings({"WORKBENCH_NOTEBOOKS": "/n"}).items():
        traits = set(classes[section].class_trait_names(config=True))

        assert set(values) <= traits, section


def test_nobody_may_frame_the_server_and_pages_load_nothing_from_elsewhere():
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))

    assert rules["frame-ancestors"] == "'none'"
    assert rules["object-src"] == "'none'"
    assert not any("http" in value or "*" in value for value in rules.values())
