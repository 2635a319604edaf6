"""The forms in which labels go out: a table, JSON, COCO-style classification, ImageNet folders."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from blasto_annotator.curation.export_rows import ExportRow, by_image, class_of
from blasto_annotator.domain.schemes import Scheme

CopyImage = Callable[[int, Path], tuple[int, int]]
"""Writes a frame's pixels, and nothing else of the file, as a PNG; returns width and height."""
_UNWRITTEN = ("frame_id",)


def write_csv(folder: Path, rows: Sequence[ExportRow], scheme: Scheme, copy: CopyImage) -> dict[str, int]:
    """`labels.csv`, a line a label."""
    text = io.StringIO()
    values = [_values(row) for row in rows]
    names = [name for name in ExportRow.__dataclass_fields__ if name not in _UNWRITTEN]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**value, "gradable": "yes" if value["gradable"] else "no"} for value in values)
    (folder / "labels.csv").write_text(text.getvalue(), encoding="utf-8")
    return {"labels": len(rows)}


def write_json(folder: Path, rows: Sequence[ExportRow], scheme: Scheme, copy: CopyImage) -> dict[str, int]:
    """`labels.json`, with the scheme beside the labels."""
    content = {"scheme": _scheme(scheme), "labels": [_values(row) for row in rows]}
    _write_json(folder / "labels.json", content)
    return {"labels": len(rows)}


def write_coco(folder: Path, rows: Sequence[ExportRow], scheme: Scheme, copy: CopyImage) -> dict[str, int]:
    """`annotations.json` and `images/`: COCO's images, annotations and categories, an annotation a label.

    Labels without a group of the scheme (not gradable, early) are left out and counted.
    """
    categories = {group.name: number for number, group in enumerate(scheme.groups, 1)}
    kept = [row for row in rows if row.group]
    (folder / "images").mkdir()
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, (image, labels) in enumerate(by_image(kept).items(), 1):
        name = f"images/{image}.png"
        width, height = copy(labels[0].frame_id, folder / name)
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        for row in labels:
            told = {"id": len(annotations) + 1, "image_id": number, "category_id": categories[row.group]}
            annotations.append({**told, "attributes": _values(row)})
    content = {
        "info": {"description": "Grades of blastocysts", "scheme": scheme.name},
        "images": images,
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for name, number in categories.items()],
    }
    _write_json(folder / "annotations.json", content)
    return {"labels": len(kept), "images": len(images), "left_out": len(rows) - len(kept)}


def write_imagenet(
    folder: Path, rows: Sequence[ExportRow], scheme: Scheme, copy: CopyImage
) -> dict[str, int]:
    """A folder a group with its images, as torchvision's ImageFolder reads, and `labels.csv` beside them.

    An image has the group that most graders gave; where none leads it is left out and counted.
    """
    for group in scheme.groups:
        (folder / group.name).mkdir()
    images = left = 0
    for image, labels in by_image(rows).items():
        group_name = class_of(labels)
        if group_name is None:
            left += 1
            continue
        copy(labels[0].frame_id, folder / group_name / f"{image}.png")
        images += 1
    write_csv(folder, rows, scheme, copy)
    return {"labels": len(rows), "images": images, "left_out": left}


WRITERS = {"csv": write_csv, "json": write_json, "coco": write_coco, "imagenet": write_imagenet}


def _values(row: ExportRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name not in _UNWRITTEN}


def _scheme(scheme: Scheme) -> dict[str, Any]:
    groups: Iterable[str] = [group.name for group in scheme.groups]
    return {"name": scheme.name, "title": scheme.title, "groups": list(groups), "grouping": scheme.grouping}


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
