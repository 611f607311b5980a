"""From a registry's extract to a project's view, so that nobody holds both identity and health data."""
