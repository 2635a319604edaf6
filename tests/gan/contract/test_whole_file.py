"""Files that are put in place whole, also while Windows' readers and scanners hold them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gan.contract import whole_file as rooms
from gan.contract.whole_file import put_in_place, whole_file


def test_what_was_there_stays_until_the_new_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "größe.bin"
    path.write_bytes(b"old")

    with whole_file(path, durable=True) as temporary:
        temporary.write_bytes(b"new")
        assert path.read_bytes() == b"old"

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_writer_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def write() -> None:
        with whole_file(path) as temporary:
            temporary.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_who_cannot_write_is_told_the_name_that_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with (
        pytest.raises((IsADirectoryError, PermissionError)) as told,
        whole_file(tmp_path / "folder") as temporary,
    ):
        temporary.write_bytes(b"x")

    assert told.value.filename == str(tmp_path / "folder")
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".bin")

    with whole_file(path, ending=".mp4") as temporary:
        assert temporary.suffix == ".mp4"
        temporary.write_bytes(b"x")

    assert path.read_bytes() == b"x"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the system refuse a renaming so many times, as Windows does while somebody reads the file."""

    def refuse(times: int) -> None:
        left, replace = [times], Path.replace

        def refused(self: Path, target: Path) -> Path:
            if left[0]:
                left[0] -= 1
                raise PermissionError(13, "Access is denied", str(target))
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", refused)

    return refuse


def test_on_windows_a_reader_is_waited_for(tmp_path: Path, held: Callable[[int], None]) -> None:
    (tmp_path / "new").write_bytes(b"new")
    held(3)

    put_in_place(tmp_path / "new", tmp_path / "name", "win32")

    assert (tmp_path / "name").read_bytes() == b"new"


def test_a_reader_that_never_lets_go_is_an_error(
    tmp_path: Path, held: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new").write_bytes(b"new")
    monkeypatch.setattr(rooms, "PATIENCE_SECONDS", 0.05)
    held(1_000_000)

    with pytest.raises(PermissionError):
        put_in_place(tmp_path / "new", tmp_path / "name", "win32")


def test_elsewhere_a_refusal_is_final(tmp_path: Path, held: Callable[[int], None]) -> None:
    (tmp_path / "new").write_bytes(b"new")
    held(1)

    with pytest.raises(PermissionError):
        put_in_place(tmp_path / "new", tmp_path / "name", "linux")
