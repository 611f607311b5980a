"""The tests, by what they look at; tests/lib holds what they share."""
