"""Who acts where nobody said a grader's name."""

from __future__ import annotations

import getpass


class Operator(str):
    """The login name of whoever works at the command line: with the folder, hence with every right.

    Even where a grader without rights has the same name.
    """

    __slots__ = ()


def login_name() -> str:
    """Who the audit trail names for acts that ask for no grader."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "unknown"
