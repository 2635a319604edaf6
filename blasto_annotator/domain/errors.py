"""Errors that a person can act on. Anything else is a programming error and stays loud."""

from __future__ import annotations


class UserError(Exception):
    """One sentence: what happened, to which file, and what to do."""


class UnreachableError(UserError):
    """A server does not answer: the same act may succeed in a moment, or have succeeded unheard."""
