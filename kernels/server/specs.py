"""The two kernels that a project's server offers, held in memory; any other name is refused."""

import os
from typing import Any, ClassVar

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from tornado.web import HTTPError

__all__ = ["PROVISIONER", "NotOffered", "TwoKernels", "spec"]

PROVISIONER = "workbench-gated"
NOWHERE = "/nonexistent"  # a specification has no folder: nothing of it is read from a disk

NAMES = {
    "workbench": {"en": "Workbench", "nb": "Workbench"},
    "sealed": {"en": "Workbench, sealed run", "nb": "Workbench, forseglet kjøring"},
}


def spec(name: str, language: str = "nb") -> dict[str, Any]:
    """The specification of one kernel as Jupyter's JSON.

    name: "workbench" or "sealed"; KeyError for anything else. language: "nb" or "en".
    """
    return {
        "argv": ["workbench-gated"],  # never run: the provisioner asks the gate daemon instead
        "display_name": NAMES[name].get(language, NAMES[name]["en"]),
        "language": "python",
        "interrupt_mode": "message",
        "env": {},
        "metadata": {
            "debugger": False,
            "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": {"lane": name}},
        },
    }


class NotOffered(NoSuchKernel, HTTPError):
    """Another kernel's name; the server answers 404 and goes on."""

    def __init__(self, name: str) -> None:
        NoSuchKernel.__init__(self, name)
        HTTPError.__init__(self, 404, "This server offers no such kernel.")


class TwoKernels(KernelSpecManager):
    """Reads no kernel.json, knows no native kernel, installs and removes nothing.

    The stock one starts kernels by name that its listing hides: its allow-list filters the
    listing only.
    """

    known: ClassVar[tuple[str, ...]] = tuple(NAMES)

    def find_kernel_specs(self) -> dict[str, str]:
        """The two names; their folder does not exist."""
        return dict.fromkeys(self.known, NOWHERE)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of a kernel named exactly so; NotOffered for any other name."""
        if kernel_name not in self.known:
            raise NotOffered(kernel_name)
        language = os.environ.get("WORKBENCH_LANGUAGE", "nb")
        return KernelSpec(resource_dir=NOWHERE, **spec(kernel_name, language))

    def get_all_specs(self) -> dict[str, Any]:
        """Both, as the REST interface lists them."""
        return {
            name: {"resource_dir": NOWHERE, "spec": self.get_kernel_spec(name).to_dict()}
            for name in self.known
        }

    def remove_kernel_spec(self, name: str) -> str:  # noqa: ARG002 - the signature of jupyter_client
        """Never."""
        raise PermissionError("kernel specifications are fixed")

    def install_kernel_spec(self, *_arguments: Any, **_options: Any) -> str:
        """Never."""
        raise PermissionError("kernel specifications are fixed")

    def install_native_kernel_spec(self, user: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the signature of jupyter_client
        """Never."""
        raise PermissionError("kernel specifications are fixed")
