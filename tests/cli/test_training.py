"""Training, generating and reviewing by the command line, with real trainers on small frames."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blasto_annotator.store import Project
from gan.contract.batch_folder import PROVENANCE_FILE
from gan.contract.events import read_events
from gan.contract.run_folder import RunFolder, RunState
from tests.cli.conftest import Program, environment, label_all
from tests.conftest import end_trainers


@pytest.fixture
def labelled(study: Path, tmp_path: Path) -> Iterator[Path]:
    """The project with a label for every frame, two embryos a group; its trainers end with the test."""
    with Project.open(study) as project:
        label_all(project, tmp_path / "labels.csv")
    yield study
    end_trainers(study / "runs")


def retrain(study: Path, *options: str, home: Path) -> subprocess.Popen[str]:
    """A training in a terminal of its own."""
    command = [
        sys.executable,
        "-m",
        "blasto_annotator",
        "retrain",
        str(study),
        "--preset",
        "cpu-quick",
        *options,
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home),
        cwd=home,
        preexec_fn=_hear_ctrl_c if sys.platform != "win32" else None,
    )


def _hear_ctrl_c() -> None:
    """A shell's background job, such as a test run may be, ignores Ctrl+C and its children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_training_prints_its_folder_and_says_first_what_it_will_do(
    inside: Program, labelled: Path, tmp_path: Path
) -> None:
    done = inside("retrain", labelled, "--preset", "cpu-quick", "--kimg", 0.02)

    run = RunFolder(Path(done.out.strip()))
    assert run.state() is RunState.FINISHED
    sentence, *progress = done.err.splitlines()
    assert sentence.startswith("Train StyleGAN2-ADA on ")
    assert " at 32 px, starting from scratch, on " in sentence
    assert any("of 0.02 kimg" in line for line in progress)
    listed = inside("runs", labelled, "--json").json
    assert [(row["name"], row["state"], row["preset"]) for row in listed] == [
        (run.path.name, "finished", "cpu-quick")
    ]
    assert "finished" in inside("runs", labelled).out
    assert "has reached its goal" in inside("resume", labelled, "latest", code=1).sentence

    batch = inside("generate", labelled, "--run", "latest", "--per-class", 2, "--seed", 7, "--json").json
    assert (batch["images"], batch["run"], batch["first_seed"]) == (6, run.path.name, 7)
    with (Path(batch["batch"]) / PROVENANCE_FILE).open(encoding="utf-8", newline="") as file:
        image = next(csv.DictReader(file))["image"]
    verdicts = tmp_path / "v.csv"
    verdicts.write_text(
        f"image,realism,wrong_class,defects,looks_like\n{image},perfect,,,\n", encoding="utf-8"
    )
    assert (
        inside("reviews", "import", labelled, verdicts, "--reviewer", "Ana", "--json").json["imported"] == 1
    )
    assert "1 verdicts written" in inside("reviews", "export", labelled, tmp_path / "out.csv").out
    assert "1 (100.0 %, 20.7–100.0)" in inside("report", "review", labelled).out  # Wilson of 1 in 1

    assert "model in use" in inside("promote", labelled, "latest", "--why", "the first").out
    assert inside("info", labelled, "--json").json["model_in_use"].startswith(f"runs/{run.path.name}/")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_stops_and_saves_and_resume_goes_on(inside: Program, labelled: Path, tmp_path: Path) -> None:
    with retrain(labelled, "--kimg", "1000", home=tmp_path) as terminal:
        assert terminal.stderr is not None
        lines = [line for line in iter(terminal.stderr.readline, "") if not _trains(line, terminal)]
        assert terminal.stdout is not None
        run = RunFolder(Path(terminal.stdout.read().strip()))

    assert terminal.returncode == 0
    assert "Stopped and saved" in "".join(lines)
    assert run.state() is RunState.STOPPED
    started = inside("resume", labelled, "latest", "--detach", "--json").json
    assert (started["state"], started["name"]) == ("running", run.path.name)
    assert "already running" in inside("resume", labelled, run.path.name, code=1).sentence
    stopped = inside("stop", labelled, "latest", "--json").json
    assert stopped["state"] == "stopped"
    assert "nothing to stop" in inside("stop", labelled, "latest", code=1).sentence


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_trainer_is_told_with_how_to_go_on(labelled: Path, tmp_path: Path) -> None:
    with retrain(labelled, "--kimg", "1000", home=tmp_path) as terminal:
        assert terminal.stderr is not None
        said = [line for line in iter(terminal.stderr.readline, "") if not _kills(line, labelled)]

    assert terminal.returncode == 1
    assert "ended without a result" in said[-1]
    assert "resume" in said[-1]


def test_a_snapshot_of_another_size_and_a_project_without_labels_are_refused(
    inside: Program, study: Path, labelled: Path, tmp_path: Path
) -> None:
    built = inside("snapshot", labelled, "--size", 64, "--json").json
    refused = inside("retrain", labelled, "--preset", "cpu-quick", "--snapshot", built["id"][:6], code=1)
    assert "64 px and the preset cpu-quick trains at 32 px" in refused.err.splitlines()[-1]

    Project.create(tmp_path / "empty").close()
    assert "label" in inside("retrain", tmp_path / "empty", "--preset", "cpu-quick", code=1).sentence.lower()


def _kills(line: str, study: Path) -> bool:
    """Kills the trainer, from outside, at the first line of progress."""
    if " of 1000 kimg" not in line:
        return False
    record = next((study / "runs").glob("*/events.jsonl"))
    started = next(event for event in read_events(record)[0] if event.kind == "started")
    os.kill(int(started.fields["pid"]), signal.SIGKILL)
    return True


def _trains(line: str, terminal: subprocess.Popen[str]) -> bool:
    """Presses Ctrl+C in the terminal at the first line of progress."""
    if " of 1000 kimg" in line:
        terminal.send_signal(signal.SIGINT)
        return True
    return False
