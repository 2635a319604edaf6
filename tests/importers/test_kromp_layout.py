"""Kromp et al.: the published tree rebuilt around its real tables, and what must never be opened."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from blasto_annotator.importers.kromp import A_TABLE, SENSITIVE
from blasto_annotator.importers.labels_csv import import_labels
from blasto_annotator.importers.run import import_source, recognise
from blasto_annotator.store import Project
from tests.importers.trees import frame

SILVER = "Image;EXP_silver;ICM_silver;TE_silver\n0175_05.png;3;1;1\n571_02.png;0;3;3\n0079_03.png;1;3;3\n"
GOLD = (
    "Image;EXP_gold;ICM_gold;TE_gold;\n0011_02.png;0;ND;ND;\n0020_02.png;3;NA;2;\n436_04.png;2;1;1;?\n"
    "607_06.png;NA;0;0;\n"
)
NAMES = ("0175_05", "571_02", "0079_03", "0011_02", "0020_02", "436_04", "607_06")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "Kromp et al"
    for seed, name in enumerate(NAMES):
        frame(root / "Images" / f"{name}.png", seed)
    (root / "Gardner_train_silver.csv").write_bytes(b"\xef\xbb\xbf" + SILVER.encode())
    (root / "Gardner_test_gold_onlyGardnerScores.csv").write_bytes(GOLD.encode("cp1252"))
    (root / "Clincial_annotations.csv").write_text("Image;LiveBirth\n0175_05.png;1\n")
    return root


def remarks(project: Project) -> dict[str, str]:
    return {
        frame.embryo: frame.remark
        for row in project.frames.embryos()
        for frame in project.frames.of_embryo(row.id)
    }


def labels(project: Project, grader: str) -> dict[str, str]:
    found = {}
    for label in project.labels.current(grader):
        assert label.entry is not None
        found[project.frames.get(label.frame_id).embryo] = str(label.entry.grade)
    return found


def test_the_reason_names_what_was_seen(tree: Path) -> None:
    importer, reason = recognise(tree)
    assert importer.name == "kromp"
    assert reason == (
        "7 names like 0011_02.png and Gardner_test_gold_onlyGardnerScores.csv and Gardner_train_silver.csv"
    )
    assert recognise(tree / "Images")[0].name == "kromp"


def test_patients_are_couples_and_the_sets_grades_are_remarks(project: Project, tree: Path) -> None:
    report = import_source(project, tree)
    assert (report.layout, report.added, report.embryos) == ("kromp", 7, 7)
    assert {row.name: row.couple for row in project.frames.embryos()}["0175_05"] == "0175"
    assert remarks(project) == {
        "0175_05": "silver 4BB",
        "571_02": "silver 1",
        "0079_03": "silver 2",
        "0011_02": "gold 1",
        "0020_02": "gold its graders found no consensus on ICM",
        "436_04": "gold 3BB",
        "607_06": "gold its graders found no consensus on the expansion",
    }
    assert project.labels.current() == []


def test_outcomes_of_treatments_are_never_opened(
    project: Project, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = Path.open

    def watched(self: Path, *args: object, **kwargs: object) -> object:
        opened.append(self.name)
        return real(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", watched)
    report = import_source(project, tree)
    said = {rejected.path: rejected.reason for rejected in report.rejected}
    assert said["Clincial_annotations.csv"] == SENSITIVE
    assert said["Gardner_train_silver.csv"] == A_TABLE
    assert "0175_05.png" in opened
    assert "Clincial_annotations.csv" not in opened


def test_the_sets_tables_become_a_named_graders_labels_on_request(project: Project, tree: Path) -> None:
    import_source(project, tree)
    silver = import_labels(project, tree / "Gardner_train_silver.csv", "Kromp silver")
    gold = import_labels(project, tree / "Gardner_test_gold_onlyGardnerScores.csv", "Kromp gold")
    assert (silver.imported, silver.problems) == (3, ())
    assert labels(project, "Kromp silver") == {"0175_05": "4BB", "571_02": "1", "0079_03": "2"}
    assert labels(project, "Kromp gold") == {"0011_02": "1", "436_04": "3BB"}
    assert gold.problems == (
        "Line 3: its graders found no consensus on ICM.",
        "Line 5: its graders found no consensus on the expansion.",
    )


def test_a_raw_graders_table_has_no_header_and_blanks(project: Project, tree: Path, tmp_path: Path) -> None:
    import_source(project, tree)
    raw = tmp_path / "Annotator_4.csv"
    raw.write_text(
        "0175_05.png,2,0,1\n571_02.png,,3,2\n0079_03.png,1,,1\n0011_02.png,,,\n0020_02.png,0,3,3\n"
    )
    report = import_labels(project, raw, "Annotator 4")
    assert labels(project, "Annotator 4") == {"0175_05": "3AB", "0079_03": "2?B", "0020_02": "1"}
    assert (report.imported, report.skipped, report.empty, report.partial) == (3, 0, 1, 1)
    assert report.problems == ("Line 2: its expansion was not assessed.",)


def test_a_broken_table_is_said_and_the_frames_go_in(project: Project, tree: Path) -> None:
    (tree / "Gardner_train_silver.csv").write_bytes(b"\0\1\2")
    report = import_source(project, tree)
    assert report.added == 7
    (problem,) = [r for r in report.rejected if "not a text file" in r.reason]
    assert problem.path == "Gardner_train_silver.csv"


def test_the_real_tables_are_read_whole(project: Project, tmp_path: Path, shared_data: Path) -> None:
    """Every real line is either a label or a problem that says why; one picture stands for all images."""
    real = shared_data / "kromp_annotations"
    root = tmp_path / "real"
    one = frame(root / "Images" / "0004_03.png", 1)
    for table in sorted((real / "figshare_layout").glob("*.csv")):
        shutil.copy(table, root)
    for line in (real / "upstream/annotations/Annotator_0.csv").read_text().split():
        target = one.parent / line.split(",")[0]
        if not target.exists():
            os.link(one, target)
    report = import_source(project, root)
    assert report.layout == "kromp"
    graded = [text for text in remarks(project).values() if text.startswith("gold ")]
    assert len(graded) == report.added
    raw = import_labels(project, real / "upstream/annotations/Annotator_0.csv", "Annotator 0")
    # hard links to one picture share one content: the first line's label stands, later ones must agree
    assert raw.imported == 1
    assert all(
        "says otherwise of the same image" in p or "graded" in p or "assessed" in p for p in raw.problems
    )
