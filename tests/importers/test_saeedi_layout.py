"""Saeedi et al.: names with spaces and dots, cases that differ, masks of 8 and 24 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.domain.errors import UserError
from blasto_annotator.importers.run import import_source, recognise
from blasto_annotator.importers.saeedi import find_masks, read_mask
from blasto_annotator.store import Project
from tests.importers.trees import frame

STEM = "Blast_PCRM_R14-0411a D5.1"


def mask(path: Path, mode: str = "L") -> Path:
    pixels = np.zeros((48, 48), np.uint8)
    pixels[10:20, 10:30] = 128
    pixels[30:40, :] = 127
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).convert(mode).save(path)
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "blasts"
    frame(root / "Images" / f"{STEM}.BMP", 1)
    frame(root / "Images" / "Blast 2.bmp", 2)
    mask(root / "GT_ICM" / f"{STEM} ICM_Mask.bmp")
    mask(root / "GT_TE" / f"{STEM.lower()} te_mask.BMP", "RGB")
    mask(root / "GT_ZP" / f"{STEM} ZP_Mask.bmp")
    mask(root / "GT_ICM" / "Blast 2 ICM_Mask.bmp")
    mask(root / "GT_ICM" / "gone ICM_Mask.bmp")
    return root


def test_images_are_frames_and_masks_are_kept_for_later(project: Project, tree: Path) -> None:
    importer, reason = recognise(tree)
    assert (importer.name, reason) == ("saeedi", "2 images in Images and masks in GT_ICM, GT_TE, GT_ZP")
    report = import_source(project, tree)
    assert (report.layout, report.added) == ("saeedi", 2)
    assert {row.name for row in project.frames.embryos()} == {STEM, "Blast 2"}
    assert {r.path: r.reason for r in report.rejected} == {
        "GT_ICM/gone ICM_Mask.bmp": "a mask of ICM without its image",
        "GT_TE": "no mask for blast 2: the image is a frame all the same",
        "GT_ZP": "no mask for blast 2: the image is a frame all the same",
    }
    (source,) = project.frames.sources()
    assert find_masks(source.root, f"Images/{STEM}.BMP").keys() == {"ICM", "TE", "ZP"}
    assert find_masks(source.root, "Images/Blast 2.bmp").keys() == {"ICM"}


@pytest.mark.parametrize("part", ["ICM", "TE"])
def test_masks_of_8_and_24_bits_are_true_above_127(tree: Path, part: str) -> None:
    found = read_mask(find_masks(tree, f"Images/{STEM}.BMP")[part])
    assert (found.sum(), found[15, 15], found[35, 5]) == (200, True, False)


def test_a_damaged_mask_is_refused_with_its_name(tree: Path) -> None:
    path = find_masks(tree, f"Images/{STEM}.BMP")["ICM"]
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UserError, match=r"ICM_Mask\.bmp"):
        read_mask(path)


def test_the_layout_needs_the_folder_of_images(project: Project, tmp_path: Path) -> None:
    frame(tmp_path / "stills" / "a.bmp", 1)
    with pytest.raises(UserError, match="has no folder Images"):
        import_source(project, tmp_path / "stills", "saeedi")


def test_masks_come_along_where_the_images_are_copied(project: Project, tree: Path) -> None:
    import_source(project, tree, options={"files": "copy"})
    (source,) = project.frames.sources()
    assert source.root.is_relative_to(project.folder.resolve())
    found = find_masks(source.root, f"Images/{STEM}.BMP")
    assert {part: read_mask(path).sum() for part, path in found.items()} == {"ICM": 200, "TE": 200, "ZP": 200}
