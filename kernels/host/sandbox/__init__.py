"""One process in its jail: what it sees, may call and may use; started, proved and ended."""
