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
        images = {row.get("image", "") for row in rows} - {""}
        self._at = self._at_paths(images)
        self._at |= self._by_name({image for image, frames in self._at.items() if not frames})
        named = {frame.id: frame for frames in self._at.values() for frame in frames}
        hash_frames(project, named.values(), progress)
        self._hashes = project.frames.ensure_hashes(named.values())
        alone = {_sha256(row) for row in rows if not row.get("image")} - {""}
        self._with = project.frames.by_hashes(alone)
        if self._with.keys() != alone:
            hash_frames(project, all_frames(project), progress)
            self._with = project.frames.by_hashes(alone)

    def find(self, row: Mapping[str, str]) -> tuple[int, str]:
        """Frame id and content hash.

        Raises:
            UserError: no frame, more than one, or another content than the table names.
        """
        image, sha256 = row.get("image", ""), _sha256(row)
        if image:
            return self._choose(image, sha256, row.get("source", ""))
        if not sha256:
            raise UserError("it names no image; write its path below the source, or its sha256.")
        frames = self._with.get(sha256)
        if not frames:
            raise UserError(
                f"no frame of this project has the sha256 {sha256[:12]}…; import its source first."
            )
        return frames[0].id, sha256

    def _choose(self, image: str, sha256: str, source: str) -> tuple[int, str]:
        frames = self._of_source(self._at[image], source)
        if not frames:
            raise UserError(
                f"“{image}” is no frame of this project: no path, file name or embryo is called so; "
                "import its source first, or correct the name."
            )
        found = {frame.id: self._hash(frame) for frame in frames}
        fitting = [frame_id for frame_id, own in found.items() if sha256 in ("", own)]
        if not fitting:
            raise UserError(f"“{image}” has another content than the table's sha256; the file has changed.")
        if len({found[frame_id] for frame_id in fitting}) > 1:
            raise UserError(f"“{image}” {self._several(frames)}")
        return fitting[0], found[fitting[0]]

    def _of_source(self, frames: list[Frame], name: str) -> list[Frame]:
        """Those of the named source; all where it has none of them."""
        named = {source.id for source in self._sources if name and source.name == name}
        return [frame for frame in frames if frame.source_id in named] or frames

    def _hash(self, frame: Frame) -> str:
        found = self._hashes[frame.id]
        if isinstance(found, UserError):
            raise found
        return found

    def _at_paths(self, images: set[str]) -> dict[str, list[Frame]]:
        """Frames at these paths below any source; absolute paths and Windows separators are understood."""
        as_written = self._below_sources({image: image for image in images})
        others = {image: _plain(image) for image in images if not as_written[image]}
        return as_written | self._below_sources(others)

    def _below_sources(self, paths: Mapping[str, str]) -> dict[str, list[Frame]]:
        """The same keys, with the frames at their paths."""
        found: dict[str, list[Frame]] = {key: [] for key in paths}
        for source in self._sources:
            below = {key: _below(path, source.root) for key, path in paths.items()}
            frames = self._project.frames.at_paths(set(below.values()), source.id)
            for key, path in below.items():
                if path in frames:
                    found[key].append(frames[path])
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
        found = {image: named[name] or stems[name] for image, name in wanted.items()}
        known = self._project.frames.many({frame for ids in found.values() for frame in ids[:_SEVERAL]})
        frames = {image: [known[frame_id] for frame_id in ids[:_SEVERAL]] for image, ids in found.items()}
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
            return f"is in {names}; add the column source or sha256 to say which."
        return (
            f"fits several frames, such as {frames[0].path} and {frames[1].path}; write the path below the "
            "source, with its folders."
        )


def _plain(image: str) -> str:
    return image.replace("\\", "/").removeprefix("./")


def _below(image: str, root: Path) -> str:
    """An absolute path below the root as one relative to it; any other as it is."""
    path = Path(image)
    return path.relative_to(root).as_posix() if path.is_absolute() and path.is_relative_to(root) else image


def _sha256(row: Mapping[str, str]) -> str:
    return row.get("sha256", "").lower()
