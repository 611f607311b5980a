"""Cell key: noise that is the same for the same persons, and a budget against averaging it away."""
