"""Jupyter Server's configuration file: it only sets what `kernels.server.configuration` says."""

import os

from jupyter_server.serverapp import ServerApp

from kernels.server.configuration import SERVICES, settings

c = get_config()  # type: ignore[name-defined] # noqa: F821 - Jupyter injects it
for _section, _values in settings(os.environ).items():
    c[_section].update(_values)
setattr(ServerApp, "default_services", SERVICES)  # noqa: B010 - no trait: set on the class, whose type fixes the stock tuple
