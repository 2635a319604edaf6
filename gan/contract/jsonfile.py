"""JSON files that are either whole or absent."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan.contract.whole_file import whole_file


def write_json(path: Path, value: object) -> None:
    """Writes `value` atomically: a reader sees the old file or the new one, never a half."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes `text` (UTF-8) atomically and makes it durable before it appears under its name."""
    with whole_file(path, durable=True) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def finite(value: Any) -> Any:
    """The value with NaN and infinities as None at any depth: JSON has no such numbers."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: finite(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def read_json(path: Path) -> Any:
    """The file's value.

    Raises:
        OSError, ValueError: absent, unreadable or not JSON.
    """
    return json.loads(path.read_text(encoding="utf-8"))


def read_object(path: Path) -> dict[str, Any]:
    """The file's value, which has names.

    Raises:
        OSError, ValueError: absent, unreadable, not JSON or no object.
    """
    value = read_json(path)
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} holds no names and values")
    return value
