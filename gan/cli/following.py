"""`train` in a process that does not lead: it waits for the run's configuration, then computes its part."""

from __future__ import annotations

import logging
import time

from gan.contract.locking import is_locked
from gan.contract.run_folder import RunFolder
from gan.training.places import Place
from gan.training.stopping import StopRequest
from gan.training.streams import redirect, say

_LOOK_SECONDS = 0.1
_FAREWELL_SECONDS = 20.0


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
        from gan.scoring.reward import scorer_reward  # torch: after the redirection
        from gan.training.run import follow_run
    except (ImportError, OSError) as error:  # OSError: a library of torch's is missing
        say(streams, f"torch cannot be loaded ({error}): install it into this Python, or choose another.")
        return 1
    done = False
    try:
        done = follow_run(run, StopRequest(run.stop), scorer_reward, place)
    finally:
        if not done:
            _let_the_leader_speak(run)
    return 0 if done else 1


def _let_the_leader_speak(run: RunFolder) -> None:
    """Waits until the process that leads has told why all end: the starter kills it when this one is gone."""
    deadline = time.monotonic() + _FAREWELL_SECONDS
    while is_locked(run.alive) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


def _sign_log(place: Place) -> None:
    """All processes write to one log: this one's lines carry its number."""
    signed = logging.Formatter(f"%(asctime)sZ %(levelname)s %(name)s, {place.title}: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(signed)
