"""Handrail: the backend of a recovery programme's app."""
