"""The kernels that a project's server offers, held in memory; any other name is refused."""

import os
from collections.abc import Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.multikernelmanager import DuplicateKernelError
from tornado.web import HTTPError

__all__ = ["PROVISIONER", "NotOffered", "OurKernels", "lanes", "language", "spec"]

PROVISIONER = "workbench-gated"
NOWHERE = "/nonexistent"  # a specification has no folder: nothing of it is read from a disk

NAMES = {
    "workbench": {"en": "Workbench", "nb": "Workbench"},
    "sealed": {"en": "Sealed run", "nb": "Forseglet kjøring"},
    "interactive": {"en": "Sealed kernel, interactive", "nb": "Forseglet kjerne, interaktiv"},
}


def lanes(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The lanes that the permit opens, for display: WORKBENCH_LANES, of those that exist.

    The gate daemon alone decides; naming a lane here opens none.
    """
    opened = environ.get("WORKBENCH_LANES", "workbench").split()
    return tuple(name for name in NAMES if name in opened or name == "workbench")


def language(environ: Mapping[str, str]) -> str:
    """The language of names and texts: "nb" or "en"."""
    return "en" if environ.get("WORKBENCH_LANGUAGE") == "en" else "nb"


def spec(name: str, tongue: str = "nb") -> dict[str, Any]:
    """The specification of one kernel as Jupyter's JSON.

    name: "workbench", "sealed" or "interactive"; KeyError for anything else.
    tongue: "nb" or "en".
    """
    return {
        "argv": ["workbench-gated"],  # never run: the provisioner asks the gate daemon instead
        "display_name": NAMES[name].get(tongue, NAMES[name]["en"]),
        "language": "python",
        "interrupt_mode": "message",
        "env": {},
        "metadata": {
            "debugger": False,
            "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": {"lane": name}},
        },
    }


NOT_OFFERED = {
    "en": "This project has no such kernel. Choose another one: Kernel, Change Kernel.",
    "nb": "Dette prosjektet har ingen slik kjerne. Velg en annen: Kernel, Change Kernel.",
}


class NotOffered(KeyError, HTTPError, DuplicateKernelError):
    """Another kernel's name; the server answers 404 with a sentence and goes on.

    Where a session is asked for it answers 409: Jupyter's handler of sessions makes a 500 of all
    errors but those of the last kind.

    Not Jupyter's NoSuchKernel, whose sentence advises to install the kernel.
    """

    def __init__(self) -> None:
        self.sentence = NOT_OFFERED[language(os.environ)]
        HTTPError.__init__(self, 404, self.sentence)

    def __str__(self) -> str:
        return self.sentence


class OurKernels(KernelSpecManager):
    """Reads no kernel.json, knows no native kernel, installs and removes nothing.

    The stock one starts kernels by name that its listing hides: its allow-list filters the
    listing only.
    """

    @property
    def known(self) -> tuple[str, ...]:
        """The names of the lanes that the permit opens."""
        return lanes(os.environ)

    def find_kernel_specs(self) -> dict[str, str]:
        """The names; their folder does not exist."""
        return dict.fromkeys(self.known, NOWHERE)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of a kernel named exactly so; NotOffered for any other name."""
        if kernel_name not in self.known:
            raise NotOffered
        return KernelSpec(resource_dir=NOWHERE, **spec(kernel_name, language(os.environ)))

    def get_all_specs(self) -> dict[str, Any]:
        """All, as the REST interface lists them."""
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
