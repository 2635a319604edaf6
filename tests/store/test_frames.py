"""Sources, embryos and frames: indexing, order, files, hashes and the queue."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project
from tests.store.conftest import EMBRYOS, MOMENTS, PLANES, imported

ENTRY = LabelEntry(parse_grade("4AB"))


def test_embryos_come_in_the_natural_order_of_their_names(filled: Project) -> None:
    assert [embryo.name for embryo in filled.frames.embryos()] == ["e1", "E2", "E10"]


def test_an_embryo_counts_frames_moments_and_labelled_frames(filled: Project) -> None:
    embryo = filled.frames.embryos()[0]
    frames = filled.frames.of_embryo(embryo.id)
    for number, grader in enumerate(("ann", "ann", "bob")):
        filled.labels.record(frames[number].id, f"{number:064x}", grader, ENTRY)

    by_ann, by_anybody = (filled.frames.embryos(grader=who)[0] for who in ("ann", None))

    assert (embryo.frames, embryo.moments) == (MOMENTS * len(PLANES), MOMENTS)
    assert (by_ann.labelled, by_anybody.labelled) == (2, 3)
    assert filled.frames.count() == len(EMBRYOS) * MOMENTS * len(PLANES)


def test_a_search_finds_names_and_couples_whatever_the_case(filled: Project, tmp_path: Path) -> None:
    source = filled.frames.add_source(tmp_path / "more", "folder")
    filled.frames.add(source, [ImportedFrame("x.png", "ЭМБРИОН 100%", "Paar_7")])

    def found(text: str) -> list[str]:
        return [embryo.name for embryo in filled.frames.embryos(text)]

    assert found("E1") == ["e1", "E10"]
    assert found("эмбр") == ["ЭМБРИОН 100%"]
    assert found("paar_") == ["ЭМБРИОН 100%"]
    assert found("%") == ["ЭМБРИОН 100%"]
    assert found("nothing") == []


def test_embryos_come_in_pages(filled: Project) -> None:
    pages = [filled.frames.embryos(limit=2, offset=offset) for offset in (0, 2)]

    assert [[embryo.name for embryo in page] for page in pages] == [["e1", "E2"], ["E10"]]
    assert [embryo.name for embryo in filled.frames.embryos(offset=1)] == ["E2", "E10"]


def test_frames_of_an_embryo_come_by_time_then_plane(filled: Project) -> None:
    frames = filled.frames.of_embryo(filled.frames.embryos()[2].id)

    order = [(frame.index, frame.plane) for frame in frames]
    assert order == [(index, plane) for index in range(1, MOMENTS + 1) for plane in PLANES]
    assert {frame.embryo for frame in frames} == {"E10"}


def test_a_frame_keeps_what_its_importer_knew(filled: Project, tmp_path: Path) -> None:
    source = filled.frames.add_source(tmp_path / "more", "stork")
    known = ImportedFrame("a b/ж.png", "X", "C", -45, 7, 112.25, "tEB", "3A-A-", 99, 10**18, 500, 400)
    filled.frames.add(source, [known])

    frame = filled.frames.by_path("a b/ж.png")[0]

    told = (frame.plane, frame.index, frame.hpi, frame.phase, frame.remark, frame.width, frame.height)
    assert told == (-45, 7, 112.25, "tEB", "3A-A-", 500, 400)
    assert (frame.embryo, frame.sha256, frame.source_id) == ("X", None, source.id)
    assert filled.frames.get(frame.id) == frame
    assert filled.frames.by_path("a b/ж.png", source.id + 1) == []


def test_the_same_source_again_adds_nothing(filled: Project) -> None:
    source = filled.frames.sources()[0]
    rows = filled.audit.rows()

    again = filled.frames.add(source, [imported(e, 1, 0) for e in EMBRYOS])

    assert again == (0, len(EMBRYOS))
    assert filled.audit.rows() == rows


def test_the_same_root_is_the_same_source(project: Project, tmp_path: Path) -> None:
    one = project.frames.add_source(tmp_path / "frames", "folder", "first", {"pattern": "x"})
    same = project.frames.add_source(tmp_path / "other" / ".." / "frames", "folder", options={"pattern": "x"})
    changed = project.frames.add_source(tmp_path / "frames", "gomez")

    assert same == one
    assert (changed.id, changed.name, changed.layout, changed.options) == (one.id, "first", "gomez", {})
    assert project.frames.sources() == [changed]


def test_a_source_inside_the_project_moves_with_it(project: Project) -> None:
    source = project.frames.add_source(project.folder / "images", "folder")
    project.frames.add(source, [imported("E1", 1, 0)])
    project.close()
    moved = project.folder.with_name("moved")
    project.folder.rename(moved)

    with Project.open(moved) as again:
        frame = again.frames.by_path("E1/F0/1.png")[0]
        assert again.frames.file(frame) == moved.resolve() / "images" / "E1/F0/1.png"


def test_new_metadata_of_a_known_frame_is_taken_over(filled: Project) -> None:
    source = filled.frames.sources()[0]
    frame = filled.frames.by_path("e1/F0/1.png")[0]
    filled.frames.set_hashes([(frame.id, "a" * 64)])
    changed = imported("e1", 1, 0)._replace(hpi=55.5, phase="tB", couple="C2")

    assert filled.frames.add(source, [changed]) == (0, 1)

    now = filled.frames.get(frame.id)
    assert (now.hpi, now.phase, now.sha256) == (55.5, "tB", "a" * 64)
    assert filled.frames.embryos("e1")[0].couple == "C2"
    assert filled.audit.rows(1, newest_first=True)[0].action == "import"


def test_a_file_that_changed_on_disk_loses_its_hash_but_no_label(filled: Project) -> None:
    frame = filled.frames.by_path("e1/F0/1.png")[0]
    label = filled.labels.record(frame.id, "a" * 64, "ann", ENTRY)

    filled.frames.add(filled.frames.sources()[0], [imported("e1", 1, 0)._replace(size=11)])

    assert filled.frames.get(frame.id).sha256 is None
    assert filled.labels.current("ann") == [label]


def test_a_frame_read_as_another_embryo_s_moves_there(filled: Project) -> None:
    source = filled.frames.sources()[0]
    frames = [imported("E2", i, p)._replace(embryo="E3") for i in range(1, MOMENTS + 1) for p in PLANES]

    filled.frames.add(source, frames)

    counts = {embryo.name: (embryo.frames, embryo.moments) for embryo in filled.frames.embryos()}
    assert counts == {name: (MOMENTS * len(PLANES), MOMENTS) for name in ("e1", "E3", "E10")}


def test_more_frames_than_one_batch_arrive_with_progress(project: Project, tmp_path: Path) -> None:
    source = project.frames.add_source(tmp_path, "folder")
    told: list[int] = []

    frames = (ImportedFrame(f"{n}.png", f"E{n % 7}", index=n) for n in range(12_000))
    added = project.frames.add(source, frames, "ann", told.append)

    assert added == (12_000, 0)
    assert told == sorted(told)
    assert told[-1] == 12_000
    assert len(told) > 1
    assert sum(embryo.moments for embryo in project.frames.embryos()) == 12_000


def test_the_same_path_twice_in_one_import_is_one_frame(project: Project, tmp_path: Path) -> None:
    source = project.frames.add_source(tmp_path, "folder")

    assert project.frames.add(source, [ImportedFrame("a.png", "E1"), ImportedFrame("a.png", "E2")]) == (1, 1)
    assert [embryo.name for embryo in project.frames.embryos()] == ["E2"]


def test_planes_without_times_are_one_moment_and_loose_images_one_each(
    project: Project, tmp_path: Path
) -> None:
    source = project.frames.add_source(tmp_path, "folder")
    project.frames.add(source, [ImportedFrame(f"p{p}.png", "planes", plane=p) for p in PLANES])
    project.frames.add(source, [ImportedFrame(f"i{n}.png", "loose") for n in range(5)])
    project.frames.add(
        source, [ImportedFrame(f"h{n}{p}.png", "timed", plane=p, hpi=n) for n in (1, 2) for p in PLANES]
    )

    assert {e.name: e.moments for e in project.frames.embryos()} == {"planes": 1, "loose": 5, "timed": 2}


def test_a_hash_is_read_once_and_again_when_the_file_changed(project: Project, tmp_path: Path) -> None:
    image = tmp_path / "frames" / "a.png"
    image.parent.mkdir()
    image.write_bytes(b"first")
    project.frames.add(project.frames.add_source(image.parent, "folder"), [ImportedFrame("a.png", "E1")])
    frame = project.frames.by_path("a.png")[0]

    assert project.frames.ensure_hash(frame.id) == sha256(b"first").hexdigest()
    assert [found.id for found in project.frames.by_sha256(sha256(b"first").hexdigest())] == [frame.id]

    image.write_bytes(b"second")
    assert project.frames.ensure_hash(frame.id) == sha256(b"second").hexdigest()
    assert project.frames.get(frame.id).sha256 == sha256(b"second").hexdigest()

    # Same size and time: the stored hash is trusted and the file is not read.
    status = image.stat()
    image.write_bytes(b"SECOND")
    os.utime(image, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert project.frames.ensure_hash(frame.id) == sha256(b"second").hexdigest()


def test_hashes_of_many_files_are_read_together_and_a_missing_file_is_only_its_own(
    project: Project, tmp_path: Path
) -> None:
    names = ("kept.png", "changed.png", "gone.png")
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    source = project.frames.add_source(tmp_path, "folder")
    project.frames.add(source, [ImportedFrame(name, name) for name in names])
    at = project.frames.at_paths([*names, "never.png"], source.id)
    assert at.keys() == set(names)
    before = project.frames.ensure_hashes(at.values())
    (tmp_path / "changed.png").write_bytes(b"other content")
    (tmp_path / "gone.png").unlink()

    now = project.frames.ensure_hashes(at.values())

    kept, changed, gone = (at[name].id for name in names)
    assert now[kept] == before[kept] == sha256(b"kept.png").hexdigest()
    assert now[changed] == project.frames.get(changed).sha256 == sha256(b"other content").hexdigest()
    assert "gone.png cannot be read" in str(now[gone])
    hashes = [str(now[kept]), str(now[changed]), "0" * 64]
    assert {
        key: [frame.id for frame in found] for key, found in project.frames.by_hashes(hashes).items()
    } == {
        now[kept]: [kept],
        now[changed]: [changed],
    }


def test_a_missing_image_is_named(filled: Project) -> None:
    frame = filled.frames.by_path("e1/F0/1.png")[0]

    with pytest.raises(UserError, match="cannot be read") as caught:
        filled.frames.ensure_hash(frame.id)

    assert str(filled.frames.file(frame)) in str(caught.value)


def test_an_unknown_frame_is_a_programming_error(project: Project) -> None:
    with pytest.raises(KeyError):
        project.frames.get(1)


def _name(project: Project, frame_id: int | None) -> tuple[str, int | None, int | None] | None:
    if frame_id is None:
        return None
    frame = project.frames.get(frame_id)
    return frame.embryo, frame.index, frame.plane


def test_the_queue_goes_through_every_moment_once_by_its_middle_plane(filled: Project) -> None:
    seen = []
    frame: int | None = None
    for _ in range(len(EMBRYOS) * MOMENTS):
        frame = filled.frames.unlabelled("ann", frame)
        assert frame is not None
        seen.append(_name(filled, frame))
        filled.labels.record(frame, f"{frame:064x}", "ann", ENTRY)

    assert seen == [(name, index, 0) for name in ("e1", "E2", "E10") for index in range(1, MOMENTS + 1)]
    assert filled.frames.unlabelled("ann", frame) is None
    assert _name(filled, filled.frames.unlabelled("bob")) == ("e1", 1, 0)


def test_the_queue_goes_on_behind_the_frame_on_screen_and_wraps(filled: Project) -> None:
    frames = filled.frames.of_embryo(filled.frames.embryos()[2].id)
    third = next(frame.id for frame in frames if (frame.index, frame.plane) == (3, -15))
    last = next(frame.id for frame in frames if (frame.index, frame.plane) == (4, 15))

    assert _name(filled, filled.frames.unlabelled("ann", third)) == ("E10", 4, 0)
    assert _name(filled, filled.frames.unlabelled("ann", last)) == ("e1", 1, 0)


def test_the_queue_comes_back_to_what_was_left_out_before(filled: Project) -> None:
    first = filled.frames.of_embryo(filled.frames.embryos()[0].id)
    skipped, others = first[0], filled.frames.of_embryo(filled.frames.embryos()[1].id)
    others = others + filled.frames.of_embryo(filled.frames.embryos()[2].id) + first[3:]
    for frame in others:
        filled.labels.record(frame.id, f"{frame.id:064x}", "ann", ENTRY)

    assert _name(filled, filled.frames.unlabelled("ann", first[-1].id)) == ("e1", 1, 0)
    assert skipped.index == 1


def test_a_withdrawn_label_puts_its_moment_back_in_the_queue(filled: Project) -> None:
    frame = filled.frames.unlabelled("ann")
    assert frame is not None
    filled.labels.record(frame, "a" * 64, "ann", ENTRY)
    filled.labels.withdraw(frame, "a" * 64, "ann")

    assert filled.frames.unlabelled("ann") == frame


def test_an_empty_project_has_no_queue(project: Project) -> None:
    assert project.frames.unlabelled("ann") is None
    assert project.labels.progress("ann") == (0, 0)
    assert project.frames.embryos() == []
