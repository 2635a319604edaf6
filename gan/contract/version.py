"""The version that checkpoints and generated images carry."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def app_version() -> str:
    """The installed distribution's version; `checkout` where the source runs without being installed."""
    try:
        return version("blasto-annotator")
    except PackageNotFoundError:
        return "checkout"
