"""Finding the frame that a table's line names, by `image` or by `sha256`.

`image` is a path below the source. Where no frame has it: a file's name in any folder, with its ending or
without, whatever the case; then the name of an embryo with a single moment (the plane nearest the middle).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame
from blasto_annotator.importers.hashing import all_frames, hash_frames
from blasto_annotator.store import Project

Progress = Callable[[int, int | None], None]
_SEVERAL = 8
"""Frames of one name that are looked at: more only make the name less clear."""


class FrameNames:
    """The frames that a table's lines name; hashes what has to be hashed once, at the start."""

    def __init__(
        self, project: Project, rows: Iterable[Mapping[str, str]], progress: Progress | None = None
    ) -> None:
        self._project = project
        self._sources = project.frames.sources()
        rows = list(rows)
        self._at = {image: self._by_image(image) for image in {row.get("image", "") for row in rows} if image}
        self._at |= self._by_name({image for image, frames in self._at.items() if not frames})
        hash_frames(project, (frame for frames in self._at.values() for frame in frames), progress)
        alone = {_sha256(row) for row in rows if not row.get("image")} - {""}
        if any(not project.frames.by_sha256(sha256) for sha256 in alone):
            hash_frames(project, all_frames(project), progress)

    def find(self, row: Mapping[str, str]) -> tuple[int, str]:
        """Frame id and content hash.

        Raises:
            UserError: no frame, more than one, or another content than the table names.
        """
        image, sha256 = row.get("image", ""), _sha256(row)
        if image:
            return self._choose(image, sha256)
        if not sha256:
            raise UserError("it names no image; write its path below the source, or its sha256.")
        frames = self._project.frames.by_sha256(sha256)
        if not frames:
            raise UserError(
                f"no frame of this project has the sha256 {sha256[:12]}…; import its source first."
            )
        return frames[0].id, sha256

    def _choose(self, image: str, sha256: str) -> tuple[int, str]:
        frames = self._at[image]
        if not frames:
            raise UserError(
                f"“{image}” is no frame of this project: no path, file name or embryo is called so; "
                "import its source first, or correct the name."
            )
        found = {frame.id: self._project.frames.ensure_hash(frame.id) for frame in frames}
        fitting = [frame_id for frame_id, own in found.items() if sha256 in ("", own)]
        if not fitting:
            raise UserError(f"“{image}” has another content than the table's sha256; the file has changed.")
        if len({found[frame_id] for frame_id in fitting}) > 1:
            raise UserError(f"“{image}” {self._several(frames)}")
        return fitting[0], found[fitting[0]]

    def _by_image(self, image: str) -> list[Frame]:
        """Frames at this path below any source; absolute paths and Windows separators are understood."""
        frames = self._at_path(image)
        return frames or self._at_path(image.replace("\\", "/").removeprefix("./"))

    def _at_path(self, image: str) -> list[Frame]:
        found: list[Frame] = []
        for source in self._sources:
            absolute = Path(image).is_absolute() and Path(image).is_relative_to(source.root)
            path = Path(image).relative_to(source.root).as_posix() if absolute else image
            found += self._project.frames.by_path(path, source.id)
        return found

    def _by_name(self, images: set[str]) -> dict[str, list[Frame]]:
        """Frames by file name, by stem, and by embryo, whichever fits first; one pass over all names."""
        if not images:
            return {}
        wanted = {image: PurePosixPath(image.replace("\\", "/")).name.casefold() for image in images}
        named: dict[str, list[int]] = {name: [] for name in wanted.values()}
        stems: dict[str, list[int]] = {name: [] for name in wanted.values()}
        for frame_id, path in self._project.frames.paths():
            name = path.rpartition("/")[2].casefold()
            if name in named:
                named[name].append(frame_id)
            stem = name.rpartition(".")[0]
            if stem in stems:
                stems[stem].append(frame_id)
        get = self._project.frames.get
        found = {image: named[name] or stems[name] for image, name in wanted.items()}
        frames = {image: [get(frame_id) for frame_id in ids[:_SEVERAL]] for image, ids in found.items()}
        embryos = self._by_embryo({wanted[image] for image, ids in found.items() if not ids})
        return {image: some or embryos.get(wanted[image], []) for image, some in frames.items()}

    def _by_embryo(self, names: set[str]) -> dict[str, list[Frame]]:
        """The middle plane of embryos with these names; all frames of an embryo with several moments."""
        found: dict[str, list[Frame]] = {}
        for embryo in self._project.frames.embryos() if names else ():
            if embryo.name.casefold() in names:
                frames = self._project.frames.of_embryo(embryo.id)
                one = min(frames, key=lambda frame: abs(frame.plane or 0))
                some = [one] if embryo.moments == 1 else frames[:_SEVERAL]
                found.setdefault(embryo.name.casefold(), []).extend(some)
        return found

    def _several(self, frames: list[Frame]) -> str:
        """Why a name does not tell the frame."""
        chosen = {frame.source_id for frame in frames}
        if len(chosen) > 1:
            names = " and ".join(f"“{source.name}”" for source in self._sources if source.id in chosen)
            return f"is in {names}; add the column sha256 to say which."
        return (
            f"fits several frames, such as {frames[0].path} and {frames[1].path}; write the path below the "
            "source, with its folders."
        )


def _sha256(row: Mapping[str, str]) -> str:
    return row.get("sha256", "").lower()
