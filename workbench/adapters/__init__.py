"""One port each."""
