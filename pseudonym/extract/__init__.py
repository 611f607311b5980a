"""The owner's side, offline: read an extract, check it against its contract, draft a contract."""
