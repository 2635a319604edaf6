"""Labels as CSV: what goes out comes in again, and each bad line is named."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.importers.labels_csv import TableOptions, import_labels
from blasto_annotator.importers.labels_table import COLUMNS, export_labels
from blasto_annotator.importers.run import import_source
from blasto_annotator.sample.cohort import SampleSpec
from blasto_annotator.sample.writer import write_gomez_tree
from blasto_annotator.store import Project
from tests.importers.trees import frame, gomez

ISSUE_COLUMNS = "image,sha256,embryo,plane,hpi,expansion,icm,te,group,gradable,reason,grader,time_utc"


@pytest.fixture
def stills(tmp_path: Path) -> Path:
    root = tmp_path / "stills"
    for seed in range(4):
        frame(root / f"эмбрион {seed}" / "кадр 1.png", seed)
    return root


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def grades(project: Project, grader: str | None = None) -> dict[str, str]:
    found = {}
    for label in project.labels.current(grader):
        assert label.entry is not None
        said = str(label.entry.grade or label.entry.reason)
        found[project.frames.get(label.frame_id).path] = said
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_labels_are_recorded_by_image_name(project: Project, stills: Path, tmp_path: Path) -> None:
    import_source(project, stills)
    file = table(
        tmp_path / "l.csv",
        "image,expansion,icm,te,gradable,reason\n"
        "эмбрион 0/кадр 1.png,4,A,B,,\n"
        "эмбрион 1/кадр 1.png,1,,,yes,\n"
        "эмбрион 2/кадр 1.png,,,,no,out of focus\n"
        "эмбрион 3/кадр 1.png,,,,,\n",
    )
    report = import_labels(project, file, "Ольга")
    assert (report.imported, report.skipped, report.empty, report.problems) == (3, 0, 1, ())
    assert grades(project, "Ольга") == {
        "эмбрион 0/кадр 1.png": "4AB",
        "эмбрион 1/кадр 1.png": "1",
        "эмбрион 2/кадр 1.png": "out of focus",
    }


def test_a_second_import_of_the_same_table_records_nothing(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    import_source(project, stills)
    file = table(tmp_path / "l.csv", "image,expansion,icm,te\nэмбрион 0/кадр 1.png,4,A,B\n")
    import_labels(project, file, "anna")
    again = import_labels(project, file, "anna")
    assert (again.imported, again.skipped) == (0, 1)
    assert len(project.labels.history(project.labels.current()[0].sha256)) == 1


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8-sig", "Image;Expansion;ICM;TE;\r\nэмбрион 0\\кадр 1.png;4.0;a;b;\r\n\r\n"),
        ("utf-16", "image\texpansion\ticm\tte\nэмбрион 0/кадр 1.png\t4\tA\tB\n"),
        ("utf-8", '"image","expansion","icm","te"\n"./эмбрион 0/кадр 1.png","4","A","B"\n'),
    ],
)
def test_tables_are_read_as_spreadsheets_write_them(
    project: Project, stills: Path, tmp_path: Path, encoding: str, text: str
) -> None:
    import_source(project, stills)
    assert import_labels(project, table(tmp_path / "l.csv", text, encoding), "anna").problems == ()
    assert grades(project) == {"эмбрион 0/кадр 1.png": "4AB"}


def test_each_bad_line_is_named_and_the_good_ones_go_in(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    import_source(project, stills)
    name = "эмбрион {}/кадр 1.png"
    file = table(
        tmp_path / "l.csv",
        "image,expansion,icm,te,gradable,reason\n"
        f"{name.format(0)},4,A,B,,\n"
        "нет такого.png,4,A,B,,\n"
        f"{name.format(1)},7,A,B,,\n"
        f"{name.format(1)},,A,B,,\n"
        f"{name.format(1)},,,,no,\n"
        f"{name.format(1)},4,A,B,no,\n"
        f"{name.format(1)},4,A,B,perhaps,\n"
        f"{name.format(1)},4,A,D,,\n"
        f"{name.format(0)},3,C,C,,\n"
        ",4,A,B,,\n",
    )
    report = import_labels(project, file, "anna")
    assert report.imported == 1
    assert [problem.split(":")[0] for problem in report.problems] == [f"Line {n}" for n in range(3, 12)]
    expected = (
        "is no frame of this project", "not a Gardner grade", "letters (AB) but no expansion",
        "needs a reason", "not gradable at once", "neither yes nor no", "has no letter D",
        "line 2 says otherwise", "names no image",
    )  # fmt: skip
    for problem, words in zip(report.problems, expected, strict=True):
        assert words in problem
    assert grades(project) == {name.format(0): "4AB"}


def test_the_export_has_the_promised_columns_and_comes_in_again(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    import_source(project, stills)
    entries = [
        LabelEntry(Grade(4, "A", "B")),
        LabelEntry(Grade(4, None, "C")),
        LabelEntry(None, "empty well"),
    ]
    for number, entry in enumerate(entries):
        (one,) = project.frames.by_path(f"эмбрион {number}/кадр 1.png")
        project.labels.record(one.id, project.frames.ensure_hash(one.id), "anna", entry)
    file = tmp_path / "out.csv"
    assert export_labels(project, file) == 3
    assert ",".join(COLUMNS) == file.read_text(encoding="utf-8").splitlines()[0]
    assert ",".join(COLUMNS).startswith(f"{ISSUE_COLUMNS},")
    first, hidden, empty = rows(file)
    assert (first["expansion"], first["icm"], first["te"], first["group"]) == ("4", "A", "B", "good")
    assert (hidden["expansion"], hidden["icm"], hidden["te"], hidden["group"]) == ("4", "", "C", "")
    assert (empty["gradable"], empty["reason"], empty["grader"]) == ("no", "empty well", "anna")
    assert first["time_utc"].endswith("+00:00")

    with Project.create(tmp_path / "second") as second:
        import_source(second, stills)
        assert import_labels(second, file, "bea").problems == ()
        assert grades(second, "bea") == grades(project, "anna")


def test_a_content_hash_alone_names_the_frame_of_a_moved_source(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    import_source(project, stills)
    (one,) = project.frames.by_path("эмбрион 2/кадр 1.png")
    project.labels.record(one.id, project.frames.ensure_hash(one.id), "anna", LabelEntry(Grade(3, "B", "B")))
    export_labels(project, tmp_path / "out.csv")
    (tmp_path / "hash.csv").write_text(
        "sha256,expansion,icm,te\n" + rows(tmp_path / "out.csv")[0]["sha256"] + ",3,B,B\n"
    )
    moved = tmp_path / "elsewhere"
    shutil.copytree(stills / "эмбрион 2", moved / "renamed")
    with Project.create(tmp_path / "second") as second:
        import_source(second, moved)
        report = import_labels(second, tmp_path / "hash.csv", "bea")
        assert (report.imported, report.problems) == (1, ())
        assert grades(second) == {"renamed/кадр 1.png": "3BB"}


def test_one_name_in_two_sources_needs_its_hash(project: Project, tmp_path: Path) -> None:
    for seed, name in enumerate(("left", "right")):
        frame(tmp_path / name / "a.png", seed)
        import_source(project, tmp_path / name)
    text = "image,sha256,expansion,icm,te\na.png,{},4,A,A\n"
    report = import_labels(project, table(tmp_path / "l.csv", text.format("")), "anna")
    assert report.imported == 0
    assert "“a.png” is in “left” and “right”; add the column source or sha256" in report.problems[0]
    right = project.frames.by_path("a.png")[1]
    sha256 = project.frames.ensure_hash(right.id)
    assert import_labels(project, table(tmp_path / "l.csv", text.format(sha256)), "anna").imported == 1
    assert project.labels.current()[0].frame_id == right.id


def test_what_a_grader_remarked_and_saw_goes_out_and_his_notes_come_in_again(
    project: Project, tmp_path: Path
) -> None:
    for seed, name in enumerate(("left", "right")):
        frame(tmp_path / name / "a.png", seed)
        made = project.frames.add_source(tmp_path / name, "folder")
        project.frames.add(made, [ImportedFrame("a.png", f"E{seed}", couple="C7", phase="tB")])
    first, second = project.frames.by_path("a.png")
    note = 'looks "collapsed",\nask; tomorrow'
    entry = LabelEntry(Grade(4, "A", "B"), note=note, view={"zoom": 2.0})
    project.labels.record(second.id, project.frames.ensure_hash(second.id), "anna", entry)
    other = LabelEntry(Grade(1))
    project.labels.record(first.id, project.frames.ensure_hash(first.id), "anna", other)
    project.flags.put(second.id, project.frames.ensure_hash(second.id), "bea", "ask a colleague", note="ICM?")
    out = tmp_path / "out.csv"
    export_labels(project, out)
    plain, full = rows(out)
    assert (full["source"], full["couple"], full["phase"], full["note"]) == ("right", "C7", "tB", note)
    assert (full["flags"], full["on_screen"]) == ("ask a colleague (bea: ICM?)", '{"zoom": 2.0}')
    assert (plain["source"], plain["note"], plain["flags"], plain["on_screen"]) == ("left", "", "", "")

    nameless = TableOptions({"sha256": ""})  # the source alone tells the two apart
    assert import_labels(project, out, "anna", options=nameless).skipped == 2
    assert import_labels(project, out, "cleo", options=nameless).imported == 2
    taken = {label.frame_id: label.entry for label in project.labels.current("cleo")}
    assert taken[second.id] == LabelEntry(Grade(4, "A", "B"), note=note)
    assert taken[first.id] == LabelEntry(Grade(1))


def test_a_table_without_notes_takes_none_away(project: Project, stills: Path, tmp_path: Path) -> None:
    import_source(project, stills)
    (one,) = project.frames.by_path("эмбрион 0/кадр 1.png")
    sha256 = project.frames.ensure_hash(one.id)
    project.labels.record(one.id, sha256, "anna", LabelEntry(Grade(4, "A", "B"), note="vacuoles"))
    file = tmp_path / "l.csv"
    for text, imported in (("4,A,B", 0), ("4,B,B", 1)):
        report = import_labels(project, table(file, f"image,expansion,icm,te\n{one.path},{text}\n"), "anna")
        assert report.imported == imported
    current = project.labels.current_of(sha256, "anna")
    assert current is not None
    assert current.entry == LabelEntry(Grade(4, "B", "B"), note="vacuoles")


def test_a_changed_file_does_not_take_a_label_of_its_old_content(
    project: Project, stills: Path, tmp_path: Path
) -> None:
    import_source(project, stills)
    text = f"image,sha256,expansion,icm,te\nэмбрион 0/кадр 1.png,{'0' * 64},4,A,A\n"
    report = import_labels(project, table(tmp_path / "l.csv", text), "anna")
    assert report.imported == 0
    assert "the file has changed" in report.problems[0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty; its first line must name the columns"),
        (b"holiday,grade\na.png,4AB\n", "has no column “image” or “sha256”"),
        (b"image,weather\na.png,sunny\n", "has no column of grades"),
        (b"PK\x03\x04\0\0\0", "is not a text file; save the table as CSV"),
    ],
)
def test_a_file_that_is_no_label_table_is_refused(
    project: Project, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "l.csv").write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        import_labels(project, tmp_path / "l.csv", "anna")


def test_missing_files_and_graders_are_said(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        import_labels(project, tmp_path / "gone.csv", "anna")
    with pytest.raises(UserError, match="Nobody is named as grader"):
        import_labels(project, table(tmp_path / "l.csv", "image\n"), " ")
    with pytest.raises(UserError, match="cannot be written"):
        export_labels(project, tmp_path / "no such folder" / "out.csv")


def test_the_drawn_samples_truth_is_read_without_a_problem(project: Project, tmp_path: Path) -> None:
    sample = write_gomez_tree(
        tmp_path / "drawn", SampleSpec(embryos_per_group=1, moments=3, planes=(0,), size=64)
    )
    import_source(project, sample.folder)
    report = import_labels(project, sample.truth, "drawn")
    assert (report.imported, report.problems) == (len(sample.frames), ())


def test_the_real_letters_label_all_real_frames(project: Project, shared_data: Path, tmp_path: Path) -> None:
    """A script's way: STORK's letters (without the minus) at expansion 4 for its digit 3, else 2."""
    import_source(project, shared_data / "stork")
    lines = ["image,expansion,icm,te"]
    for row in rows(shared_data / "stork" / "labels.csv"):
        lines.append(
            f"{row['file']},{4 if row['expansion'] == '3' else 2},{row['icm_raw'][0]},{row['te_raw'][0]}"
        )
    report = import_labels(project, table(tmp_path / "l.csv", "\n".join(lines)), "script")
    assert (report.imported, report.problems) == (98, ())


def test_gomez_frames_export_their_plane_and_time(project: Project, tmp_path: Path) -> None:
    import_source(project, gomez(tmp_path / "Gomez", runs=2))
    first = project.frames.of_embryo(project.frames.embryos()[0].id)[0]
    project.labels.record(
        first.id, project.frames.ensure_hash(first.id), "anna", LabelEntry(Grade(4, "A", "B"))
    )
    export_labels(project, tmp_path / "out.csv")
    (row,) = rows(tmp_path / "out.csv")
    assert (row["embryo"], row["plane"], row["hpi"]) == ("AA83-7", "-15", "100.5")
