"""Sums over imported rows: each import tells what it added and changed, so that later edits of frames show.

A sum is the total of the rows' SHA-256 modulo 2^256: rows may come and change in any order, and an import
tells only its own difference. Sums are kept by blocks of embryos: small in the trail,
close to what was edited.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

COLUMNS = ("path", "embryo_id", "moment", "plane", "time_index", "hpi", "phase", "remark", "width", "height")
"""What of a frame is summed: all but size, time and content hash of its file, which are read anew from it."""
_HOUR = COLUMNS.index("hpi")
_HOURS = (float, type(None))
EMBRYOS = 16
"""Embryos in a block."""
Blocks = dict[int, int]
"""Block -> sum."""
_MODULUS = 1 << 256
_ROWS = 10_000


class Sums:
    """What one import adds to the sums of its source."""

    def __init__(self, source_id: int) -> None:
        self._source_id = source_id
        self._blocks: Blocks = defaultdict(int)

    def frame(self, values: Sequence[Any], sign: int = 1) -> None:
        """A frame that came (1) or that was so before (-1); values in the order of `COLUMNS`."""
        self._blocks[values[1] // EMBRYOS] += sign * frame_number(self._source_id, values)

    def embryo(self, embryo_id: int, name: str, couple: str, sign: int = 1) -> None:
        """An embryo that came, or that was so before."""
        number = embryo_number(self._source_id, embryo_id, name, couple)
        self._blocks[embryo_id // EMBRYOS] += sign * number

    def told(self) -> dict[str, str]:
        """For the audit trail; empty where nothing changed."""
        found = {str(block): total % _MODULUS for block, total in sorted(self._blocks.items())}
        return {block: f"{total:064x}" for block, total in found.items() if total}


def frame_number(source_id: int, values: Sequence[Any]) -> int:
    """A frame as a number; an hour is a float, whatever number was given."""
    if type(values[_HOUR]) not in _HOURS:
        values = (*values[:_HOUR], float(values[_HOUR]), *values[_HOUR + 1 :])
    return _number((source_id, *values))


def embryo_number(source_id: int, embryo_id: int, name: str, couple: str) -> int:
    """An embryo as a number."""
    return _number(("embryo", source_id, embryo_id, name, couple))


def add_told(blocks: Blocks, told: Mapping[str, str]) -> None:
    """Adds what one import told."""
    for block, total in told.items():
        number = int(block)
        blocks[number] = (blocks.get(number, 0) + int(total, 16)) % _MODULUS


def stored(session: Session, progress: Callable[[int], None]) -> dict[int, Blocks]:
    """Source -> the sums of the rows that are there; some thousands of rows in memory at a time."""
    found: dict[int, Blocks] = defaultdict(lambda: defaultdict(int))
    for source_id, embryo_id, name, couple in _rows(session, "id, name, couple", "embryo", progress):
        found[source_id][embryo_id // EMBRYOS] += embryo_number(source_id, embryo_id, name, couple)
    for source_id, *values in _rows(session, ", ".join(COLUMNS), "frame", progress):
        found[source_id][values[1] // EMBRYOS] += frame_number(source_id, values)
    return {
        source: {block: total % _MODULUS for block, total in blocks.items()}
        for source, blocks in found.items()
    }


def first_difference(told: Mapping[int, int], there: Mapping[int, int]) -> int | None:
    """The first block whose sums differ."""
    blocks = sorted(told.keys() | there.keys())
    return next((block for block in blocks if told.get(block, 0) != there.get(block, 0)), None)


def _rows(
    session: Session, columns: str, table: str, progress: Callable[[int], None]
) -> Iterable[Sequence[Any]]:
    """Rows as the driver gives them: of millions, naming every value takes longer than summing it."""
    options = {"stream_results": True, "max_row_buffer": _ROWS}
    statement = f"SELECT source_id, {columns} FROM {table}"  # noqa: S608 (our own names)
    with session.connection().exec_driver_sql(statement, execution_options=options) as found:
        for part in found.partitions(_ROWS):
            yield from part
            progress(len(part))


def _number(values: tuple[Any, ...]) -> int:
    # ascii(): the same text under every version of Python, and no value can pass for two.
    return int.from_bytes(hashlib.sha256(ascii(values).encode()).digest())
