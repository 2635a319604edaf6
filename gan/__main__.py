"""`python -m gan`: the trainer's command line."""

from __future__ import annotations

import sys

from gan.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
