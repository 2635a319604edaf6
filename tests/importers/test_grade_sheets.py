"""Grades in laboratories' own sheets: Excel and CSV, any column names, every line that is left out named."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from blasto_annotator.domain.errors import UserError
from blasto_annotator.importers.grade_tables import column_titles, read_grade_table
from blasto_annotator.importers.labels_csv import TableOptions, import_labels
from blasto_annotator.importers.run import import_source
from blasto_annotator.importers.sheets import read_sheet, worksheets
from blasto_annotator.importers.titles import UnclearTableError
from blasto_annotator.store import Project
from tests.importers.trees import frame


def workbook(path: Path, *lines: tuple[object, ...], sheet: str = "Grades") -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.title = sheet
    for line in lines:
        book.active.append(line)
    book.save(path)
    return path


@pytest.fixture
def stills(project: Project, tmp_path: Path) -> Path:
    root = tmp_path / "stills"
    for seed, name in enumerate(
        ("a/Blast 1.bmp", "a/Blast 2.bmp", "b/Blast 3.bmp", "a/twin.png", "b/twin.png")
    ):
        frame(root / name, seed)
    for plane in (-15, 0, 15):
        frame(root / "planes" / f"E7_{plane}.png", 50 + plane)
    import_source(project, root, "folder", {"pattern": r"\w+/(?P<embryo>[^_/]+?)(?:_(?P<plane>-?\d+))?\.\w+"})
    return root


def grades(project: Project) -> dict[str, str]:
    return {
        project.frames.get(label.frame_id).path: str(label.entry and label.entry.grade)
        for label in project.labels.current()
    }


def test_a_laboratorys_workbook_is_matched_by_file_name_stem_and_embryo(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    file = workbook(
        tmp_path / "grades.xlsx",
        ("Filename", "BE", "ICM", "TE", "Date", "Remarks"),
        ("Blast 1.BMP", 4, "A", "b", datetime.datetime(2023, 1, 2), None),  # noqa: DTZ001
        ("blast 2", 3.0, "B", "B", None, "nice"),
        (r"C:\pictures\b\Blast 3.bmp", 2, "C", "B", None, None),
        ("E7", 5, "A", "A", None, None),
        ("twin.png", 4, "A", "A", None, None),
        ("nobody.png", 4, "A", "A", None, None),
        ("Blast 1.bmp", "4AB?", "A", "A", None, None),
        (None, None, None, None, None, None),
    )
    report = import_labels(project, file, "Ana")
    assert grades(project) == {
        "a/Blast 1.bmp": "4AB",
        "a/Blast 2.bmp": "3BB",
        "b/Blast 3.bmp": "2CB",
        "planes/E7_0.png": "5AA",
    }
    assert report.imported == 4
    told = dict(problem.split(": ", 1) for problem in report.problems)
    assert told["Line 6"].startswith(
        "“twin.png” fits several frames, such as a/twin.png and b/twin.png; write"
    )
    assert told["Line 7"].startswith("“nobody.png” is no frame of this project: no path, file name or embryo")
    assert told["Line 8"].startswith("“4AB?AA” is not a Gardner grade")


def test_formulas_count_by_their_stored_value_and_are_named_where_they_have_none(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    file = workbook(
        tmp_path / "f.xlsx", ("Image", "EXP", "ICM", "TE"), ("Blast 1.bmp", "=2+2", "A", "B"),
        ("Blast 2.bmp", 3, "A", "B"),
    )  # fmt: skip
    report = import_labels(project, file, "Ana")
    assert grades(project) == {"a/Blast 2.bmp": "3AB"}
    assert report.problems == (
        "Line 2: the formula in “EXP” has no value; open and save it in a spreadsheet.",
    )


def test_a_whole_grade_in_one_column_and_columns_named_by_hand(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    file = tmp_path / "g.csv"
    file.write_text("Aufnahme;Urteil\nBlast 1.bmp;4 ab\nBlast 2.bmp;1\n", encoding="utf-8-sig")
    with pytest.raises(UserError, match="has no column “image” or “sha256” nor one such as Filename"):
        import_labels(project, file, "Ana")
    import_labels(project, file, "Ana", options=TableOptions({"image": "aufnahme", "grade": "Urteil"}))
    assert grades(project) == {"a/Blast 1.bmp": "4AB", "a/Blast 2.bmp": "1"}


@pytest.mark.parametrize(("coding", "said"), [("kromp", "5AB"), ("numbers", "4AA")])
def test_digits_for_letters_are_asked_about(
    project: Project, stills: Path, tmp_path: Path, coding: str, said: str
) -> None:
    line = {"kromp": "Blast 1.bmp,4,0,1", "numbers": "Blast 1.bmp,4,1,1"}[coding]
    file = tmp_path / "g.csv"
    file.write_text(f"Filename,BE,ICM,TE\n{line}\n")
    with pytest.raises(
        UserError, match=r"writes ICM and TE as digits \(\d.*\); write letters, or say whether 0 or 1"
    ):
        import_labels(project, file, "Ana")
    import_labels(project, file, "Ana", options=TableOptions(coding=coding))
    assert grades(project) == {"a/Blast 1.bmp": said}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (TableOptions({"image": "Photo"}), "has no column “Photo”; it has Filename, BE"),
        (TableOptions({"picture": "Filename"}), "No column can mean “picture”; use image, sha256"),
        (TableOptions({"image": ""}), "has no column “image” .* say which column names the image"),
        (TableOptions(coding="letters"), "There is no coding “letters”; use gardner, kromp, numbers"),
        (TableOptions(worksheet="Two"), "is no workbook and has no sheet “Two”"),
    ],
)
def test_wrong_answers_about_a_table_are_refused(
    project: Project, tmp_path: Path, options: TableOptions, sentence: str
) -> None:
    file = tmp_path / "g.csv"
    file.write_text("Filename,BE\na.png,4\n")
    with pytest.raises(UserError, match=sentence):
        import_labels(project, file, "Ana", options=options)


def test_the_reason_says_what_was_recognised(tmp_path: Path) -> None:
    file = workbook(tmp_path / "g.xlsx", ("Filename", "BE", "ICM", "TE"), ("a.png", 4, "A", "B"))
    assert read_grade_table(file).why == "Table of grades: 1 line; expansion 1 to 6, letters"
    raw = tmp_path / "Annotator_1.csv"
    raw.write_text("0048_01.png,3,1,0\n")
    assert read_grade_table(raw).why.startswith(
        "One grader's raw table of Kromp et al. 2023 (no header): 1 line"
    )


def test_digits_without_a_header_are_kromps_only_under_kromps_names(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    file = tmp_path / "h.csv"
    file.write_text("a/Blast 1.bmp,3,1,1\na/Blast 2.bmp,3,1,2\n")
    with pytest.raises(UnclearTableError, match="say whether 0 or 1 is A") as asked:
        import_labels(project, file, "Ana")
    assert asked.value.lacks == "coding"
    assert not grades(project)
    import_labels(project, file, "Ana", options=TableOptions(coding="numbers"))
    assert grades(project) == {"a/Blast 1.bmp": "3AA", "a/Blast 2.bmp": "3AB"}
    file.write_text("a/Blast 3.bmp,3,,\n")
    with pytest.raises(UnclearTableError, match="runs from 0 or from 1"):
        import_labels(project, file, "Ana")
    file.write_text("b/Blast 3.bmp,3,A,B\n")  # letters say what they are
    assert import_labels(project, file, "Ana").why.startswith("Table without a header")
    assert grades(project)["b/Blast 3.bmp"] == "3AB"


ABOVE = (("Embryo grading sheet, 2024",), ("", "", "", ""), ("Clinic", "Nord; Haus 2"))
BELOW = (("Filename", "BE", "ICM", "TE"), ("Blast 1.bmp", "4,0", "A", "B"), ("Blast 2.bmp", "3", "B", "Z"))


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_titles_are_found_below_lines_about_the_sheet(
    project: Project, stills: Path, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"sheet{suffix}"
    if suffix == ".csv":
        lines = [
            *(",".join(cells) for cells in ABOVE[:1]),
            *(";".join(cells) for cells in (*ABOVE[1:], *BELOW)),
        ]
        file.write_text("\n".join(lines))
    else:
        workbook(file, *ABOVE, *BELOW)
    report = import_labels(project, file, "Ana")
    assert grades(project) == {"a/Blast 1.bmp": "4AB"}
    assert "2 lines below the titles in line 4" in report.why
    assert report.header == 4
    assert report.problems[0].startswith("Line 6: ")


def test_titles_that_nobody_knows_are_offered_from_the_right_line(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    file = tmp_path / "sheet.csv"
    file.write_text("Sheet 7;;\n\nAufnahme;Urteil;Arzt\nBlast 1.bmp;4AB;Dr. X\n")
    with pytest.raises(UserError, match="say which column names the image"):
        import_labels(project, file, "Ana")
    assert column_titles(file) == ["Aufnahme", "Urteil", "Arzt"]
    named = TableOptions({"image": "Aufnahme", "grade": "Urteil"})
    assert import_labels(project, file, "Ana", options=named).imported == 1


def test_a_column_can_be_named_and_the_others_are_recognised(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    file = tmp_path / "sheet.csv"
    file.write_text("Image name,Path,Day 5,ICM,TE\nBlast 9.bmp,a/Blast 1.bmp,4,A,B\n")
    named = TableOptions({"expansion": "Day 5", "image": "path"})
    assert import_labels(project, file, "Ana", options=named).problems == ()
    assert grades(project) == {"a/Blast 1.bmp": "4AB"}


def test_two_columns_of_one_title_are_asked_about(project: Project, stills: Path, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    file.write_text("image,BE,ICM,ICM,TE\nBlast 1.bmp,4,A,B,C\n")
    with pytest.raises(UnclearTableError) as asked:
        import_labels(project, file, "Ana")
    assert "has 2 columns “ICM”; say which of them counts: “ICM (col. 3)” or “ICM (col. 4)”" in str(
        asked.value
    )
    assert asked.value.columns == {"image": "image", "expansion": "BE", "te": "TE"}
    with pytest.raises(UserError, match="say which of them counts"):
        import_labels(project, file, "Ana", options=TableOptions({"icm": "ICM"}))
    import_labels(project, file, "Ana", options=TableOptions({"icm": "ICM (col. 4)"}))
    assert grades(project) == {"a/Blast 1.bmp": "4BC"}


def test_another_worksheet_can_be_chosen(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "About"
    book.create_sheet("Scores").append(("Filename", "BE"))
    file = tmp_path / "two.xlsx"
    book.save(file)
    assert worksheets(file) == ["About", "Scores"]
    assert read_sheet(file).name == "two.xlsx, sheet Scores"  # the first that holds anything
    with pytest.raises(UserError, match="has no sheet “Marks”; it has “About”, “Scores”"):
        read_sheet(file, "Marks")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0", "is an old Excel file; save it as .xlsx or CSV"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0 encrypted", "is protected by a password or an old Excel file"),
        ("broken.xlsx", b"PK\x03\x04 and then nothing", "is no readable Excel workbook"),
        ("letter.xlsx", b"dear colleague", "is no readable Excel workbook"),
    ],
)
def test_workbooks_that_cannot_be_read_are_refused(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        read_grade_table(tmp_path / name)


def test_an_empty_or_absent_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is empty; its first line must name the columns"):
        read_grade_table(workbook(tmp_path / "empty.xlsx"))
    with pytest.raises(UserError, match=r"gone\.xlsx” cannot be read"):
        read_grade_table(tmp_path / "gone.xlsx")


def test_letters_that_a_laboratory_left_out_or_gave_early_are_kept_as_they_are(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    sheet = workbook(
        tmp_path / "lab.xlsx",
        ("Filename", "BE", "ICM", "TE"),
        ("Blast 1.bmp", 4, None, "B"),
        ("Blast 2.bmp", 3, "A", "not visible"),
        ("Blast 3.bmp", 5, "?", "-"),
        ("a/twin.png", None, "A", "B"),
        ("b/twin.png", 1, "A", "B"),
    )
    report = import_labels(project, sheet, "Ana")
    partial = {"a/Blast 1.bmp": "4?B", "a/Blast 2.bmp": "3A?", "b/Blast 3.bmp": "5"}
    assert grades(project) == {**partial, "b/twin.png": "1AB"}
    assert (report.imported, report.partial, report.early) == (4, 3, 1)
    assert report.remarks == (
        "3 lines without ICM or TE: kept as not assessed (such as 4?B), which makes no group.",
        "1 line with letters at an expansion too early for them: kept, but not counted.",
    )
    assert report.problems == ("Line 5: it has letters (AB) but no expansion; write one, 1 to 6.",)
    assert project.audit.verify() is None
    search = [row.name for row in project.search.embryos("grade:4?B", "Ana", project.scheme)]
    assert search == ["Blast 1"]
