"""Who acts where nobody said a grader's name."""

from __future__ import annotations

import getpass


def login_name() -> str:
    """Who the audit trail names for acts that ask for no grader."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "unknown"
