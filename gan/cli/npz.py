"""NPZ files in and out; nothing in them is ever unpickled."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.contract.errors import UserError
from gan.contract.whole_file import whole_file

Arrays = dict[str, npt.NDArray[np.generic]]


def read_arrays(path: Path, needed: Sequence[str]) -> Arrays:
    """The numeric arrays of an NPZ file.

    Raises:
        UserError: unreadable, or one of `needed` is missing.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile, AttributeError, EOFError) as error:
        raise UserError(f"{path} is not a readable NPZ file of numbers{_why(error)}.") from error
    for name in needed:
        if name not in arrays:
            raise UserError(f"{path} has no array {name!r}; it has {', '.join(sorted(arrays)) or 'none'}.")
    return arrays


def _why(error: Exception) -> str:
    """The system's words; NumPy's own say how to trust a file, which nobody should."""
    return f" ({error.strerror.lower()})" if isinstance(error, OSError) and error.strerror else ""


def write_arrays(path: Path, **arrays: npt.NDArray[np.generic]) -> None:
    """Writes an NPZ file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
