"""Curves for TensorBoard beside `events.jsonl`, written without it: its file format is a few lines.

A file is a sequence of records (length, masked CRC-32C of the length, data, masked CRC-32C of the data;
TensorFlow's TFRecord format); each record is a protocol buffer `Event` (event.proto, summary.proto).
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_VARINT, _DOUBLE, _BYTES, _FLOAT = 0, 1, 2, 5
"""Wire types."""
_CASTAGNOLI = 0x82F63B78
_PLAIN = ("ada_p", "seconds_per_kimg", "memory_gb", "data_wait")


class Curves:
    """Appends scalars to one file a sitting, made with its first scalar."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Path | None = None
        self._failed = False

    def add(self, kind: str, fields: Mapping[str, Any]) -> None:
        """Draws a `progress` or `metric` event, over images shown; other events pass.

        A full disk costs the curves, which the record can replace, and not the run.
        """
        values = dict(scalars(kind, fields))
        if not values or self._failed:
            return
        now, step = time.time(), round(float(fields["kimg"]) * 1000)
        try:
            with self._opened(now).open("ab") as file:
                file.write(record(event(now, step, values)))
        except OSError as error:
            log.warning("no more curves in %s: %s", self._folder, error)
            self._failed = True

    def close(self) -> None:
        """Nothing is held back."""

    def _opened(self, now: float) -> Path:
        if self._file is None:
            self._folder.mkdir(exist_ok=True)
            name = f"events.out.tfevents.{int(now)}.{socket.gethostname()}.{os.getpid()}"
            self._file = self._folder / name
            self._file.write_bytes(
                record(_field(1, _DOUBLE, struct.pack("<d", now)) + _text(3, "brain.Event:2"))
            )
        return self._file


def event(wall_time: float, step: int, scalars: Mapping[str, float]) -> bytes:
    """An `Event` with one summary value a scalar."""
    values = b"".join(
        _nested(1, _text(1, tag) + _field(2, _FLOAT, struct.pack("<f", value)))
        for tag, value in scalars.items()
    )
    time_and_step = _field(1, _DOUBLE, struct.pack("<d", wall_time)) + _field(2, _VARINT, _varint(step))
    return time_and_step + _nested(5, values)


def record(data: bytes) -> bytes:
    """The data in its frame."""
    length = struct.pack("<Q", len(data))
    return length + _masked_crc(length) + data + _masked_crc(data)


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli; RFC 3720, appendix B.4)."""
    table, value = _table(), 0xFFFFFFFF
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


def scalars(kind: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Tags and numbers of a `progress` or `metric` event."""
    if kind == "progress":
        yield from ((f"losses/{name}", float(value)) for name, value in fields["losses"].items())
        yield from ((f"run/{name}", float(fields[name])) for name in _PLAIN if fields.get(name) is not None)
    if kind == "metric" and fields.get("value") is not None:
        yield f"metrics/{fields['name']}", float(fields["value"])


def _masked_crc(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _text(number: int, text: str) -> bytes:
    return _nested(number, text.encode())


def _nested(number: int, content: bytes) -> bytes:
    return _field(number, _BYTES, _varint(len(content)) + content)


def _field(number: int, wire_type: int, content: bytes) -> bytes:
    return _varint(number << 3 | wire_type) + content


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last have the high bit."""
    low = bytearray()
    while value > 0x7F:
        low.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(low) + bytes([value])


@cache
def _table() -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ (_CASTAGNOLI if value & 1 else 0)
        return value

    return tuple(entry(byte) for byte in range(256))
