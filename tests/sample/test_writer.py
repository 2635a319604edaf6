"""The written sample: the public set's layout, known grades, and a notice in every picture."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from PIL import Image

from blasto_annotator.domain.grades import Grade
from blasto_annotator.sample.cohort import SampleSpec, sample_embryos
from blasto_annotator.sample.embryo import grade_at
from blasto_annotator.sample.writer import TRUTH_COLUMNS, Sample, write_gomez_tree
from blasto_annotator.store.schemes import load_scheme

SPEC = SampleSpec(embryos_per_group=2, moments=4, planes=(-15, 0, 15), size=48, seed=4)
FRAME = re.compile(
    r"embryo_dataset(?:_F-?\d+)?/(?P<video>DR\d+-\d+)/D\d{4}\.\d\d\.\d\d_S\d+_I\d+_WELL\d+_RUN\d+\.jpeg"
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return write_gomez_tree(tmp_path_factory.mktemp("sample"), SPEC)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_the_same_specification_writes_the_same_bytes(sample: Sample, tmp_path: Path) -> None:
    again = write_gomez_tree(tmp_path, SPEC, threads=3)
    assert _bytes(again.folder) == _bytes(sample.folder)


def test_another_seed_writes_other_embryos(sample: Sample) -> None:
    other = sample_embryos(SampleSpec(2, 4, (0,), 48, seed=5))
    assert [e.plan for e in other] != [e.plan for e in sample.embryos]


def test_pictures_lie_in_the_public_sets_layout(sample: Sample) -> None:
    pictures = [name for name in _bytes(sample.folder) if name.endswith(".jpeg")]
    assert len(pictures) == 6 * 4 * 3
    assert all(FRAME.fullmatch(name) for name in pictures)
    assert {name.split("/")[0] for name in pictures} == {
        "embryo_dataset", "embryo_dataset_F15", "embryo_dataset_F-15",
    }  # fmt: skip


def test_every_picture_says_that_it_is_drawn(sample: Sample) -> None:
    for frame in sample.frames:
        with Image.open(sample.folder / frame.path) as picture:
            assert b"drawn" in picture.info["comment"]
            assert "drawn" in picture.getexif()[0x010E]
            assert (picture.mode, picture.size) == ("L", (SPEC.size, SPEC.size))


def test_truth_names_every_file_once_with_its_hash(sample: Sample) -> None:
    rows = _rows(sample.truth)
    assert tuple(rows[0]) == TRUTH_COLUMNS
    assert sorted(row["image"] for row in rows) == sorted(
        n for n in _bytes(sample.folder) if n.endswith("jpeg")
    )
    for row in rows:
        assert hashlib.sha256((sample.folder / row["image"]).read_bytes()).hexdigest() == row["sha256"]


def test_truth_groups_are_the_default_schemes(sample: Sample) -> None:
    scheme = load_scheme("gardner-3group")
    graded = [row for row in _rows(sample.truth) if row["gradable"] == "yes"]
    for row in graded:
        grade = Grade(int(row["expansion"]), row["icm"] or None, row["te"] or None)
        group = scheme.group_of(grade)
        assert row["group"] == (group.name if group else "")
        scheme.check(grade)
    assert {row["group"] for row in graded} - {""} == {"good", "average", "poor"}


def test_frames_before_the_blastocyst_are_not_gradable_with_a_reason(sample: Sample) -> None:
    for row in _rows(sample.truth):
        assert (row["gradable"] == "no") == (row["expansion"] == "")
        assert bool(row["reason"]) == (row["gradable"] == "no")


def test_expansion_never_falls_in_a_sequence(sample: Sample) -> None:
    steps: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for row in _rows(sample.truth):
        steps[row["embryo"]].append((float(row["hpi"]), int(row["expansion"] or 0)))
    for sequence in steps.values():
        ordered = [expansion for _, expansion in sorted(sequence)]
        assert ordered == sorted(ordered)


def test_groups_are_balanced_and_couples_hold_two_embryos() -> None:
    embryos = sample_embryos(SampleSpec(embryos_per_group=6))
    couples = Counter(embryo.video.split("-")[0] for embryo in embryos)
    assert set(couples.values()) == {2}
    assert len({embryo.video for embryo in embryos}) == 18
    scheme = load_scheme("gardner-3group")
    groups = Counter(
        group.name for e in embryos if (group := scheme.group_of(Grade(4, e.plan.icm, e.plan.te))) is not None
    )
    assert groups == {"good": 6, "average": 6, "poor": 6}


def test_most_frames_can_enter_training() -> None:
    """Expansions 2 to 4 do; a demonstration needs many of them."""
    embryos = sample_embryos(SampleSpec(embryos_per_group=6))
    grades = [grade_at(e.plan, hour) for e in embryos for hour in e.hours]
    share = sum(grade is not None and 2 <= grade.expansion <= 4 for grade in grades) / len(grades)
    assert share > 0.6


def test_times_phases_and_grades_stand_in_the_public_sets_tables(sample: Sample) -> None:
    grades = {
        row["video_name"]: (row["ICM"], row["TE"])
        for row in _rows(sample.folder / "embryo_dataset_grades.csv")
    }
    for embryo in sample.embryos:
        assert grades[embryo.video] == (embryo.plan.icm, embryo.plan.te)
        times = _rows(sample.folder / "embryo_dataset_time_elapsed" / f"{embryo.video}_timeElapsed.csv")
        assert [int(row["frame_index"]) for row in times] == list(range(SPEC.moments + 1))
        assert [float(row["time"]) for row in times[1:]] == list(embryo.hours)
        text = (sample.folder / "embryo_dataset_annotations" / f"{embryo.video}_phases.csv").read_text(
            "utf-8"
        )
        spans = [line.split(",") for line in text.splitlines()]
        runs = [run for _, first, last in spans for run in range(int(first), int(last) + 1)]
        assert runs == list(range(1, SPEC.moments + 1))


def test_progress_counts_frames_to_the_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_gomez_tree(tmp_path, SampleSpec(1, 2, (0,), 32), lambda done, total: seen.append((done, total)))
    assert seen == [(1, 6), (2, 6), (3, 6), (4, 6), (5, 6), (6, 6)]


def test_progress_can_stop_the_drawing(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_gomez_tree(tmp_path, SampleSpec(1, 8, (0,), 32), stop)
    assert not (tmp_path / "truth.csv").exists()
