"""The files of a snapshot (`gan.contract.snapshot_folder` has the layout)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from blasto_annotator import __version__
from blasto_annotator.curation.items import GENERATED, Item
from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.curation.selection import Selection
from blasto_annotator.domain.errors import UserError
from blasto_annotator.imaging.burned_in import clean
from blasto_annotator.imaging.decode import decode_bytes
from blasto_annotator.imaging.errors import unreadable
from blasto_annotator.imaging.resize import FILTER, FIT, square
from blasto_annotator.store import Project
from gan.contract.batch_folder import PROVENANCE_KEYS
from gan.contract.jsonfile import write_json, write_text
from gan.contract.snapshot_folder import MANIFEST_COLUMNS, SPLITS

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """One image in the snapshot."""

    file: str
    """Relative to the snapshot, with forward slashes."""
    item: Item
    split: str
    pixels: str
    """SHA-256 of the size x size grey bytes."""
    prepared: str = ""
    """What was done about burned-in areas, with the areas in pixels of the source."""


def write_images(
    part: Path, items: Sequence[tuple[Item, str]], size: int, progress: Progress
) -> list[Written]:
    """Decodes, squares and writes every image in threads; returns them in order.

    Raises:
        ValueError: an embryo in two splits, or a generated image outside train.
        UserError: an image is gone, damaged or changed.
        OSError: the disk refuses.
    """
    check_splits(items)
    names = _names(items)
    for folder in sorted({name.rpartition("/")[0] for name in names}):
        (part / folder).mkdir(parents=True, exist_ok=True)
    found: list[Written] = []
    with ThreadPoolExecutor(thread_name_prefix="snapshot") as pool:
        pending = [
            pool.submit(_write_image, part, name, item, split, size)
            for name, (item, split) in zip(names, items, strict=True)
        ]
        try:
            for done, future in enumerate(pending, start=1):
                found.append(future.result())
                progress(done, len(pending))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def check_splits(items: Sequence[tuple[Item, str]]) -> None:
    """Refuses what would make every figure about held-out images untrue.

    Raises:
        ValueError: an embryo (or its couple) in two splits, or a generated image outside train.
    """
    place: dict[str, str] = {}
    for item, split in items:
        if item.origin == GENERATED:
            if split != SPLITS[0]:
                raise ValueError(
                    f"the generated image {item.source_file} is in {split}; only train may have it"
                )
            continue
        for unit in (f"embryo {item.embryo}", f"couple {item.kin}"):
            if place.setdefault(unit, split) != split:
                raise ValueError(f"{unit} is in {place[unit]} and in {split}")


def describe(
    project: Project, chosen: Selection, images: Sequence[Written], options: SnapshotOptions
) -> dict[str, Any]:
    """What `snapshot.json` says. The id covers pixels, classes, labels and splits: not time, not place."""
    return {
        "v": 1,
        "id": content_id(images, chosen.classes, project.scheme.name, options.size),
        "size": options.size,
        "classes": list(chosen.classes),
        "counts": chosen.counts(),
        "generated": chosen.counts(GENERATED)[SPLITS[0]],
        "embryos": len({image.item.embryo for image in images if image.item.embryo}),
        "scheme": project.scheme.name,
        "fit": FIT,
        "filter": FILTER,
        "options": asdict(options),
        "left_out": dict(chosen.left_out),
        "thinned": chosen.thinned,
        "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
    }


def content_id(images: Sequence[Written], classes: Sequence[str], scheme: str, size: int) -> str:
    """16 hexadecimal digits of the SHA-256 over what a trainer and its judge depend on."""
    rows = []
    for image in images:
        item = image.item
        label = (item.class_name, str(item.grade or ""), item.grader)
        rows.append((image.file, image.pixels, item.sha256, item.origin, item.embryo, item.kin, *label))
    value = {
        "size": size,
        "fit": FIT,
        "filter": FILTER,
        "scheme": scheme,
        "classes": list(classes),
        "rows": rows,
    }
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_tables(
    part: Path, description: Mapping[str, Any], chosen: Selection, images: Sequence[Written]
) -> None:
    """`dataset.json` (all, and of each split), `manifest.csv`, and `snapshot.json` last."""
    classes = list(chosen.classes)
    for split in ("", *SPLITS):
        start = f"{split}/" if split else ""
        labels = [
            [image.file.removeprefix(start), classes.index(image.item.class_name)]
            for image in images
            if image.split == split or not split
        ]
        (part / split).mkdir(exist_ok=True)
        write_json(part / split / "dataset.json", {"labels": labels, "classes": classes})
    write_text(part / "manifest.csv", _manifest(images, classes))
    write_json(part / "snapshot.json", description)


def _names(items: Sequence[tuple[Item, str]]) -> list[str]:
    """`train/00000/img00000000.png`, numbered within the split."""
    count: Counter[str] = Counter()
    names = []
    for _, split in items:
        number = f"{count[split]:08d}"
        names.append(f"{split}/{number[:5]}/img{number}.png")
        count[split] += 1
    return names


def _write_image(part: Path, name: str, item: Item, split: str, size: int) -> Written:
    data = _read(item)
    picture = decode_bytes(data, item.path)
    pixels = square(clean(picture, item.masks), size)
    prepared = item.masks.said(picture) if item.masks is not None else ""
    Image.fromarray(pixels).save(part / name, format="PNG", compress_level=3, pnginfo=_provenance(item, data))
    return Written(name, item, split, hashlib.sha256(pixels.tobytes()).hexdigest(), prepared)


def _read(item: Item) -> bytes:
    try:
        data = item.path.read_bytes()
    except OSError as error:
        raise unreadable(item.path, error) from error
    if hashlib.sha256(data).hexdigest() != item.sha256:
        raise UserError(f"“{item.path}” changed while the snapshot was built; build it again.")
    return data


def _provenance(item: Item, data: bytes) -> PngInfo | None:
    """Real frames are stripped of all metadata; a generated image keeps saying that it is one."""
    if item.origin != GENERATED:
        return None
    info = PngInfo()
    with Image.open(io.BytesIO(data)) as image:
        for key in PROVENANCE_KEYS:
            if isinstance(image.info.get(key), str):
                info.add_text(key, image.info[key])
    return info


def _manifest(images: Sequence[Written], classes: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(MANIFEST_COLUMNS)
    writer.writerows(_manifest_row(image, classes) for image in images)
    return text.getvalue()


def _manifest_row(image: Written, classes: Sequence[str]) -> tuple[object, ...]:
    item, grade = image.item, image.item.grade
    letters = (grade.expansion, grade.icm, grade.te) if grade else ("", "", "")
    origin = (item.sha256, item.origin, item.source, item.source_file, item.embryo, item.plane, item.hpi)
    label = (item.class_name, classes.index(item.class_name), *letters, item.grader, item.reason)
    return (image.file, *origin, image.split, *label, 1, image.prepared)
