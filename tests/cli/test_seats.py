"""Servers, graders, assignments and the trail from the command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project
from tests.cli.conftest import Program
from tests.postgresql import Server


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """A closed project with a few embryos and labels."""
    from tests.store.conftest import imported

    with Project.create(tmp_path / "study") as made:
        source = made.frames.add_source(tmp_path / "frames", "folder")
        made.frames.add(source, [imported(f"E{i}", 1, 0) for i in range(10)])
        for number in range(5):
            made.labels.record(number + 1, f"{number:064x}", "Ana", LabelEntry(parse_grade("4AB")))
    return tmp_path / "study"


def test_a_project_goes_to_a_server_gets_a_second_seat_and_comes_back(
    inside: Program, graded: Path, postgresql: Server, tmp_path: Path
) -> None:
    url = postgresql.new_database()

    moved = inside("move", graded, "--to", url, "--json")
    assert moved.json["to"].startswith("the database test")
    joined = inside("join", tmp_path / "seat 2", "--database", url, "--json")
    assert joined.json["id"] == inside("info", graded, "--json").json["id"]
    assert inside("info", tmp_path / "seat 2", "--json").json["labels"] == 5
    back = inside("move", graded, "--to", "file")
    assert "moved to" in back.out
    assert inside("audit", "verify", graded).code == 0
    assert "was moved to the folder" in inside("info", tmp_path / "seat 2", code=1).sentence


def test_a_new_project_on_a_server_says_where_the_password_belongs(
    inside: Program, postgresql: Server, tmp_path: Path
) -> None:
    url = postgresql.new_database().replace("blasto@", "blasto:secret@")

    made = inside("new", tmp_path / "p", "--database", url)

    assert made.code == 0
    assert "PASSWORD with it into" in made.err.replace("\n", " ")
    assert "secret" not in made.out + made.err
    assert "secret" not in (tmp_path / "p" / "database.toml").read_text()


def test_graders_are_added_guarded_and_closed(
    inside: Program, graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inside("graders", "add", graded, "Eva", "--adjudicates").code == 0
    assert inside("graders", "add", graded, "Ben", "--adjudicates").code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("2718\n"))
    assert inside("graders", "pin", graded, "Ben").out == "Ben has a new PIN.\n"
    assert inside("graders", "change", graded, "Ben", "--active", "no").code == 0

    assert inside("graders", "list", graded).out.splitlines() == [
        "Ben, PIN, adjudicates, closed",
        "Eva, adjudicates",
        "Ana, labels only (no account)",
    ]
    assert inside("graders", "repeats", graded, "--share", "0.1", "--json").json["share"] == 0.1
    last = inside("graders", "change", graded, "Eva", "--adjudicates", "no", code=1)
    assert last.sentence.startswith("Eva is the only one who may adjudicate")
    assert "no grader Zoe" in inside("graders", "change", graded, "Zoe", "--active", "no", code=1).sentence


def test_embryos_are_dealt_out(inside: Program, graded: Path) -> None:
    for name in ("Ana", "Ben"):
        inside("graders", "add", graded, name)
    typo = inside("assign", "plan", graded, "--graders", "Ana,Bem", code=1)
    assert "no grader Bem (accounts: Ana, Ben)" in typo.sentence
    dealt = inside("assign", "plan", graded, "--graders", "Ana, Ben", "--overlap", "0.5", "--json").json

    assert [share["grader"] for share in dealt["shares"]] == ["Ana", "Ben"]
    assert [share["shared"] for share in dealt["shares"]] == [5, 5]
    assert dealt["unassigned"] == 0
    assert dealt["labelled"] == {share["grader"]: share["labelled"] for share in dealt["shares"]}
    assert dealt["labelled"]["Ana"] > 0
    assert f"{dealt['labelled']['Ana']} labelled" in inside("assign", "show", graded).out
    assert inside("assign", "extend", graded).code == 0
    assert inside("assign", "clear", graded).code == 0
    after = inside("assign", "show", graded).out
    assert "not dealt out" in after
    assert "Ana: 5 moments labelled" in after


def test_the_trail_is_listed_and_checked(inside: Program, graded: Path) -> None:
    rows = inside("audit", "list", graded, "--who", "Ana", "--action", "label", "--json").json
    assert [row["subject"] for row in rows] == [f"frame:{number}" for number in (5, 4, 3, 2, 1)]
    assert inside("audit", "list", graded, "--until", "2020-01-01").out == ""
    assert "is no date" in inside("audit", "list", graded, "--since", "soon", code=1).sentence
    assert "newest 3 were checked" in inside("audit", "verify", graded, "--tail", "3").out


def test_an_export_is_signed_and_checked(inside: Program, graded: Path, tmp_path: Path) -> None:
    told = inside("labels", "export", graded, tmp_path / "out", "--format", "csv", "--json").json
    assert told["exported"] == 5

    checked = inside("audit", "verify-export", tmp_path / "out", "--key", told["fingerprint"])
    assert checked.code == 0
    (tmp_path / "out" / "labels.csv").write_text("")
    assert "labels.csv" in inside("audit", "verify-export", tmp_path / "out", code=1).sentence
