"""Where things are kept that can be made again: deleting the folder costs time only."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "BLASTO_CACHE"


def cache_root() -> Path:
    """The folder that the variable BLASTO_CACHE names, else the user's cache folder of this application."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else user_cache_path("blasto-annotator")
