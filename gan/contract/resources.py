"""Where the shipped resources lie: beside the packages in a checkout, in the wheel otherwise."""

from __future__ import annotations

from pathlib import Path


def resource(*parts: str) -> Path:
    """The path of a shipped resource, such as `resource("presets", "cpu.toml")`.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    root = Path(__file__).resolve().parents[2]
    for folder in (root / "blasto_annotator_resources", root / "resources"):
        path = folder.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"the installation lacks {'/'.join(parts)}: install blasto-annotator again")
