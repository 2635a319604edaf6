"""`train` in a process that does not lead: it waits for the run's configuration, then computes its part."""

from __future__ import annotations

import logging
import time

from gan.contract.run_folder import RunFolder
from gan.training.places import Place
from gan.training.stopping import StopRequest
from gan.training.streams import redirect, say

_LOOK_SECONDS = 0.1


def follow(run: RunFolder, place: Place, console: bool) -> int:
    """Takes part until the run ends; returns the exit status.

    Prints no events, and leaves the sentence on a failure to the process that leads. Where that one ends
    before it has written a configuration, the starter (torchrun, srun) ends this one.
    """
    while not run.config.exists():
        time.sleep(_LOOK_SECONDS)
    streams = redirect(None if console else run.log)
    _sign_log(place)
    try:
        from gan.training.run import follow_run  # torch: after the redirection
    except (ImportError, OSError) as error:  # OSError: a library of torch's is missing
        say(streams, f"torch cannot be loaded ({error}): install it into this Python, or choose another.")
        return 1
    return 0 if follow_run(run, StopRequest(run.stop), place) else 1


def _sign_log(place: Place) -> None:
    """All processes write to one log: this one's lines carry its number."""
    signed = logging.Formatter(f"%(asctime)sZ %(levelname)s %(name)s, {place.title}: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(signed)
