"""What a generated PNG says of its origin, in its text chunks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gan.contract.batch_folder import PROVENANCE_KEYS
from gan.contract.version import app_version


def provenance(
    description: Mapping[str, Any], seed: str, class_name: str, truncation: float, noise: str
) -> dict[str, str]:
    """Text chunks under `PROVENANCE_KEYS` for an image of the model that `checkpoint.json` describes."""
    values = (
        "true",
        str(description["networks_sha256"]),
        str(description["family"]),
        seed,
        class_name,
        f"{truncation:g}",
        noise,
        app_version(),
    )
    return dict(zip(PROVENANCE_KEYS, values, strict=True))
