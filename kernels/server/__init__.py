"""What runs in the single-user server, which is not trusted with data."""
