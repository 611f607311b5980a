"""Encrypted Parquet in versions, published by one pointer switch."""
