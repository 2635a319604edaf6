"""Official StyleGAN checkpoints (pickles): their tensors and constructor arguments, and nothing else.

The embedded module source is never looked at. Every name is matched exactly; see `CALLS`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.conversion.errors import UnsafeFileError
from gan.conversion.stack_machine import StackMachine, Table
from gan.conversion.storage import Storage, read_storage, view

NETWORKS = ("G", "D", "G_ema", "augment_pipe")
MAX_DEPTH = 64
MAX_VALUES = 1_000_000
"""Values visited in all: a few bytes can refer to one another so that walking them never ends."""
MAX_NAME = 500
"""Characters of a tensor's name; names are repeated for every tensor inside."""
DTYPES = frozenset({"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"})


@dataclass(frozen=True)
class OfficialNetwork:
    """One network of an official checkpoint."""

    class_name: str
    arguments: Mapping[str, Any]
    """Constructor arguments, plain Python values."""
    tensors: Mapping[str, NDArray[Any]]
    """Name (such as `mapping.fc0.weight`) to values; parameters and buffers alike."""


@dataclass(eq=False)
class _Module:
    """A persistent object's `class_name` and `state`."""

    class_name: str
    state: dict[Any, Any]


@dataclass(eq=False)
class _Reader:
    """Remembers what was read, so that a file cannot have one storage read or copied without end."""

    budget: int
    """Bytes of tensors and encoded text that may still be made: official files hold each tensor once."""
    named: int
    """Bytes that the named tensors may still take as float32: names may share one tensor."""
    visits: int = MAX_VALUES
    storages: dict[int, tuple[bytes, Storage]] = field(default_factory=dict)

    def visit(self, count: int = 1) -> None:
        """Counts values against the limit.

        Raises:
            UnsafeFileError: the limit is reached.
        """
        self.visits -= count
        if self.visits < 0:
            raise UnsafeFileError("its parts refer to one another without end")

    def make(self, count: int) -> None:
        """Counts bytes made against the limit.

        Raises:
            UnsafeFileError: the limit is reached.
        """
        self.budget -= count
        if self.budget < 0:
            raise UnsafeFileError("its tensors claim more bytes than the file has")

    def name(self, values: NDArray[Any]) -> None:
        """Counts a named tensor against the limit.

        Raises:
            UnsafeFileError: the limit is reached.
        """
        self.named -= 4 * values.size
        if self.named < 0:
            raise UnsafeFileError("its tensors claim more bytes than the file has")

    def encode(self, arguments: tuple[Any, ...]) -> bytes:
        text, encoding = arguments
        if encoding != "latin1" or not isinstance(text, str):
            raise UnsafeFileError("it encodes text in an unexpected way")
        self.make(len(text))
        return text.encode("latin1")

    def storage(self, arguments: tuple[Any, ...]) -> Storage:
        (data,) = arguments
        if not isinstance(data, bytes):
            raise UnsafeFileError("a tensor's storage is no bytes")
        if id(data) not in self.storages:  # the bytes are kept too, so that their id stays theirs
            self.storages[id(data)] = (data, read_storage(data))
        return self.storages[id(data)][1]

    def tensor(self, arguments: tuple[Any, ...]) -> NDArray[Any]:
        storage, offset, shape, stride = arguments[:4]
        if not isinstance(storage, Storage) or not isinstance(shape, tuple) or not isinstance(stride, tuple):
            raise UnsafeFileError("a tensor is damaged")
        values = view(storage, offset, shape, stride)
        self.make(values.nbytes)
        return values


def read_official(path: Path) -> dict[str, OfficialNetwork]:
    """The networks of an official checkpoint, by name (`G`, `D`, `G_ema`, `augment_pipe` where present).

    Raises:
        OSError: unreadable.
        UnsafeFileError: damaged, or holding anything but tensors and constructor arguments.
    """
    data = path.read_bytes()
    reader = _Reader(budget=3 * len(data), named=8 * len(data))
    value = StackMachine(_calls(reader)).read(io.BytesIO(data))
    if not isinstance(value, dict):
        raise UnsafeFileError("it is a pickle, but no StyleGAN checkpoint")
    networks = {
        name: _network(value[name], reader) for name in NETWORKS if isinstance(value.get(name), _Module)
    }
    if "G_ema" not in networks and "G" not in networks:
        raise UnsafeFileError("it holds no generator (neither G_ema nor G)")
    return networks


