"""A graphics card of NVIDIA's that torch cannot use, and what to do about it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

PCI = Path("/sys/bus/pci/devices")
_NVIDIA, _DISPLAY = "0x10de", "0x03"
_OLD_DRIVER = (
    "This computer has an NVIDIA graphics card, but its driver does not answer torch (made for CUDA {}): "
    "install or update NVIDIA's driver, restart, and the training takes the card."
)
_OTHER_TORCH = (
    "This computer has an NVIDIA graphics card, but this Python's torch computes on the processor alone: "
    "install the torch for CUDA from pytorch.org, and the training takes the card."
)


def idle_gpu(available: bool, cuda: str | None, pci: Path = PCI, platform: str = sys.platform) -> str:
    """Why a card that is there is not used; empty where one is, or none is there.

    Args:
        available: whether torch can use CUDA.
        cuda: the version of CUDA that torch was made for; None for a torch without.
        pci: where Linux lists what is plugged in.
        platform: as `sys.platform` names it.
    """
    if available or not _has_card(pci, platform):
        return ""
    return _OTHER_TORCH if cuda is None else _OLD_DRIVER.format(cuda)


def _has_card(pci: Path, platform: str) -> bool:
    if platform != "linux":
        return shutil.which("nvidia-smi") is not None  # it comes with the driver
    return any(_is_card(device) for device in pci.glob("*"))


def _is_card(device: Path) -> bool:
    try:
        vendor, kind = ((device / name).read_text("ascii").strip() for name in ("vendor", "class"))
    except (OSError, UnicodeDecodeError):
        return False
    return vendor == _NVIDIA and kind.startswith(_DISPLAY)
