"""Exporting labels into a signed folder, for people and programs outside the project."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2

from blasto_annotator import __version__
from blasto_annotator.curation.export_formats import WRITERS
from blasto_annotator.curation.export_rows import ExportRow, Names, export_row
from blasto_annotator.curation.signing import SigningKey
from blasto_annotator.domain.errors import UserError
from blasto_annotator.imaging.burned_in import clean, masks_of
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.store import Project
from blasto_annotator.store.times import now_utc

FORMATS = tuple(WRITERS)
README = """\
Labels of human blastocysts, written by blasto-annotator {version}. Research use only.

manifest.json   what this is, and the SHA-256 of every file
signature.json  Ed25519 signature over manifest.json, with the public key ({fingerprint})

Check it with: blasto-annotator audit verify-export FOLDER
The signature shows that nothing was changed since the key's holder wrote it; who that is, the sender has to
tell you by another way. {names}
"""
_HIDDEN = "Embryos, couples, images and graders have codes instead of names; notes were left out."
_OPEN = "Names, notes and paths are as in the project: handle the folder accordingly."
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class ExportOptions:
    """What is exported, and how."""

    format: str = "csv"
    grader: str | None = None
    """Only this grader's labels; everybody's by default."""
    pseudonyms: bool = True


@dataclass(frozen=True)
class ExportReport:
    """What was exported."""

    folder: Path
    labels: int
    images: int
    left_out: int
    fingerprint: str


def export_labels(
    project: Project, folder: Path, options: ExportOptions, who: str, progress: Progress | None = None
) -> ExportReport:
    """Writes the labels that stand into a new or empty folder and signs it; whole or not at all.

    Raises:
        UserError: the format is unknown, the folder is taken or not writable, or an image cannot be read.
    """
    if options.format not in WRITERS:
        raise UserError(f"Labels cannot be written as “{options.format}”: choose {', '.join(FORMATS)}.")
    if project.read_only:
        raise UserError(
            f"{project.folder} is open for reading only, so the export cannot be signed and noted: write a "
            "plain table, or copy the folder to where you may write."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is not empty: choose a new folder for the export.")
    partial = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        report = _write(project, partial, folder, options, who, progress)
        if folder.exists():
            folder.rmdir()
        partial.replace(folder)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written ({error.strerror}): choose another place or free some space."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    project.audit.append(who, "labels.export", f"export:{folder.name}", None, _told(report, options))
    return report


def _write(
    project: Project, partial: Path, folder: Path, options: ExportOptions, who: str, progress: Progress | None
) -> ExportReport:
    key = SigningKey.of_project(project.folder)
    if key.is_new:
        project.audit.append(who, "key.make", "key:signing", None, {"fingerprint": key.fingerprint})
    rows = _rows(project, options.grader, Names(key.secret("names") if options.pseudonyms else None))
    counts = WRITERS[options.format](partial, rows, project.scheme, _copier(project, len(rows), progress))
    words = _HIDDEN if options.pseudonyms else _OPEN
    readme = README.format(version=__version__, fingerprint=key.fingerprint, names=words)
    (partial / "README.txt").write_text(readme, encoding="utf-8")
    newest = project.audit.rows(limit=1, newest_first=True)[0]
    facts = {
        "kind": options.format,
        "project": project.id,
        "scheme": project.scheme.name,
        "created_utc": now_utc().isoformat(timespec="seconds"),
        "application": f"blasto-annotator {__version__}",
        "pseudonyms": options.pseudonyms,
        "audit": {"row": newest.id, "hash": newest.hash},
        **counts,
    }
    key.sign(partial, facts)
    images, left = counts.get("images", 0), counts.get("left_out", 0)
    return ExportReport(folder, counts["labels"], images, left, key.fingerprint)


def _rows(project: Project, grader: str | None, names: Names) -> list[ExportRow]:
    labels = project.labels.current(grader)
    frames = project.frames.many({label.frame_id for label in labels})
    embryos = {embryo.id: embryo for embryo in project.frames.embryos()}
    scheme = project.scheme
    rows = []
    for label in labels:
        frame = frames[label.frame_id]
        rows.append(export_row(label, frame, embryos.get(frame.embryo_id), scheme, names))
    return sorted(rows, key=lambda row: (row.image, row.grader))


def _copier(
    project: Project, total: int, progress: Progress | None
) -> Callable[[int, Path], tuple[int, int]]:
    """Pixels only: neither EXIF nor comments, and burned-in text masked as in snapshots."""
    masks = {source.id: masks_of(source.options) for source in project.frames.sources()}
    copied = 0

    def copy(frame_id: int, target: Path) -> tuple[int, int]:
        nonlocal copied
        frame = project.frames.get(frame_id)
        path = project.frames.file(frame)
        if project.frames.ensure_hash(frame_id) != frame.sha256:
            raise UserError(
                f"{path} was changed after it was graded: put the graded image back, then export."
            )
        pixels = clean(decode_grey(path), masks[frame.source_id])
        good, data = cv2.imencode(".png", pixels)
        if not good:
            raise RuntimeError(f"{target} could not be encoded")
        target.write_bytes(data.tobytes())
        copied += 1
        if progress is not None:
            progress(copied, total)
        return pixels.shape[1], pixels.shape[0]

    return copy


def _told(report: ExportReport, options: ExportOptions) -> dict[str, object]:
    return {
        "format": options.format,
        "grader": options.grader or "",
        "pseudonyms": options.pseudonyms,
        "labels": report.labels,
        "images": report.images,
        "left_out": report.left_out,
        "fingerprint": report.fingerprint,
    }
