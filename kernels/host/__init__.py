"""The trusted side of the jail: gate daemon, launcher, sandbox."""
