"""Why a file cannot be read."""

from __future__ import annotations


class UnsafeFileError(ValueError):
    """The file holds something other than tensors and constructor arguments, or is damaged."""
