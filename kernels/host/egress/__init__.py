"""What may leave a sealed lane: files for the officer, and how coarsely an end is told."""
