"""`python -m gan`: the trainer's command line."""

from __future__ import annotations

import os
import sys

from gan.cli.app import main
from gan.contract.leash import stay_on_leash


def share_processor() -> None:
    """Lets threads that wait for each other sleep instead of spinning; to be called before torch is imported.

    A step on the CPU is thousands of short parallel regions. Where another program (the window, a second
    trainer) wants a core too, spinning keeps it from the very thread that is waited for: training at 32 px
    on two busy cores took 5 to 10 times as long. What the user has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("KMP_BLOCKTIME", "0")  # the same for Intel's and LLVM's library


if __name__ == "__main__":
    stay_on_leash()
    share_processor()
    sys.exit(main())
