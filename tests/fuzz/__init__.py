"""Long versions of what the default suite shows in short: `make fuzz`."""
