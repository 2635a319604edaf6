"""A pickle reader that builds data and runs nothing.

It interprets the opcodes itself (listed by `pickletools`, which only parses), so no imported object ever
stands on its stack: a global is a `Name`, and calling one is looked up in a table that the caller gives.
Opcodes that official checkpoints do not need are refused. Time and memory are bounded: every opcode does
constant work, or work in proportion to its own bytes, and their number is limited (an operation of one byte
can take a hundred bytes of memory).
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from gan.conversion.errors import UnsafeFileError


@dataclass(frozen=True)
class Name:
    """A global that the file mentions; never the object itself."""

    module: str
    attribute: str

    def __str__(self) -> str:
        return f"{self.module}.{self.attribute}"


@dataclass(frozen=True)
class Persistent:
    """A persistent id, as storages carry it."""

    id: Any


@dataclass(eq=False)
class Table:
    """A dictionary of a class of its own, such as `EasyDict`."""

    items: dict[Any, Any] = field(default_factory=dict)


Call = Callable[[tuple[Any, ...]], Any]
_MARK = object()
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": set,
    "MARK": lambda: _MARK,
}
_LITERALS = frozenset(
    {
        "BININT",
        "BININT1",
        "BININT2",
        "LONG1",
        "BINFLOAT",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "INT",
        "LONG",
        "FLOAT",
        "UNICODE",
    }
)
_IGNORED = frozenset({"PROTO", "FRAME"})


def _key(value: Any) -> Any:
    """Text or a small number: hashing nested tuples can take exponential time, and large integers collide.

    Raises:
        UnsafeFileError: any other key.
    """
    if isinstance(value, str) or (isinstance(value, int) and 0 <= value < 2**20):
        return value
    raise UnsafeFileError("a dictionary or set in it has unusual keys")


MAX_OPERATIONS = 1_000_000
"""Official checkpoints take a tenth: some sixty for each of a thousand tensors."""


class StackMachine:
    """Reads one pickle.

    `calls` maps a global's full name to what a call of it yields. A name outside it is refused.
    """

    def __init__(
        self, calls: Mapping[str, Call], persistent: bool = False, operations: int = MAX_OPERATIONS
    ) -> None:
        self._calls = calls
        self._left = operations
        self._persistent = persistent
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def read(self, file: BytesIO) -> Any:
        """The pickle's value, as plain data.

        A `BytesIO`, since a claimed length beyond its end then allocates nothing.

        Raises:
            UnsafeFileError: a forbidden opcode or name, or a damaged file.
        """
        try:
            for opcode, argument, _position in pickletools.genops(file):
                self._do(opcode.name, argument)
        except UnsafeFileError:
            raise
        except (
            ValueError,
            IndexError,
            KeyError,
            TypeError,
            AttributeError,
            EOFError,
            OverflowError,
        ) as error:
            # A stack underflow, an unhashable key, a cut argument: the file is not what it claims to be.
            raise UnsafeFileError(f"it is damaged or cut short ({str(error)[:100]})") from error
        if len(self._stack) != 1:
            raise UnsafeFileError("it is damaged: its stack does not end with one value")
        return self._stack.pop()

    def _spend(self, work: int = 1) -> None:
        self._left -= work
        if self._left < 0:
            raise UnsafeFileError("it has more operations than any checkpoint")

    def _do(self, name: str, argument: Any) -> None:
        self._spend()
        if name in _LITERALS:
            self._stack.append(argument)
        elif name in _CONSTANTS:
            self._stack.append(_CONSTANTS[name]())
        elif name in _IGNORED or name == "STOP":
            return
        else:
            handler = getattr(self, f"_op_{name.lower()}", None)
            if handler is None:
                raise UnsafeFileError(
                    f"it uses the pickle operation {name}, which a checkpoint does not need"
                )
            handler(argument)

    def _pop_to_mark(self) -> list[Any]:
        values: list[Any] = []
        while (value := self._stack.pop()) is not _MARK:
            values.append(value)
        values.reverse()
        return values

    # memo -------------------------------------------------------------------------------------------
    def _op_memoize(self, _argument: Any) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def _op_binput(self, argument: int) -> None:
        self._memo[argument] = self._stack[-1]

    _op_long_binput = _op_put = _op_binput

    def _op_binget(self, argument: int) -> None:
        self._stack.append(self._memo[argument])

    _op_long_binget = _op_get = _op_binget

    # containers -------------------------------------------------------------------------------------
    def _op_tuple(self, _argument: Any) -> None:
        self._stack.append(tuple(self._pop_to_mark()))

    def _take(self, count: int) -> None:
        values = tuple(self._stack[-count:])
        if len(values) < count or any(value is _MARK for value in values):
            raise UnsafeFileError("it is damaged: a tuple lacks values")
        del self._stack[-count:]
        self._stack.append(values)

    def _op_tuple1(self, _argument: Any) -> None:
        self._take(1)

    def _op_tuple2(self, _argument: Any) -> None:
        self._take(2)

    def _op_tuple3(self, _argument: Any) -> None:
        self._take(3)

    def _op_append(self, _argument: Any) -> None:
        value = self._stack.pop()
        self._list().append(value)

    def _op_appends(self, _argument: Any) -> None:
        values = self._pop_to_mark()
        self._list().extend(values)

    def _list(self) -> list[Any]:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise UnsafeFileError("it appends to something that is no list")
        return target

    def _op_additems(self, _argument: Any) -> None:
        values = self._pop_to_mark()
        target = self._stack[-1]
        if not isinstance(target, set):
            raise UnsafeFileError("it adds to something that is no set")
        target.update(_key(value) for value in values)

    def _op_setitem(self, _argument: Any) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._dict()[_key(key)] = value

    def _op_setitems(self, _argument: Any) -> None:
        values = self._pop_to_mark()
        self._dict().update(zip(map(_key, values[::2]), values[1::2], strict=True))

    def _dict(self) -> dict[Any, Any]:
        target = self._stack[-1]
        if isinstance(target, Table):
            return target.items
        if not isinstance(target, dict):
            raise UnsafeFileError("it sets items of something that is no dictionary")
        return target

    # names and calls --------------------------------------------------------------------------------
    def _op_global(self, argument: str) -> None:
        module, _, attribute = argument.partition(" ")
        self._push_name(module, attribute)

    def _op_stack_global(self, _argument: Any) -> None:
        attribute, module = self._stack.pop(), self._stack.pop()
        if not isinstance(module, str) or not isinstance(attribute, str):
            raise UnsafeFileError("it is damaged: a name is not text")
        self._push_name(module, attribute)

    def _push_name(self, module: str, attribute: str) -> None:
        name = Name(module, attribute)
        # Matched exactly and with its parts apart: "a.b" + "c" is another name than "a" + "b.c".
        if "." in attribute or str(name) not in self._calls:
            raise UnsafeFileError(f"it wants to use {str(name)[:80]}, which no checkpoint needs")
        self._stack.append(name)

    def _op_reduce(self, _argument: Any) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        if not isinstance(function, Name) or not isinstance(arguments, tuple):
            raise UnsafeFileError("it calls something that is no name")
        self._stack.append(self._calls[str(function)](arguments))

    _op_newobj = _op_reduce

    def _op_build(self, _argument: Any) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        if isinstance(target, Table) and isinstance(state, dict):
            self._spend(len(state))
            target.items.update(state)
        elif not (isinstance(target, Name | str) and isinstance(state, tuple)):  # a dtype's byte order
            raise UnsafeFileError("it sets the state of something that has none")

    def _op_binpersid(self, _argument: Any) -> None:
        if not self._persistent:
            raise UnsafeFileError("it refers to data outside itself")
        self._stack.append(Persistent(self._stack.pop()))
