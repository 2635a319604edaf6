"""TensorBoard's files, read back by their specification."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan.training.curves import Curves, crc32c
from tests.conftest import fill_disk

PROGRESS = {
    "kimg": 1.5,
    "losses": {"loss_g": 0.75, "loss_d": -2.0},
    "ada_p": None,
    "seconds_per_kimg": 300.0,
    "memory_gb": 0.5,
}


def records(content: bytes) -> Iterator[bytes]:
    """The data of each record, its checksums verified (TFRecord: length, CRC, data, CRC)."""
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        data = content[12 : 12 + length]
        assert struct.unpack("<I", content[8:12])[0] == masked(content[:8])
        assert struct.unpack("<I", content[12 + length : 16 + length])[0] == masked(data)
        yield data
        content = content[16 + length :]


def masked(data: bytes) -> int:
    value = crc32c(data)
    return (((value >> 15) | (value << 17 & 0xFFFFFFFF)) + 0xA282EAD8) & 0xFFFFFFFF


def message(data: bytes) -> dict[int, list[bytes | int]]:
    """A protocol buffer's fields: number to values in order."""
    fields: dict[int, list[bytes | int]] = {}
    while data:
        key, data = varint(data)
        size = {1: 8, 5: 4}.get(key & 7)
        if key & 7 == 0:
            value, data = varint(data)
            fields.setdefault(key >> 3, []).append(value)
            continue
        if size is None:
            size, data = varint(data)
        fields.setdefault(key >> 3, []).append(data[:size])
        data = data[size:]
    return fields


def varint(data: bytes) -> tuple[int, bytes]:
    value = place = 0
    while True:
        byte, data = data[0], data[1:]
        value |= (byte & 0x7F) << place
        place += 7
        if byte < 0x80:
            return value, data


def scalars(event: bytes) -> tuple[int, dict[str, float]]:
    """An event's step and its scalars by tag."""
    fields = message(event)
    (step,), (summary,) = fields[2], fields[5]
    assert isinstance(step, int)
    assert isinstance(summary, bytes)
    values = [message(value) for value in message(summary)[1] if isinstance(value, bytes)]
    return step, {bytes(value[1][0]).decode(): struct.unpack("<f", bytes(value[2][0]))[0] for value in values}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"123456789", 0xE3069283),
    ],
)
def test_checksums_are_those_of_rfc_3720(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


def test_progress_and_metrics_become_curves_over_images(tmp_path: Path) -> None:
    curves = Curves(tmp_path / "tensorboard")

    curves.add("progress", PROGRESS)
    curves.add("metric", {"kimg": 400.0, "name": "kernel_distance", "value": 0.25, "n": 50})

    (file,) = (tmp_path / "tensorboard").iterdir()
    version, *events = records(file.read_bytes())
    assert "tfevents" in file.name
    assert message(version)[3] == [b"brain.Event:2"]
    assert [scalars(event) for event in events] == [
        (
            1500,
            {
                "losses/loss_g": 0.75,
                "losses/loss_d": -2.0,
                "run/seconds_per_kimg": 300.0,
                "run/memory_gb": 0.5,
            },
        ),
        (400_000, {"metrics/kernel_distance": 0.25}),
    ]


def test_events_without_numbers_make_no_file(tmp_path: Path) -> None:
    Curves(tmp_path / "tensorboard").add("warning", {"message": "m"})

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_costs_the_curves_only(small_disk: Path) -> None:
    fill_disk(small_disk)
    curves = Curves(small_disk / "tensorboard")

    curves.add("progress", PROGRESS)
    curves.add("progress", PROGRESS)
