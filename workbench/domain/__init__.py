"""People, permits, outputs, reviews and what may follow what: pure values and tables."""
