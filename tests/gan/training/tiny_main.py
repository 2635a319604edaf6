"""`python -m tests.gan.training.tiny_main`: the trainer's commands, with the tiny family in the list."""

from __future__ import annotations

import sys

from gan.cli.app import main
from gan.contract import families

TINY = families.FamilyEntry("tiny", "Two small networks", "tests.gan.training.tiny_family")


def add_tiny() -> None:
    """Adds the family to the list."""
    families.FAMILIES = (*families.FAMILIES, TINY)


if __name__ == "__main__":
    add_tiny()
    sys.exit(main())
