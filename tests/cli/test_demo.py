"""The demonstration: the window where there is a display, the whole loop where there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from blasto_annotator.cli.main import main
from blasto_annotator.sample import project as sample
from blasto_annotator.sample.cohort import SampleSpec
from blasto_annotator.store import Project
from tests.cli.conftest import Program


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws 24 small frames where the real sample draws hundreds."""
    spec = SampleSpec(embryos_per_group=2, moments=4, planes=(0,), size=96)
    monkeypatch.setitem(sample.SIZES, "small", spec)


def test_without_a_display_the_whole_loop_is_walked_and_what_it_did_is_said(
    inside: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "demo"

    done = inside("demo", folder, "--headless", "--kimg", 0.02, "--per-class", 4, "--json")

    facts = done.json
    assert (facts["frames"], facts["labels"], facts["images_generated"]) == (24, 24, 12)
    assert facts["kimg"] == pytest.approx(0.02, abs=0.02)
    assert facts["second_snapshot"]
    assert [row["class"] for row in facts["review"]][-1] == "pooled"
    assert all((folder / "snapshots" / facts[name]).is_dir() for name in ("snapshot", "second_snapshot"))
    assert "drawn embryos, not photographs" in done.err
    assert "Train StyleGAN2-ADA on " in done.err
    assert "simulated verdicts, for the demonstration" in done.err
    with Project.open(folder) as project:
        assert project.is_sample
        assert {review.reviewer for review in project.reviews.current()} == {"simulated (no expert)"}

    again = inside("demo", folder, "--headless", "--kimg", 0.02, "--per-class", 1)
    assert "Drawing" not in again.err
    assert f"starting from run {facts['run']}'s model" in again.err
    assert "simulated verdicts" in again.out


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_the_window_opens_on_the_sample_where_there_is_a_display(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[list[str]] = []
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")

    code = main(["demo", str(tmp_path / "demo")], open_window=lambda arguments: opened.append(arguments) or 0)

    assert code == 0
    assert opened == [[str(tmp_path / "demo")]]
    with Project.open(tmp_path / "demo") as project:
        assert project.frames.count() == 24


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_a_machine_without_display_is_told_that_it_goes_without(
    monkeypatch: pytest.MonkeyPatch, inside: Program, tmp_path: Path
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    told = inside("demo", tmp_path / "demo", "--size", "huge", code=1)

    assert told.err.startswith("There is no display: walking the loop without the window.")


def test_an_interrupted_drawing_is_completed(
    tmp_path: Path, inside: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"

    def give_up(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample.open_sample_project(folder, sample.Readers(print, print), progress=give_up)
    monkeypatch.setenv("DISPLAY", ":0")

    assert main(["demo", str(folder)], open_window=lambda arguments: 0) == 0
    with Project.open(folder) as project:
        assert (project.frames.count(), len(project.labels.current())) == (24, 24)
