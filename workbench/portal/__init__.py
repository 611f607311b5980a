"""The web pages, thin: no rule lives here."""
