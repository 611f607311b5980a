"""JupyterHub's configuration: it only sets what `workbench.wiring` hands it."""

from workbench.wiring import hub_settings

c = get_config()
for _section, _values in hub_settings().items():
    c[_section].update(_values)
