"""Making projects, importing frames and labels: the program as a child process."""

from __future__ import annotations

import csv
import os
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.__main__ import main as start
from tests.cli.conftest import PATTERN, Program, write_frames

LABELS = "image,expansion,icm,te,gradable,reason\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_new_project_prints_its_folder_and_info_says_what_it_holds(
    program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "new study"

    made = program("new", folder, "--name", "Study №1", "--scheme", "gardner-9")

    assert made.out == f"{folder}\n"
    facts = program("info", folder, "--json").json
    assert (facts["name"], facts["scheme"], facts["frames"]) == ("Study №1", "gardner-9", 0)
    assert "frames: 0" in program("info", folder).out


def test_new_answers_scripts(program: Program, tmp_path: Path) -> None:
    made = program("new", tmp_path / "p", "--json").json

    assert Path(made["project"]) == tmp_path / "p"
    assert len(made["id"]) == 36


def test_an_import_is_reported_for_people_and_scripts_and_adds_nothing_twice(
    inside: Program, tmp_path: Path, frames: Path
) -> None:
    folder = tmp_path / "p"
    inside("new", folder)
    write(frames / "notes.txt", "no image")

    first = inside("import", folder, frames, "--pattern", PATTERN, "--json").json
    again = inside("import", folder, frames, "--pattern", PATTERN)

    assert (first["added"], first["known"], first["embryos"]) == (18, 0, 6)
    assert first["planes"] == [-15, 0, 15]
    assert first["rejected"][0]["path"] == "notes.txt"
    assert "0 frames added, 18 known already, 6 embryos, 3 focal planes" in again.out
    assert "notes.txt" in again.err


def test_an_import_says_why_it_read_so_and_lets_no_warning_of_a_library_through(
    program: Program, tmp_path: Path
) -> None:
    program("new", tmp_path / "p")
    for stage in ("Morula", "Blastocyst"):
        write_frames(tmp_path / "s" / stage, embryos=1, planes=(0,))
        (tmp_path / "s" / stage / "e0_0_1.png").rename(tmp_path / "s" / stage / "0001.png")
    cut = tmp_path / "s" / "Morula" / "0002.tif"
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(cut)
    cut.write_bytes(cut.read_bytes()[:60])

    said = program("import", tmp_path / "p", tmp_path / "s")

    assert "read as stills: images are numbered in folders called as classes (“Blastocyst”, " in said.out
    assert "0002.tif: is truncated" in said.err
    assert "Warning" not in said.err


