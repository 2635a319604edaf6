"""Files that appear under their name whole or not at all."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

PATIENCE_SECONDS = 5.0
_RETRY_SECONDS = 0.02


@contextmanager
def whole_file(path: Path, *, durable: bool = False, ending: str = "") -> Iterator[Path]:
    """A name beside `path` to write to: at the block's end it takes the place of `path`.

    Where the block fails, `path` is as it was and nothing is left behind. `durable`: the content is on the
    disk before it appears. `ending` is put behind the name, for writers that go by it.

    Raises:
        OSError: it cannot be put in place.
    """
    temporary = path.with_name(f"{path.stem[:40]}-{uuid4().hex[:8]}.part{ending}")
    try:
        yield temporary
        if durable:
            _flush(temporary)
        put_in_place(temporary, path)
    except OSError as error:
        if error.filename == str(temporary):
            error.filename = str(path)  # people know no other name
        raise
    finally:
        temporary.unlink(missing_ok=True)


def put_in_place(temporary: Path, path: Path, platform: str = sys.platform) -> None:
    """Renames a file or folder; a file that bore the name is replaced.

    Windows refuses while another process reads what is to be replaced, or a scanner looks at what is new:
    there it is tried again for some seconds.

    Raises:
        OSError: it cannot be done.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            temporary.replace(path)
        except PermissionError:
            if platform != "win32" or time.monotonic() >= deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _flush(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
