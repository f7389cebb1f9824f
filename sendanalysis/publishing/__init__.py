"""Notebooks into briefings, and briefings into their place."""
