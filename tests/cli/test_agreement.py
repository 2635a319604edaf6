"""`agreement` as a person and as a script see it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Program


def two_tables(folder: Path) -> list[str]:
    for name, last in (("Ada", 1), ("Ben", 2)):
        lines = [f"{n:04d}_01.png,{n % 5},{n % 3},{1 if n != 3 else last}" for n in range(40)]
        (folder / f"{name}.csv").write_text("\n".join(lines))
    return ["--from-csv", str(folder / "Ada.csv"), "--from-csv", str(folder / "Ben.csv")]


def test_the_table_says_what_it_means_and_json_has_everything(
    inside: Program, study: Path, tmp_path: Path
) -> None:
    tables = two_tables(tmp_path)

    shown = inside("agreement", study, *tables, "--criterion", "TE", "--bootstrap", 50)
    value = inside("agreement", study, *tables, "--json", "--bootstrap", 0).json

    assert "Two of these graders give an image the same TE in" in shown.out
    assert "Gwet's AC1" in shown.out
    assert list(value["criteria"]) == ["expansion", "icm", "te", "group"]
    assert value["criteria"]["te"]["pairs"][0]["percent"]["value"] == 31 / 32  # expansion 1 has no letters
    assert value["criteria"]["te"]["pairs"][0]["percent"]["low"] is None
    assert value["graders"] == ["Ada", "Ben"]


def test_digits_that_could_mean_two_things_are_read_as_one_says(
    inside: Program, study: Path, tmp_path: Path
) -> None:
    tables = two_tables(tmp_path)
    for file in tmp_path.glob("*.csv"):
        file.write_text(file.read_text().replace("_01.png", "-of-ours.png"))

    assert "whether 0 or 1 is A" in inside("agreement", study, *tables, code=1).sentence
    value = inside("agreement", study, *tables, "--coding", "kromp", "--bootstrap", 0, "--json").json
    assert value["criteria"]["te"]["pairs"][0]["shared"] == 32


def test_a_report_is_written_and_its_path_printed(inside: Program, study: Path, tmp_path: Path) -> None:
    file = tmp_path / "agreement.html"

    said = inside("agreement", study, *two_tables(tmp_path), "--out", file, "--bootstrap", 20)

    assert said.out.strip() == str(file)
    assert "Research use only" in file.read_text("utf-8")


def test_a_project_without_labels_says_what_is_needed(inside: Program, study: Path) -> None:
    assert "agreement needs two graders" in inside("agreement", study, code=1).sentence


def test_a_snapshot_follows_the_chosen_way_and_refuses_another(
    inside: Program, study: Path, tmp_path: Path
) -> None:
    for grader, icm in (("Ada", "A"), ("Ben", "C"), ("Cy", "C")):
        table = tmp_path / f"{grader}.csv"
        rows = [f"e{n}_0_1.png,4,{icm},A" for n in range(6)]
        table.write_text("\n".join(["image,expansion,icm,te", *rows]))
        inside("labels", "import", study, table, "--grader", grader)
    common = ("snapshot", study, "--size", 16, "--thin", 0, "--json", "--labels-by")

    majority = inside(*common, "majority").json["counts"]
    ada = inside(*common, "grader:Ada").json["counts"]

    assert sum(counts["poor"] for counts in majority.values()) == 6
    assert sum(counts["good"] for counts in ada.values()) == 6
    assert "use adjudicated, majority" in inside(*common, "newest", code=1).sentence
