"""Finding the reviewed image that a table's line names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blasto_annotator.curation.batches import BatchImage, batch_images, batch_names
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import ItemKind, ReviewItem
from blasto_annotator.store import Project

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Named:
    """An image of a batch, or a real frame that was reviewed with it."""

    batch: str
    item: ReviewItem


class ImageNames:
    """Every name under which the images of a project's batches may be called."""

    def __init__(self, project: Project, batch: str | None = None) -> None:
        self._root = project.batches
        self._batch = batch
        self._named: dict[str, list[Named]] = {}
        for name in batch_names(project) if batch is None else [batch]:
            for image in batch_images(project, name):
                self._add_generated(image)
            for session in project.reviews.sessions(name):
                for item in session.items:
                    if item.kind is ItemKind.REAL:
                        self._add(item.sha256, Named(name, item))

    def find(self, row: Mapping[str, str]) -> Named:
        """The image.

        Raises:
            UserError: no such image, or several.
        """
        text, sha256 = row.get("image", ""), row.get("sha256", "").lower()
        key = sha256 or self._key(text)
        if not key:
            raise UserError("it names no image; write its name, its path or its sha256.")
        found = [named for named in self._named.get(key, []) if row.get("batch", "") in ("", named.batch)]
        if not found:
            raise UserError(f"“{text or sha256}” is no image of this project's batches.")
        batches = sorted({named.batch for named in found})
        if len(batches) > 1:
            raise UserError(
                f"“{text or sha256}” is in the batches {', '.join(batches)}; write the batch before it, "
                f"such as {batches[-1]}/images/00000.png."
            )
        return found[0]

    def _key(self, text: str) -> str:
        """How the index calls it: hash, `batch/images/name`, `images/name` or `name`."""
        if _SHA256.fullmatch(text.lower()):
            return text.lower()
        path = Path(text.replace("\\", "/"))
        if path.is_absolute() and path.is_relative_to(self._root):
            path = path.relative_to(self._root)
        return "/".join([part for part in path.parts if part != "."][-3:])

    def _add_generated(self, image: BatchImage) -> None:
        item = ReviewItem(image.position, ItemKind.GENERATED, image.sha256, image.class_name, image.image)
        named = Named(image.batch, item)
        name = image.image.rpartition("/")[2]
        for key in {image.sha256, image.image, name, f"{image.batch}/{image.image}", f"{image.batch}/{name}"}:
            self._add(key, named)

    def _add(self, key: str, named: Named) -> None:
        same = self._named.setdefault(key, [])
        if all(other.batch != named.batch for other in same):
            same.append(named)
