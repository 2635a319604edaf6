"""Network shares are recognised by the mount that holds the path."""

from __future__ import annotations

from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project, shares
from blasto_annotator.store.shares import network_mount

MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
tmpfs /tmp tmpfs rw 0 0
server:/export /home/lab nfs4 rw,vers=4.2 0 0
/dev/sdb1 /home/lab/local xfs rw 0 0
//clinic/data /mnt/clinic\\040share cifs rw 0 0
user@host:/data /mnt/ssh fuse.sshfs rw 0 0
C:\\134 /mnt/c 9p rw,aname=drvfs 0 0
/dev/fuse /mnt/usb fuseblk rw 0 0
short line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/lab/project", "nfs4"),
        ("/mnt/clinic share/project", "cifs"),
        ("/mnt/ssh/p", "fuse.sshfs"),
        ("/mnt/c/Users/ann", "9p"),
    ],
)
def test_a_path_on_a_share_is_recognised(path: str, kind: str) -> None:
    assert network_mount(path, MOUNTS) == kind


@pytest.mark.parametrize(
    "path",
    ["/", "/home", "/home/laboratory", "/home/lab/local/project", "/tmp/x", "/mnt/usb/p", "/mnt/clinic"],
)
def test_a_path_on_a_local_disk_passes(path: str) -> None:
    assert network_mount(path, MOUNTS) is None


def test_the_last_mount_on_a_point_counts() -> None:
    assert network_mount("/data/p", "a /data ext4 rw 0 0\nb /data nfs rw 0 0\n") == "nfs"
    assert network_mount("/data/p", "b /data nfs rw 0 0\na /data ext4 rw 0 0\n") is None


def test_a_sandbox_s_own_root_is_local() -> None:
    assert network_mount("/work/p", "none / 9p rw,trans=fd 0 0\n") is None


def _on_nfs(folder: Path) -> str:
    return "nfs4"


def test_a_project_on_a_share_is_refused_with_the_alternative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Project.create(tmp_path / "p").close()
    monkeypatch.setattr(shares, "_share_kind", _on_nfs)

    for attempt, folder in ((Project.open, tmp_path / "p"), (Project.create, tmp_path / "new")):
        with pytest.raises(UserError, match="network share") as caught:
            attempt(folder)
        assert "local disk" in str(caught.value)
        assert "PostgreSQL" in str(caught.value)
    assert not (tmp_path / "new").exists()
