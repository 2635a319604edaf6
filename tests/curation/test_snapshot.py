"""The snapshot's folder: layout, identity, refusals, and nothing half written."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.curation import snapshot_files
from blasto_annotator.curation.selection import SnapshotOptions, select
from blasto_annotator.curation.snapshot import SnapshotCancelled, build
from blasto_annotator.curation.snapshot_files import check_splits
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Realism
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.imaging.resize import square
from blasto_annotator.importers.labels_csv import import_labels
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project
from gan.contract.locking import FileLock
from gan.contract.snapshot_folder import MANIFEST_COLUMNS, SPLITS, read_snapshot
from tests.curation.material import CLASSES, GRADES, add_frames, batch, label, labelled, pixels, rate

SMALL = SnapshotOptions(size=32, thin_distance=0)


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def leftovers(project: Project) -> set[str]:
    return {path.name for path in project.snapshots.iterdir()} - {".build.lock"}


def test_the_folder_is_what_stylegan_tools_and_the_contract_read(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 6, "average": 6, "poor": 6})
    info = build(project, SMALL, who="anna")
    assert info == read_snapshot(project.snapshots / info.id)
    assert info.classes == CLASSES
    whole = json.loads((info.path / "dataset.json").read_text())
    assert len(whole["labels"]) == 54
    parts = []
    for split in SPLITS:
        table = json.loads((info.path / split / "dataset.json").read_text())
        names = [name for name, _ in table["labels"]]
        assert names[:1] == ["00000/img00000000.png"]
        assert sorted(names) == sorted(
            path.relative_to(info.path / split).as_posix() for path in (info.path / split).rglob("*.png")
        )
        parts += [[f"{split}/{name}", index] for name, index in table["labels"]]
        assert info.counts[split] == {
            name: sum(index == number for _, index in table["labels"]) for number, name in enumerate(CLASSES)
        }
    assert sorted(parts) == sorted(whole["labels"])
    with Image.open(info.path / whole["labels"][0][0]) as image:
        assert (image.mode, image.size, image.info) == ("L", (32, 32), {})


def test_the_manifest_tells_each_images_origin(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "стойка 'A'", {"good": 4})
    info = build(project, SMALL)
    rows = manifest(info.path)
    assert tuple(rows[0]) == MANIFEST_COLUMNS
    for row in rows:
        source = tmp_path / "стойка 'A'" / row["source_file"]
        assert row["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
        assert np.array_equal(decode_grey(info.path / row["file"]), square(decode_grey(source), 32))
        assert (row["origin"], row["class"], row["expansion"], row["icm"], row["te"]) == (
            "real",
            "good",
            "4",
            "A",
            "B",
        )
        assert (row["grader"], row["reason"], row["source"]) == ("anna", "labelled", "стойка 'A'")
        assert row["file"].startswith(row["split"] + "/")
    by_embryo: dict[str, set[str]] = {}
    for row in rows:
        by_embryo.setdefault(row["embryo"], set()).add(row["split"])
    assert all(len(splits) == 1 for splits in by_embryo.values())


def test_the_same_input_gives_the_same_id_and_folder(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 5, "poor": 5})
    first = build(project, SMALL, who="anna")
    written = (first.path / "snapshot.json").stat().st_mtime_ns
    again = build(project, SMALL, who="bea")
    assert again == first
    assert (again.path / "snapshot.json").stat().st_mtime_ns == written
    assert leftovers(project) == {first.id}
    assert [row.action for row in project.audit.rows()].count("snapshot") == 1


def test_the_id_does_not_depend_on_the_place(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "here" / "s", {"good": 5, "poor": 5})
    first = build(project, SMALL)
    with Project.create(tmp_path / "second") as second:
        labelled(second, tmp_path / "there" / "under another name", {"good": 5, "poor": 5})
        assert build(second, SMALL).id == first.id
    assert str(tmp_path) not in (first.path / "manifest.csv").read_text()
    assert str(tmp_path) not in (first.path / "snapshot.json").read_text()


def test_a_changed_label_size_or_seed_gives_another_id(project: Project, tmp_path: Path) -> None:
    ids = labelled(project, tmp_path / "s", {"good": 5, "poor": 5})
    first = build(project, SMALL)
    assert build(project, replace(SMALL, size=64)).id != first.id
    assert build(project, replace(SMALL, seed=3)).id != first.id
    label(project, ids["good0/0.png"], GRADES["average"])
    assert build(project, SMALL).id != first.id
    label(project, ids["good0/0.png"], GRADES["good"])
    assert build(project, SMALL).id == first.id


def test_embryos_keep_their_split_when_more_are_labelled(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 6}, frames=1)
    before = {row["embryo"]: row["split"] for row in manifest(build(project, SMALL).path)}
    files = {f"new{n}/0.png": pixels(500 + n) for n in range(8)}
    for frame_id in add_frames(project, tmp_path / "t", files).values():
        label(project, frame_id, GRADES["good"])
    after = {row["embryo"]: row["split"] for row in manifest(build(project, SMALL).path)}
    assert len(after) == 14
    assert before.items() <= after.items()
    assert list(after.values()).count("train") in (9, 10)


def test_perfect_images_join_only_train_and_still_say_that_they_are_synthetic(
    project: Project, tmp_path: Path
) -> None:
    labelled(project, tmp_path / "s", {"good": 12, "average": 12, "poor": 12})
    real = build(project, SMALL)
    for item in batch(project):
        rate(project, item, Realism.PERFECT)
    assert build(project, SMALL).id == real.id
    info = build(project, replace(SMALL, include_generated=True))
    assert info.id != real.id
    generated = [row for row in manifest(info.path) if row["origin"] == "generated"]
    assert len(generated) == 6
    for row in generated:
        assert (row["split"], row["source"], row["embryo"]) == ("train", "b1", "")
        assert (row["reason"], row["grader"]) == ("reviewed as perfect", "rita")
        with Image.open(info.path / row["file"]) as image:
            assert image.info.keys() == {"blasto:synthetic", "blasto:seed"}  # the rest is stripped


def test_writing_refuses_an_embryo_in_two_splits_and_a_generated_image_outside_train(
    project: Project, tmp_path: Path
) -> None:
    labelled(project, tmp_path / "s", {"good": 4}, frames=2)
    (first, _), (second, _) = select(project, SMALL).items[:2]
    with pytest.raises(ValueError, match="embryo good0 is in train and in val"):
        check_splits([(first, "train"), (second, "val")])
    sibling = replace(second, embryo="sister")
    with pytest.raises(ValueError, match="couple good0 is in train and in test"):
        check_splits([(first, "train"), (sibling, "test")])
    with pytest.raises(ValueError, match="only train may have it"):
        check_splits([(replace(first, origin="generated"), "val")])


def test_wide_pictures_are_cropped_and_the_snapshot_says_so(project: Project, tmp_path: Path) -> None:
    wide = np.zeros((64, 96), np.uint8)
    wide[:, 16:80] = 200
    for frame_id in add_frames(project, tmp_path / "s", {"e/0.png": wide}).values():
        label(project, frame_id, GRADES["good"])
    info = build(project, SMALL)
    description = json.loads((info.path / "snapshot.json").read_text())
    assert (description["fit"], description["filter"]) == ("centre-crop", "lanczos")
    assert (decode_grey(info.path / "train/00000/img00000000.png") == 200).all()


def test_nothing_to_write_is_said_with_the_reasons(project: Project, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match="No labelled frame can enter a snapshot; label frames of expansion 2 to 4"
    ):
        build(project, SMALL)
    ids = add_frames(project, tmp_path / "s", {"e/0.png": pixels(0)})
    label(project, ids["e/0.png"], GRADES["good"])
    with pytest.raises(UserError, match=r"Left out: 1 \(expansion 4\)"):
        build(project, replace(SMALL, expansions=(2,)))
    assert leftovers(project) == set()


def test_a_stop_leaves_nothing(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 5})
    build(project, SMALL)  # the perceptual hashes are known then
    calls = iter([False] * 3 + [True] * 100)
    with pytest.raises(SnapshotCancelled, match="nothing was written"):
        build(project, replace(SMALL, size=64), cancelled=lambda: next(calls))
    assert len(leftovers(project)) == 1


def test_progress_reaches_the_number_of_images(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 5})
    told: list[tuple[int, int]] = []
    build(project, SMALL, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (15, 15)


def test_a_full_disk_leaves_no_half_snapshot(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled(project, tmp_path / "s", {"good": 5})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(snapshot_files, "write_json", full)
    with pytest.raises(UserError, match=r"is full: no snapshot was written\. Free some space"):
        build(project, SMALL)
    assert leftovers(project) == set()
    monkeypatch.undo()
    assert build(project, SMALL).counts["train"]["good"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of four megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(disk)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_really_full_disk_is_said_and_the_labels_are_still_there(small_disk: Path, tmp_path: Path) -> None:
    with Project.create(small_disk / "project") as project:
        labelled(project, tmp_path / "s", {"good": 8})
        filler = small_disk / "filler"
        room = shutil.disk_usage(small_disk).free
        filler.write_bytes(bytes(room - 700_000))
        with pytest.raises(UserError, match=r"The disk of .* is full: no snapshot was written"):
            build(project, replace(SMALL, size=256))
        assert leftovers(project) == set()
        assert len(project.labels.current()) == 24
        filler.unlink()
        assert build(project, replace(SMALL, size=256)).size == 256


def test_two_builds_at_once_are_refused_and_a_dead_builds_rest_is_cleared(
    project: Project, tmp_path: Path
) -> None:
    labelled(project, tmp_path / "s", {"good": 3})
    lock = FileLock(project.snapshots / ".build.lock")
    with pytest.raises(UserError, match="Another snapshot of this project is being built"):
        build(project, SMALL)
    lock.release()
    (project.snapshots / ".part-dead" / "train").mkdir(parents=True)
    info = build(project, SMALL)
    assert leftovers(project) == {info.id}


def test_real_frames_make_a_snapshot_of_fourteen_embryos(
    project: Project, tmp_path: Path, shared_data: Path
) -> None:
    import_source(project, shared_data / "stork")
    with (shared_data / "stork" / "labels.csv").open() as file:
        lines = [
            f"{row['file']},{4 if row['expansion'] == '3' else 2},{row['icm_raw'][0]},{row['te_raw'][0]}"
            for row in csv.DictReader(file)
        ]
    (tmp_path / "l.csv").write_text("\n".join(["image,expansion,icm,te", *lines]))
    import_labels(project, tmp_path / "l.csv", "letters")
    info = build(project, SnapshotOptions(size=64))
    rows = manifest(info.path)
    assert len({row["embryo"] for row in rows}) == 14
    assert all(info.counts[split][name] for split in SPLITS for name in ("good", "average"))
    assert len(rows) < 98  # neighbouring planes are near-identical
    assert {row["plane"] for row in rows} >= {"0", "45", "-45"}
