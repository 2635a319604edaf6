"""Figures as a book sets them."""

from __future__ import annotations

import re

_HYPHEN = re.compile(r"(?<![\w.,)-])-(?=\d)")


def typeset(words: str) -> str:
    """Words with a minus before a number, and such that no line ends before a %."""
    return _HYPHEN.sub("−", words).replace(" %", "\u00a0%")
