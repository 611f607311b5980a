"""Which coarser table is safe as a whole, with the least lost."""
