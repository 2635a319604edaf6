"""A card that torch cannot use is told with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan.training.idle_gpu import idle_gpu


@pytest.fixture
def pci(tmp_path: Path) -> Path:
    """A graphics card of NVIDIA's and its sound."""
    for name, kind in (("0000:01:00.0", "0x030000"), ("0000:01:00.1", "0x040300")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vendor").write_text("0x10de\n")
        (tmp_path / name / "class").write_text(f"{kind}\n")
    return tmp_path


def test_a_card_without_its_driver_or_its_torch_is_told_and_a_used_one_is_not(pci: Path) -> None:
    assert "update NVIDIA's driver" in idle_gpu(False, "12.6", pci, "linux")
    assert "install the torch for CUDA" in idle_gpu(False, None, pci, "linux")
    assert idle_gpu(True, "12.6", pci, "linux") == ""


def test_a_computer_without_such_a_card_is_told_nothing(pci: Path, tmp_path: Path) -> None:
    (pci / "0000:01:00.0" / "vendor").write_text("0x8086\n")
    assert idle_gpu(False, "12.6", pci, "linux") == ""
    assert idle_gpu(False, "12.6", tmp_path / "absent", "linux") == ""
