"""A hub configuration for tests: the real settings over the instance that the test made."""

import os
from datetime import UTC, datetime
from pathlib import Path

from workbench.adapters.hub.settings import AWAITED, hub_settings
from workbench.adapters.proxy import ensure_proxy
from workbench.adapters.sql import open_records
from workbench.settings import Instance


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


instance = Instance.open(Path(os.environ["WORKBENCH_INSTANCE"]))
clock = Now()
told = instance.root / "awaited"
awaited = float(told.read_text()) if told.exists() else AWAITED
c = get_config()  # type: ignore[name-defined] # noqa: F821 - JupyterHub injects it
for _section, _values in hub_settings(
    instance,
    open_records(instance.database, clock),
    clock,
    ensure_proxy(),
    portal=(),
    awaited=awaited,
).items():
    c[_section].update(_values)
c.Spawner.environment = {"JUPYTERHUB_ACTIVITY_INTERVAL": "1"}
c.Spawner.poll_interval = 1  # sooner than in earnest, so that a test need not wait
