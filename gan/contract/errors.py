"""Errors that a person can act on."""

from __future__ import annotations


class UserError(Exception):
    """One sentence for the person: what is wrong, with which file, and what to do."""