def test_a_projects_folder_alone_opens_the_window_on_it(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[list[str]] = []
    monkeypatch.setattr("blasto_annotator.__main__._open_window", lambda names: opened.append(names) or 0)
    for folder in (tmp_path / "info", tmp_path / "gone"):
        folder.mkdir()
    (tmp_path / "gone").rmdir()
    monkeypatch.chdir(tmp_path)
    codes = {}
    for arguments in ((), (str(study),), ("./info",), ("info",), ("gone",), (str(study), "more")):
        monkeypatch.setattr("sys.argv", ["blasto-annotator", *arguments])
        codes[arguments] = start()

    assert opened == [[], [str(study)], ["./info"]]
    assert [codes[arguments] for arguments in (("info",), ("gone",), (str(study), "more"))] == [2, 2, 2]


def test_labels_go_in_and_come_out_with_all_their_columns(
    inside: Program, study: Path, tmp_path: Path
) -> None:
    table = write(tmp_path / "in.csv", f"{LABELS}e0_0_1.png,4,A,B,,\ne1_0_1.png,,,,no,out of focus\n")

    first = inside("labels", "import", study, table, "--grader", "Ana", "--json").json
    again = inside("labels", "import", study, table, "--grader", "Ana")
    inside("labels", "export", study, tmp_path / "out.csv")

    assert (first["imported"], first["problems"]) == (2, [])
    assert "0 labels imported, 2 stood already" in again.out
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert ",".join(rows[0]).startswith(
        "image,sha256,embryo,plane,hpi,expansion,icm,te,group,gradable,reason,grader,time_utc,source,"
    )
    assert [(row["image"], row["group"], row["grader"]) for row in rows] == [
        ("e0_0_1.png", "good", "Ana"),
        ("e1_0_1.png", "", "Ana"),
    ]


def test_a_wrong_line_is_named_and_the_good_ones_go_in(inside: Program, study: Path, tmp_path: Path) -> None:
    table = write(tmp_path / "in.csv", f"{LABELS}e0_0_1.png,4,A,,,\nabsent.png,4,A,B,,\n")

    done = inside("labels", "import", study, table, "--grader", "Ana")

    assert "1 label imported, 0 stood already." in done.out
    assert "1 line without ICM or TE: kept as not assessed" in done.out
    assert "absent.png" in done.err
    (listed,) = inside("labels", "imports", study, "--json").json
    assert (listed["grader"], listed["labels"], listed["standing"]) == ("Ana", 1, 1)
    assert inside("labels", "take-back", study, listed["number"]).out.strip() == "1 label taken back."
    assert "Ana: 1 labels, 0 stand" in inside("labels", "imports", study).out
    assert "Nothing of import" in inside("labels", "take-back", study, listed["number"], code=1).sentence


def test_digits_are_never_guessed_and_how_a_table_was_read_is_said(
    inside: Program, study: Path, tmp_path: Path
) -> None:
    table = write(tmp_path / "in.csv", "e0_0_1.png,3,1,1\ne1_0_1.png,3,1,2\n")
    take = ("labels", "import", study, table, "--grader", "Ana")

    asked = inside(*take, code=1)
    taken = inside(*take, "--coding", "numbers")
    again = inside(*take, "--coding", "numbers", "--json").json

    assert "say whether 0 or 1 is A (--coding kromp: 0 is A, " in asked.sentence
    read, counts = taken.out.splitlines()
    assert read.startswith("Table without a header, taken as image, expansion, ICM, TE: 2 lines; ")
    assert counts == "2 labels imported, 0 stood already."
    assert (again["skipped"], again["coding"], again["header_line"]) == (2, "numbers", None)
    assert again["columns"] == {"image": "image", "expansion": "expansion", "icm": "icm", "te": "te"}


def test_what_columns_mean_is_asked_in_the_words_of_the_command_line(
    inside: Program, study: Path, tmp_path: Path
) -> None:
    table = write(tmp_path / "in.csv", "Grading 2026;;\n\nAufnahme;Urteil;TE\ne0_0_1.png;1;\ne1_0_1.png;;\n")
    take = ("labels", "import", study, table, "--grader", "Ana")

    asked = inside(*take, code=1)
    taken = inside(*take, "--columns", "image=Aufnahme,expansion=Urteil")

    assert "(--columns FIELD=TITLE,...)" in asked.sentence
    assert "titles in line 3" in taken.out
    assert "1 label imported, 0 stood already, 1 line without a grade." in taken.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("info", "nowhere"), "nowhere"),
        (("new", "study"), "holds a project already"),
        (("new", "p", "--scheme", "veeck"), "veeck"),
        (("import", "study", "nowhere"), "nowhere"),
        (("import", "study", "empty"), "no images"),
        (("import", "study", "frames", "--layout", "tarot"), "tarot"),
        (("import", "study", "frames", "--pattern", "(?P<embryo>"), "pattern"),
        (("import", "study", "frames", "--preset", "tarot"), "tarot"),
        (("labels", "import", "study", "none.csv", "--grader", "Ana"), "none.csv"),
        (("labels", "import", "study", "bad.csv", "--grader", "Ana"), "No line of"),
        (("labels", "import", "study", "bad.csv", "--grader", " "), "grader"),
        (("labels", "export", "study", "absent/out.csv"), "out.csv"),
        (("snapshot", "study", "--planes", "middle"), "--planes"),
        (("retrain", "study", "--preset", "turbo"), "turbo"),
        (("retrain", "study", "--snapshot", "ffff"), "Snapshot ffff does not exist"),
        (("resume", "study", "latest"), "latest"),
        (("generate", "study", "--run", "latest", "--per-class", "1"), "latest"),
        (("promote", "study", "latest"), "latest"),
        (
            ("reviews", "import", "study", "bad.csv", "--reviewer", "Ana", "--batch", "latest"),
            "no batch latest",
        ),
        (("report", "review", "study"), "No image has been rated"),
        (("demo", "study", "--headless"), "real frames"),
        (("demo", "d", "--headless", "--size", "huge"), "huge"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(
    inside: Program, study: Path, frames: Path, arguments: tuple[str, ...], words: str
) -> None:
    bad = write(study.parent / "bad.csv", f"{LABELS}e0_0_1.png,9,A,B,,\n")
    (study.parent / "empty").mkdir()
    places = {"study": study, "frames": frames, "bad.csv": bad, "empty": study.parent / "empty"}

    refused = inside(*(places.get(part, part) for part in arguments), code=1)

    assert words in refused.sentence
    assert refused.sentence.endswith(".")


@pytest.mark.parametrize(
    "arguments",
    [("fly",), ("new",), ("snapshot", "p", "--size", "big"), ("generate", "p", "--run", "latest")],
)
def test_wrong_usage_is_exit_code_2_with_the_form_on_stderr(
    inside: Program, arguments: tuple[str, ...]
) -> None:
    refused = inside(*arguments, code=2)

    assert refused.out == ""
    assert "Usage" in refused.err


def test_a_damaged_database_is_named_and_left_as_it_is(inside: Program, study: Path) -> None:
    database = study / "project.db"
    for name in ("project.db-wal", "project.db-shm"):
        (study / name).unlink(missing_ok=True)
    database.write_bytes(b"not a database" * 500)

    refused = inside("info", study, code=1)

    assert "project.db" in refused.sentence
    assert database.read_bytes() == b"not a database" * 500


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom the system can refuse a folder"
)
def test_a_folder_that_may_not_be_written_is_named(inside: Program, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)

    assert str(closed / "p") in inside("new", closed / "p", code=1).sentence


