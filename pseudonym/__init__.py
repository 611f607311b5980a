"""From extract to view, so that nobody holds both identity and health data."""
