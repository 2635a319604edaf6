"""The public time-lapse set's tree, with the defects it is known for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from blasto_annotator.domain.frames import Frame, ImportReport
from blasto_annotator.importers.gomez import read_phases
from blasto_annotator.importers.run import import_source, recognise
from blasto_annotator.sample.cohort import SampleSpec
from blasto_annotator.sample.writer import write_gomez_tree
from blasto_annotator.store import Project
from tests.importers.trees import frame, gomez, run_name


def reasons(report: ImportReport) -> dict[str, str]:
    return {rejected.path: rejected.reason for rejected in report.rejected}


def frames_of(project: Project, name: str) -> list[Frame]:
    (row,) = [row for row in project.frames.embryos() if row.name == name]
    return project.frames.of_embryo(row.id)


def test_the_tree_is_recognised_and_read_with_planes_times_and_phases(
    project: Project, tmp_path: Path
) -> None:
    root = gomez(tmp_path / "Gomez")
    importer, reason = recognise(root)
    assert importer.name == "gomez"
    assert reason == (
        "2 videos at 2 focal planes in folders named as Gomez et al. name them, such as embryo_dataset"
    )
    report = import_source(project, root)
    assert (report.layout, report.added, report.embryos, report.planes) == ("gomez", 48, 2, (-15, 0))
    frames = frames_of(project, "AA83-7")
    assert [frame.index for frame in frames] == [run for run in range(1, 13) for _ in range(2)]
    assert frames[0].hpi == 100.5  # row 0 of the times has no image
    assert frames[0].remark == "ICM A, TE B"
    assert {embryo.couple for embryo in project.frames.embryos()} == {"AA83"}


def test_run_numbers_are_numbers_not_text(project: Project, tmp_path: Path) -> None:
    import_source(project, gomez(tmp_path / "Gomez"))
    middle = [frame for frame in frames_of(project, "AA83-7") if frame.plane == 0]
    assert [Path(frame.path).name for frame in middle] == [run_name(run) for run in range(1, 13)]


def test_gaps_have_no_phase_overlaps_the_later_and_long_annotations_are_clipped(
    project: Project, tmp_path: Path
) -> None:
    report = import_source(project, gomez(tmp_path / "Gomez"))
    middle = [frame for frame in frames_of(project, "AA83-7") if frame.plane == 0]
    assert [frame.phase for frame in middle] == ["", *["tSB"] * 4, "", "", *["tB"] * 2, *["tEB"] * 3]
    said = reasons(report)["embryo_dataset_annotations/AA83-7_phases.csv"]
    assert said == "tB and tEB overlap at frame 10: the later phase counts there"


def test_a_literal_na_is_no_grade(project: Project, tmp_path: Path) -> None:
    import_source(project, gomez(tmp_path / "Gomez"))
    assert frames_of(project, "AA83-12")[0].remark == "ICM C"


def test_the_renamed_middle_plane_is_plane_zero(project: Project, tmp_path: Path) -> None:
    root = gomez(tmp_path / "Gomez")
    (root / "embryo_dataset").rename(root / "embryo_dataset_F0")
    assert import_source(project, root).planes == (-15, 0)


def test_second_copies_inside_videos_are_ignored_and_said(project: Project, tmp_path: Path) -> None:
    root = gomez(tmp_path / "Gomez")
    shutil.copytree(root / "embryo_dataset" / "AA83-7", root / "embryo_dataset" / "AA83-7" / "F0")
    report = import_source(project, root)
    assert report.added == 48
    assert reasons(report)["embryo_dataset/AA83-7/F0"] == "a second copy of the video's frames: ignored"


def test_truncated_frames_and_strange_files_are_left_out_with_their_reason(
    project: Project, tmp_path: Path
) -> None:
    root = gomez(tmp_path / "Gomez")
    video = root / "embryo_dataset" / "AA83-7"
    cut = video / run_name(3)
    cut.write_bytes(cut.read_bytes()[:900])
    frame(video / "overview.jpeg", 900)
    (video / "notes.txt").write_text("remember the milk")
    (video / "Thumbs.db").write_text("litter")
    report = import_source(project, root)
    assert report.added == 47
    said = reasons(report)
    assert said["embryo_dataset/AA83-7/" + cut.name].startswith("is truncated")
    assert said["embryo_dataset/AA83-7/overview.jpeg"] == "its name has no RUN number"
    assert said["embryo_dataset/AA83-7/notes.txt"] == "not an image file"
    assert not any("Thumbs" in path for path in said)


def test_missing_tables_leave_times_phases_and_remarks_empty(project: Project, tmp_path: Path) -> None:
    root = gomez(tmp_path / "Gomez")
    for name in ("embryo_dataset_annotations", "embryo_dataset_time_elapsed"):
        shutil.rmtree(root / name)
    (root / "embryo_dataset_grades.csv").unlink()
    assert import_source(project, root).added == 48
    first = frames_of(project, "AA83-7")[0]
    assert (first.hpi, first.phase, first.remark) == (None, "", "")


def test_broken_lines_in_tables_are_named(project: Project, tmp_path: Path) -> None:
    root = gomez(tmp_path / "Gomez")
    times = root / "embryo_dataset_time_elapsed" / "AA83-7_timeElapsed.csv"
    times.write_text(times.read_text() + "13,soon\n")
    phases = root / "embryo_dataset_annotations" / "AA83-12_phases.csv"
    phases.write_text("tB,1,4\ntEB;5\n")
    said = reasons(import_source(project, root))
    assert "lines 15 hold no frame_index and time" in said[f"embryo_dataset_time_elapsed/{times.name}"]
    assert said[f"embryo_dataset_annotations/{phases.name}"].startswith("line 2 is not phase,first,last")


def test_the_plane_folder_alone_can_be_imported(project: Project, tmp_path: Path) -> None:
    root = gomez(tmp_path / "Gomez") / "embryo_dataset_F-15"
    report = import_source(project, root)
    assert (report.layout, report.added, report.planes) == ("gomez", 24, (-15,))
    assert frames_of(project, "AA83-7")[0].hpi == 100.5


def test_the_real_phase_files_are_read(shared_data: Path) -> None:
    files = sorted((shared_data / "gomez_phases").glob("*_phases.csv"))
    assert len(files) == 11
    for file in files:
        phases = read_phases(file)
        assert not phases.problems, file.name
    blastocyst = read_phases(shared_data / "gomez_phases" / "AG274-2_phases.csv").by_run
    assert (blastocyst[508], blastocyst[553], blastocyst[554]) == ("tB", "tB", "tEB")


@pytest.mark.parametrize("video", ["AM365-7", "AL702-9"])
def test_real_frames_under_the_layout_get_the_real_phases(
    project: Project, tmp_path: Path, shared_data: Path, video: str
) -> None:
    """STORK's embryos stand for moments: run n is embryo n, its seven planes the seven folders."""
    root = tmp_path / "embryos"
    stills = sorted((shared_data / "stork").rglob("*.jpg"))
    names = sorted({still.name.removeprefix("good_").removeprefix("poor_").split("_")[0] for still in stills})
    for still in stills:
        embryo, plane = still.name.removeprefix("good_").removeprefix("poor_").split("_")[:2]
        folder = "embryo_dataset" if plane == "0" else f"embryo_dataset_F{plane}"
        target = root / folder / video / run_name(names.index(embryo) + 1)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(still, target)
    annotations = root / "embryo_dataset_annotations"
    annotations.mkdir()
    shutil.copy(shared_data / "gomez_phases" / f"{video}_phases.csv", annotations)
    report = import_source(project, root)
    assert (report.added, report.embryos, len(report.planes), report.rejected) == (98, 1, 7, ())
    first = {"AM365-7": 1, "AL702-9": 6}[video]
    phases = {frame.index: frame.phase for frame in frames_of(project, video)}
    assert [phases[run] != "" for run in range(1, 15)] == [run >= first for run in range(1, 15)]


