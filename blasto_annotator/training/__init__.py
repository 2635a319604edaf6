"""Starts and watches trainer processes; the registry of models."""
