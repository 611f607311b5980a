"""Hiding cells so that nothing published gives them back."""