def test_the_drawn_sample_is_imported_whole(project: Project, tmp_path: Path) -> None:
    spec = SampleSpec(embryos_per_group=1, moments=2, planes=(-15, 0), size=64)
    sample = write_gomez_tree(tmp_path / "drawn", spec)
    report = import_source(project, tmp_path / "drawn")
    assert (report.layout, report.added) == ("gomez", len(sample.frames))
    assert set(reasons(report)) == {"DRAWN.txt", "truth.csv"}


@pytest.mark.parametrize(
    ("video", "couple"), [("AA83-7", "AA83"), ("AAL839-6", "AAL839"), ("PA731-2-3", "PA731")]
)
def test_the_code_before_the_first_dash_is_the_couple(
    project: Project, tmp_path: Path, video: str, couple: str
) -> None:
    import_source(project, gomez(tmp_path / "Gomez", (video, "ZZ1-1"), runs=2))
    assert {row.name: row.couple for row in project.frames.embryos()}[video] == couple


def test_all_seven_planes_with_every_known_defect_at_once(project: Project, tmp_path: Path) -> None:
    root = gomez(tmp_path / "Gomez", runs=6)
    (root / "embryo_dataset").rename(root / "embryo_dataset_F0")
    for plane in (15, 30, 45, -30, -45):
        for video in ("AA83-7", "AA83-12"):
            for run in range(1, 7):
                seed = 10_000 + 100 * plane + 10 * run + len(video)
                frame(root / f"embryo_dataset_F{plane}" / video / run_name(run), seed)
    middle = root / "embryo_dataset_F0" / "AA83-7"
    cut = middle / run_name(4)
    cut.write_bytes(cut.read_bytes()[:700])
    shutil.copytree(root / "embryo_dataset_F0" / "AA83-12", root / "embryo_dataset_F0" / "AA83-12" / "F0")
    (root / "embryo_dataset_annotations" / "AA83-7_phases.csv").write_bytes(
        b"tPB2,1,2\r\ntB,2,4\r\ntEB,6,60\r\n"  # an overlap at 2, a gap at 5, an end past the last image
    )
    report = import_source(project, root)
    assert (report.layout, report.added, report.planes) == ("gomez", 83, (-45, -30, -15, 0, 15, 30, 45))
    said = reasons(report)
    assert said[f"embryo_dataset_F0/AA83-7/{cut.name}"].startswith("is truncated")
    assert said["embryo_dataset_F0/AA83-12/F0"].startswith("a second copy")
    assert "tPB2 and tB overlap at frame 2" in said["embryo_dataset_annotations/AA83-7_phases.csv"]
    assert len(said) == 3
    phases = {frame.index: frame.phase for frame in frames_of(project, "AA83-7") if frame.plane == 15}
    assert phases == {1: "tPB2", 2: "tB", 3: "tB", 4: "tB", 5: "", 6: "tEB"}
    assert {frame.phase for frame in frames_of(project, "AA83-12")} == {""}