def test_the_audit_trail_shows_what_was_done_and_names_an_edit_behind_its_back(
    inside: Program, study: Path
) -> None:
    assert "is whole" in inside("audit", "verify", study).out
    with sqlite3.connect(study / "project.db") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE audit SET who = 'nobody' WHERE id = 1")
    database.close()

    refused = inside("audit", "verify", study, code=1)

    assert "broken at row 1" in refused.sentence


def test_help_of_the_program_and_its_version(program: Program) -> None:
    text = program("--help").out
    assert all(word in text for word in ("Research use only", "Examples", "Exit codes", "retrain", "demo"))
    assert program("--version").out.strip() == "0.1.0"


def test_help_and_answers_load_neither_torch_nor_qt(program: Program, study: Path, tmp_path: Path) -> None:
    script = tmp_path / "loaded.py"
    write(
        script,
        "import sys\n"
        "from blasto_annotator.cli.main import main\n"
        f"for line in (['--help'], ['info', {str(study)!r}], ['runs', {str(study)!r}]):\n"
        "    assert main(line) == 0\n"
        "print(sorted({'torch', 'PySide6'} & set(sys.modules)), file=sys.stderr)\n",
    )
    import subprocess

    from tests.cli.conftest import environment

    done = subprocess.run(
        [sys.executable, str(script)], env=environment(tmp_path), capture_output=True, text=True, check=True
    )

    assert done.stderr.strip().endswith("[]")


def test_another_scheme_is_taken_and_told(inside: Program, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    inside("new", folder)

    assert inside("scheme", folder).out.startswith("gardner-3group: ")
    inside("scheme", folder, "istanbul-2025")

    assert inside("scheme", folder, "--json").json["scheme"] == "istanbul-2025"
    assert "choose one of" in inside("scheme", folder, "none-such", code=1).sentence
