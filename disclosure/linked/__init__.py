"""Tables from anywhere, protected together: linked, hierarchical, counts and sums."""