def _calls(reader: _Reader) -> dict[str, Any]:
    scalar = {f"numpy.{core}.multiarray.scalar": _scalar for core in ("core", "_core")}
    sets = {
        f"{module}.set": lambda arguments: _set(arguments, reader) for module in ("builtins", "__builtin__")
    }
    return {
        "torch_utils.persistence._reconstruct_persistent_obj": _module,
        "dnnlib.util.EasyDict": lambda _arguments: Table(),
        "collections.OrderedDict": lambda arguments: _ordered(arguments, reader),
        "torch._utils._rebuild_tensor_v2": reader.tensor,
        "torch._utils._rebuild_parameter": lambda arguments: arguments[0],
        "torch.storage._load_from_bytes": reader.storage,
        "numpy.dtype": _dtype,
        "_codecs.encode": reader.encode,
        **scalar,
        **sets,
    }


def _module(arguments: tuple[Any, ...]) -> _Module:
    (meta,) = arguments
    meta = meta.items if isinstance(meta, Table) else meta
    state = meta["state"]
    if meta["type"] != "class" or meta["version"] != 6 or not isinstance(state, dict):
        raise UnsafeFileError("it holds an object of an unknown version")
    return _Module(str(meta["class_name"]), state)


def _ordered(arguments: tuple[Any, ...], reader: _Reader) -> dict[str, Any]:
    pairs = arguments[0] if arguments else []
    reader.visit(len(pairs))
    return {str(pair[0]): pair[1] for pair in pairs if isinstance(pair[0], str)}


def _set(arguments: tuple[Any, ...], reader: _Reader) -> set[str]:
    values = arguments[0] if arguments else []
    reader.visit(len(values))
    return {value for value in values if isinstance(value, str)}


def _dtype(arguments: tuple[Any, ...]) -> str:
    name = str(arguments[0])
    if name not in DTYPES:
        raise UnsafeFileError(f"it holds numbers of the type {name[:20]}, which no checkpoint needs")
    return name


def _scalar(arguments: tuple[Any, ...]) -> Any:
    name, data = arguments
    if name not in DTYPES or not isinstance(data, bytes):
        raise UnsafeFileError("it holds a damaged number")
    return np.frombuffer(data, np.dtype("<" + name), count=1)[0].item()


def _network(module: _Module, reader: _Reader) -> OfficialNetwork:
    tensors: dict[str, NDArray[Any]] = {}
    _walk(module, "", tensors, 0, reader)
    arguments = _plain(module.state.get("_init_kwargs", {}), 0, reader)
    if not isinstance(arguments, dict):
        raise UnsafeFileError("its constructor arguments are no dictionary")
    return OfficialNetwork(module.class_name, arguments, tensors)


def _walk(module: Any, prefix: str, tensors: dict[str, NDArray[Any]], depth: int, reader: _Reader) -> None:
    if not isinstance(module, _Module) or depth > MAX_DEPTH:
        raise UnsafeFileError("its modules are not nested as in a network")
    for kind in ("_parameters", "_buffers"):
        for name, value in _part(module, kind, reader).items():
            if isinstance(value, np.ndarray):
                reader.name(value)
                tensors[_joined(prefix, name)] = value
    for name, child in _part(module, "_modules", reader).items():
        if child is not None:
            _walk(child, f"{_joined(prefix, name)}.", tensors, depth + 1, reader)


def _joined(prefix: str, name: Any) -> str:
    if not isinstance(name, str) or len(prefix) + len(name) > MAX_NAME:
        raise UnsafeFileError("its modules are not named as in a network")
    return prefix + name


def _part(module: _Module, kind: str, reader: _Reader) -> dict[Any, Any]:
    part = module.state.get(kind, {})
    if not isinstance(part, dict):
        raise UnsafeFileError("its modules are not nested as in a network")
    reader.visit(1 + len(part))
    return part


def _plain(value: Any, depth: int, reader: _Reader) -> Any:
    """Constructor arguments as plain Python values; anything else is refused."""
    reader.visit()
    if depth > MAX_DEPTH:
        raise UnsafeFileError("its constructor arguments are nested too deeply")
    if isinstance(value, Table):
        value = value.items
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1, reader) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1, reader) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise UnsafeFileError("its constructor arguments hold something other than numbers and text")
