"""The one composition root: names every adapter once."""


def main() -> None:
    """Run the `workbench` command."""


def hub_settings() -> dict[str, dict[str, object]]:
    """JupyterHub's settings for this instance, section by section."""
    return {}
