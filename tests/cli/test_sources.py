"""Sources on the command line: copied in, moved away, found again; films; sheets of grades."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

from blasto_annotator.store import Project
from tests.cli.conftest import Program, write_frames


def test_a_copied_source_survives_its_original(inside: Program, tmp_path: Path) -> None:
    write_frames(tmp_path / "stills")
    inside("new", "study")
    assert inside("import", "study", "stills", "--copy", "--json").json["added"] == 18
    shutil.rmtree(tmp_path / "stills")
    (row,) = inside("sources", "list", "study", "--json").json
    assert (row["name"], row["there"], row["folder"]) == (
        "stills",
        True,
        str(tmp_path / "study/frames/stills"),
    )


def test_a_moved_source_is_located_and_another_refused(inside: Program, tmp_path: Path) -> None:
    write_frames(tmp_path / "stills")
    inside("new", "study")
    inside("import", "study", "stills")
    shutil.move(tmp_path / "stills", tmp_path / "elsewhere")
    assert "(not there: sources locate)" in inside("sources", "list", "study").out
    refused = inside("sources", "locate", "study", "stills", "study", code=1)
    assert "“stills” is not in" in refused.sentence
    answer = inside("sources", "locate", "study", "1", "elsewhere", "--json").json
    assert (answer["folder"], answer["same"], answer["missing"]) == (str(tmp_path / "elsewhere"), 18, [])


def test_a_video_is_imported_with_its_times(inside: Program, tmp_path: Path) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "w7.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 8.0, (64, 64))
    for level in range(5):
        writer.write(np.full((64, 64, 3), 40 * level, np.uint8))
    writer.release()
    inside("new", "study")
    report = inside("import", "study", "w7.avi", "--first-hpi", "96", "--frame-hours", "0.25", "--json").json
    assert (report["layout"], report["added"]) == ("films", 5)
    with Project.open(tmp_path / "study") as project:
        (row,) = project.frames.embryos()
        assert [frame.hpi for frame in project.frames.of_embryo(row.id)] == [96, 96.25, 96.5, 96.75, 97]


def test_a_workbook_of_grades_with_columns_named_by_hand(inside: Program, tmp_path: Path) -> None:
    names = write_frames(tmp_path / "stills", embryos=2, planes=(0,))
    book = Workbook()
    assert book.active is not None
    for line in (("Photo", "Stage", "ICM", "TE"), (names[0], 4, "A", "B"), ("nobody", 4, "A", "B")):
        book.active.append(line)
    book.save(tmp_path / "grades.xlsx")
    inside("new", "study")
    inside("import", "study", "stills")
    command = ("labels", "import", "study", "grades.xlsx", "--grader", "Ana")
    assert "no column “image”" in inside(*command, code=1).sentence
    done = inside(*command, "--columns", "image=Photo,expansion=Stage,icm=ICM,te=TE", "--json").json
    assert done["imported"] == 1
    assert done["problems"][0].startswith("Line 3: “nobody” is no frame of this project")
    assert "write FIELD=TITLE" in inside(*command, "--columns", "Photo", code=1).sentence


def test_burned_in_text_is_shown_then_accepted(inside: Program, tmp_path: Path) -> None:
    (tmp_path / "stills").mkdir()
    for number in range(20):
        noise = np.random.default_rng(number).integers(60, 140, (7, 7), np.uint8)
        image = cv2.resize(noise, (128, 128), interpolation=cv2.INTER_CUBIC)
        cv2.putText(image, "Well 3", (4, 122), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
        cv2.imwrite(str(tmp_path / "stills" / f"e{number}_1.png"), image)
    inside("new", "study")
    inside("import", "study", "stills")
    command = ("sources", "burned-in", "study", "stills")
    said = inside(*command, "--picture", "found.png").out
    assert "1 area of burned-in text or bars in 20 frames of 20 embryos" in said
    assert "Nothing is stored; --accept stores it." in said
    assert (tmp_path / "found.png").stat().st_size > 0
    with Project.open(tmp_path / "study") as project:
        assert "burned_in" not in project.frames.sources()[0].options
    inside(*command, "--accept", "--way", "crop", "--boxes", "0,104,70,24")
    with Project.open(tmp_path / "study") as project:
        assert project.frames.sources()[0].options["burned_in"] == {
            "way": "crop",
            "sizes": [{"width": 128, "height": 128, "boxes": [[0, 104, 70, 24]]}],
        }
    inside("new", "few")
    (tmp_path / "two").mkdir()
    for name in ("e0_1.png", "e1_1.png"):
        shutil.copy(tmp_path / "stills" / name, tmp_path / "two")
    inside("import", "few", "two")
    assert "20 are needed" in inside("sources", "burned-in", "few", "two", "--accept", code=1).sentence
    assert "There is no way “blur”" in inside(*command, "--accept", "--way", "blur", code=1).sentence
