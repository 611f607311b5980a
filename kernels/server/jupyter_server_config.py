"""Jupyter Server's configuration file: it only sets what `kernels.server.configuration` says."""

import os

from jupyter_server.base.handlers import AuthenticatedHandler, JupyterHandler
from jupyter_server.serverapp import ServerApp

from kernels.server.bodies import json_body
from kernels.server.configuration import SERVICES, settings
from kernels.server.policy import policy_of

c = get_config()  # type: ignore[name-defined] # noqa: F821 - Jupyter injects it
for _section, _values in settings(os.environ).items():
    c[_section].update(_values)
setattr(ServerApp, "default_services", SERVICES)  # noqa: B010 - no trait: set on the class, whose type fixes the stock tuple
setattr(AuthenticatedHandler, "content_security_policy", property(policy_of))  # noqa: B010 - the policy names the host that was asked, which a setting cannot know
setattr(JupyterHandler, "get_json_body", json_body)  # noqa: B010 - no setting either: its own lets any JSON through
