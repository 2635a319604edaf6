"""The agreement report of a project: moments, silent repeats, tables, and what the files say."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import Grade, parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.repeats import RepeatTask
from blasto_annotator.reports.agreement import AgreementReport, agreement_report, read_looks
from blasto_annotator.reports.agreement_tables import looks_of_tables
from blasto_annotator.reports.agreement_words import reading, scale_sentence
from blasto_annotator.reports.agreement_writers import as_value, write_agreement
from blasto_annotator.reports.figures import RESEARCH_USE
from blasto_annotator.store import Project
from blasto_annotator.store.schemes import load_scheme

PLANES = (-15, 0)
GRADES = ("4AA", "3BB", "2CC", "1", "5AB")


def sha(frame_id: int) -> str:
    return f"{frame_id:064x}"


@pytest.fixture
def panel(tmp_path: Path) -> Project:
    """Fifty embryos at one moment in two planes; Ada grades the lower plane, Ben the middle one."""
    project = Project.create(tmp_path / "study")
    source = project.frames.add_source(tmp_path / "frames", "folder")
    frames = [
        ImportedFrame(f"{n}/{plane}.png", f"E{n}", plane=plane, index=1)
        for n in range(50)
        for plane in PLANES
    ]
    project.frames.add(source, frames)
    for row in project.frames.embryos():
        number = int(row.name[1:])
        for frame in project.frames.of_embryo(row.id):
            said = parse_grade(GRADES[number % 5])
            who = "Ada" if frame.plane == -15 else "Ben"
            if who == "Ben" and number % 10 == 0:
                said = Grade(3, "B", "A")
            project.labels.record(frame.id, sha(frame.id), who, LabelEntry(said))
    return project


def report_of(project: Project, **options: object) -> AgreementReport:
    return agreement_report(read_looks(project), resamples=100, **options)  # type: ignore[arg-type]


def test_graders_are_compared_by_moment_whatever_plane_they_looked_at(panel: Project) -> None:
    with panel:
        parts = {part.criterion: part.result for part in report_of(panel).criteria}

    assert list(parts) == ["expansion", "icm", "te", "group"]
    assert parts["expansion"].compared == 50
    assert parts["expansion"].pairs[0].percent.value == 0.9  # Ben says 3 instead of 4 of every tenth embryo
    assert parts["icm"].compared == 40  # expansion 1 has no letters
    assert parts["icm"].pairs[0].percent.value == 35 / 40
    assert parts["te"].pairs[0].percent.value == 1
    assert parts["group"].ratings.categories == ("good", "average", "poor")


def test_labels_taken_over_from_a_near_identical_frame_are_no_second_opinion(panel: Project) -> None:
    with panel:
        for frame_id, frame in panel.frames.many(range(1, 101)).items():
            if frame.plane == 0:
                panel.labels.record_many(
                    [(frame_id, sha(frame_id), LabelEntry(Grade(2, "C", "C")))],
                    "Cy",
                    "inherited from frame 1",
                )

        assert report_of(panel).graders == ("Ada", "Ben")


def test_second_looks_are_told_apart_from_agreement_with_others(panel: Project) -> None:
    with panel:
        again = datetime.now(UTC)
        for number, label in enumerate(panel.labels.current("Ada")[:12]):
            task = RepeatTask(label.frame_id, label.sha256, "rot90", label.id)
            said = label.entry if number else LabelEntry(Grade(6, "A", "A"))
            assert said is not None
            panel.repeats.record(task, "Ada", said, again + timedelta(seconds=number))

        part = report_of(panel, criteria=("expansion",)).criteria[0]

    assert [(found.grader, found.images) for found in part.within] == [("Ada", 12)]
    assert part.within[0].figures.percent.value == 11 / 12
    assert part.result.pairs[0].percent.value == 0.9


def test_the_reading_needs_no_knowledge_of_kappa_and_names_its_source(panel: Project) -> None:
    with panel:
        part = report_of(panel, criteria=("expansion",)).criteria[0]

    words = reading(part)

    assert words.startswith("Two of these graders give an image the same expansion in 90 % of cases (")
    assert "100 % of the differences are one step" in words
    assert "Krippendorff's (2004) rule" in words


def test_every_figure_is_in_the_files_and_the_page_says_what_it_may_be_used_for(
    panel: Project, tmp_path: Path
) -> None:
    with panel:
        report = report_of(panel)
    for name in ("a.json", "a.csv", "a.html"):
        write_agreement(report, tmp_path / name)

    value = json.loads((tmp_path / "a.json").read_text("utf-8"))
    with (tmp_path / "a.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    page = (tmp_path / "a.html").read_text("utf-8")

    expansion = value["criteria"]["expansion"]
    assert expansion["pairs"][0]["percent"]["value"] == 0.9
    assert expansion["matrices"]["percent"] == [[None, 0.9], [0.9, None]]
    assert sum(map(sum, expansion["confusion"][0]["counts"])) == 50
    found = {(line["criterion"], line["what"], line["figure"]): line["value"] for line in lines}
    assert found["expansion", "pair", "percent"] == "0.9000"
    assert found["icm", "all", "percent"] == "0.8750"
    assert RESEARCH_USE in page
    assert "http" not in page
    with pytest.raises(UserError, match=r"end its name in \.html"):
        write_agreement(report, tmp_path / "a.docx")


def test_models_of_errors_tell_graders_reliability_and_keep_single_images_out_of_files(
    panel: Project, tmp_path: Path
) -> None:
    with panel:
        report = report_of(panel, criteria=("group",))
    write_agreement(report, tmp_path / "a.json")

    written = json.loads((tmp_path / "a.json").read_text("utf-8"))["criteria"]["group"]["advice"]
    told = as_value(report, images=True)["criteria"]["group"]["advice"]

    assert [model["method"] for model in written] == ["one-coin", "dawid-skene"]
    assert all("images" not in model for model in written)
    assert all(0.7 < value <= 1 for value in written[1]["reliability"].values())
    assert all(sum(row.values()) == pytest.approx(1, abs=0.001) for row in told[1]["images"].values())
    assert len(told[1]["images"]) == 40


def test_a_grader_who_is_not_there_or_alone_is_a_sentence(panel: Project, tmp_path: Path) -> None:
    with panel:
        with pytest.raises(UserError, match="“Eva” has graded nothing in study; there are: Ada, Ben"):
            report_of(panel, graders=("Ada", "Eva"))
        with pytest.raises(UserError, match="needs two graders"):
            report_of(panel, graders=("Ada",))
        with pytest.raises(UserError, match="no criterion “zona”"):
            report_of(panel, criteria=("zona",))


def test_tables_of_graders_are_compared_criterion_by_criterion(tmp_path: Path) -> None:
    # The second line of Ben leaves the expansion out, as annotators of the Kromp set do; its letters count.
    (tmp_path / "Ada.csv").write_text("001_01.png,3,0,1\n001_02.png,0,3,3\n002_01.png,4,2,1\n")
    (tmp_path / "Ben.csv").write_text("001_01.png,3,1,1\n001_02.png,,0,2\n002_01.png,4,2,0\n")
    files = [tmp_path / "Ada.csv", tmp_path / "Ben.csv"]

    looks = looks_of_tables(files, load_scheme("gardner-3group"), "2 tables", r"(\d+)_")
    parts = {part.criterion: part.result for part in agreement_report(looks, resamples=0).criteria}

    assert looks.said["expansion"]["Ada"] == {"001_01.png": "4", "001_02.png": "1", "002_01.png": "5"}
    assert looks.said["icm"]["Ben"]["001_02.png"] == "A"
    assert (parts["expansion"].compared, parts["expansion"].embryos) == (2, 2)
    assert parts["icm"].pairs[0].percent.value == 0.5
    with pytest.raises(UserError, match=r"fits no image's name, such as 001_01\.png"):
        looks_of_tables(files, load_scheme("gardner-3group"), "t", "well")


def test_an_offset_is_said_with_a_reason_to_talk_first(tmp_path: Path) -> None:
    rows = [(f"{n:03}_01.png", n % 3) for n in range(60)]
    for name, step in (("Ada", 0), ("Ben", 0), ("Cy", 1)):
        text = "".join(f"{image},{value + step},0,0\n" for image, value in rows)
        (tmp_path / f"{name}.csv").write_text(text)
    looks = looks_of_tables(sorted(tmp_path.glob("*.csv")), load_scheme("gardner-3group"), "t")

    part = agreement_report(looks, ("expansion",), resamples=0).criteria[0]

    (finding,) = part.scales
    assert scale_sentence(finding) == (
        "Cy grades expansion one step higher than the median of the 2 others: of 60 grades 0 % are "
        "equal, and 100 % once moved back. It is an offset, not carelessness: agree on the definitions "
        "before leaving these grades out."
    )
    assert as_value(agreement_report(looks, resamples=0))["criteria"]["expansion"]["scales"][0]["step"] == 1
