"""Recognising network shares: SQLite's locks and shared memory cannot be trusted on them."""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath

from blasto_annotator.domain.errors import UserError

NETWORK_TYPES = frozenset({"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "9p"})
CLUSTER_TYPES = frozenset(
    {"afs", "afpfs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "davfs", "webdav"}
)
FUSE_TYPES = frozenset({"sshfs", "rclone", "s3fs", "goofys", "curlftpfs", "gvfsd-fuse", "smbnetfs"})


def refuse_network_share(folder: Path) -> None:
    """Checks that `folder` lies on this machine's own disk.

    Raises:
        UserError: it lies on a network share; the sentence gives the alternative.
    """
    kind = _share_kind(folder)
    if kind is not None:
        raise UserError(
            f"{folder} lies on a network share ({kind}), where a database file can be damaged. Put the "
            "project on a local disk (the images may stay on the share); for several seats, use a "
            "PostgreSQL server."
        )


def network_mount(path: str, mounts: str) -> str | None:
    """The file system type of a network mount that holds `path`; None for a local one.

    Args:
        path: absolute, with links resolved.
        mounts: text in the format of /proc/mounts (fstab(5): device, mount point, type, options).
    """
    best, kind = PurePosixPath("/"), ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = PurePosixPath(_unescape(fields[1]))
        holds = PurePosixPath(path).is_relative_to(point)
        if holds and len(point.parts) >= len(best.parts):
            best, kind = point, fields[2]
    return kind if _is_network(kind, best) else None


def _is_network(kind: str, point: PurePosixPath) -> bool:
    if kind == "9p":
        # A host's folder inside a virtual machine or WSL; the root itself on it is a sandbox's local disk.
        return point != PurePosixPath("/")
    return kind.removeprefix("fuse.") in NETWORK_TYPES | CLUSTER_TYPES | FUSE_TYPES


def _unescape(text: str) -> str:
    """/proc/mounts writes a space as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _share_kind(folder: Path) -> str | None:
    if sys.platform == "win32":
        import ctypes

        drive_remote = 4  # GetDriveTypeW: DRIVE_REMOTE
        resolved = folder.resolve()
        remote = ctypes.windll.kernel32.GetDriveTypeW(resolved.anchor) == drive_remote
        return "network drive" if remote or resolved.drive.startswith("\\\\") else None
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return None
    return network_mount(str(folder.resolve()), mounts.read_text(encoding="utf-8", errors="surrogateescape"))
