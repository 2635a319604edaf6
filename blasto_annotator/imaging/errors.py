"""What can be wrong with an image file, as a reason for a report and as a sentence for a person."""

from __future__ import annotations

from pathlib import Path

from blasto_annotator.domain.errors import UserError


class ImageError(UserError):
    """An image file that cannot be used."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        super().__init__(f"“{path.name}” {reason}; {advice}.")
        self.reason = reason
        """Without the file's name, for a list of files."""


def unreadable(path: Path, error: OSError) -> ImageError:
    """The sentence for a file that the operating system does not give."""
    if isinstance(error, FileNotFoundError):
        reason, advice = (
            f"is not in {path.parent} any more",
            "put it back or connect its drive, then try again",
        )
    elif isinstance(error, PermissionError):
        reason, advice = "may not be read (no permission)", "ask for permission to read it"
    else:
        reason, advice = f"cannot be read ({error.strerror or error})", "check the drive it lies on"
    return ImageError(path, reason, advice)


def truncated(path: Path) -> ImageError:
    """The sentence for a file that ends too early."""
    return ImageError(path, "is truncated: the file ends before the picture does", "copy or export it again")


def broken(path: Path, detail: object) -> ImageError:
    """The sentence for an image whose content does not decode."""
    return ImageError(path, f"is damaged and cannot be decoded ({detail})", "copy or export it again")
