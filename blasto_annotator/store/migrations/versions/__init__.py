"""Revisions. Each is frozen once released: it does not import the models."""
