"""Where people meet: projects, permits, plans, releases. Composes the other three packages."""
