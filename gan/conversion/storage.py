"""Tensor storages inside official checkpoints: torch's legacy stream, read without torch.

Five pickles (magic number, protocol, system, one persistent id, list of keys), then 8 bytes with the element
count (little endian) and the raw elements.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.conversion.errors import UnsafeFileError
from gan.conversion.stack_machine import Name, Persistent, StackMachine

MAGIC = 0x1950A86A20F9469CFC6C
STORAGES = {
    "torch.FloatStorage": "<f4",
    "torch.DoubleStorage": "<f8",
    "torch.HalfStorage": "<f2",
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.ShortStorage": "<i2",
    "torch.CharStorage": "<i1",
    "torch.ByteStorage": "<u1",
    "torch.BoolStorage": "|b1",
}


@dataclass(frozen=True, eq=False)
class Storage:
    """A flat run of elements."""

    data: NDArray[Any]


def read_storage(data: bytes) -> Storage:
    """The storage in a legacy stream.

    Raises:
        UnsafeFileError: another format, a forbidden name, or fewer bytes than claimed.
    """
    stream = io.BytesIO(data)
    if _machine().read(stream) != MAGIC:
        raise UnsafeFileError("a tensor's storage is not in the legacy format")
    _machine().read(stream)  # protocol version
    _machine().read(stream)  # the writing system
    element_type, count = _identity(_machine(persistent=True).read(stream))
    _machine().read(stream)  # the list of keys: one
    dtype = np.dtype(STORAGES[str(element_type)])
    claimed = int.from_bytes(stream.read(8), "little")
    if claimed != count or len(data) - stream.tell() < count * dtype.itemsize:
        raise UnsafeFileError("a tensor's storage is shorter than it claims")
    return Storage(np.frombuffer(data, dtype, count=count, offset=stream.tell()))


def _machine(persistent: bool = False) -> StackMachine:
    def refuse(_arguments: tuple[Any, ...]) -> Any:
        raise UnsafeFileError("a tensor's storage calls something")

    return StackMachine(dict.fromkeys(STORAGES, refuse), persistent, operations=200)


def _identity(value: Any) -> tuple[Name, int]:
    parts = value.id if isinstance(value, Persistent) else None
    if not isinstance(parts, tuple) or len(parts) < 5 or parts[0] != "storage":
        raise UnsafeFileError("a tensor's storage is damaged")
    name, count = parts[1], parts[4]
    if not isinstance(name, Name) or not isinstance(count, int) or count < 0:
        raise UnsafeFileError("a tensor's storage is damaged")
    return name, count


def view(storage: Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]) -> NDArray[Any]:
    """A copy of a strided view, bounds checked, no larger than its storage.

    Raises:
        UnsafeFileError: the view leaves its storage or repeats it (a few bytes blown up to terabytes).
    """
    numbers = (offset, *shape, *stride)
    if len(shape) != len(stride) or not all(type(n) is int and 0 <= n < 2**40 for n in numbers):
        raise UnsafeFileError("a tensor's shape is damaged")
    size = storage.data.size
    count = int(np.prod([int(n) for n in shape], dtype=object)) if shape else 1
    if count == 0:
        return np.zeros(shape, storage.data.dtype) if max(shape) <= size else _outside()
    last = offset + sum((n - 1) * s for n, s in zip(shape, stride, strict=True))
    if count > size or last >= size:
        _outside()
    strides = [s * storage.data.itemsize for s in stride]
    return np.lib.stride_tricks.as_strided(storage.data[offset:], shape, strides, writeable=False).copy()


def _outside() -> NDArray[Any]:
    raise UnsafeFileError("a tensor claims more elements than its storage holds")
