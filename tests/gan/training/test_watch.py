"""Evaluation in the loop: figures in the record, the best checkpoint kept, and training undisturbed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gan.contract.checkpoint import NETWORKS, TRAINING, list_checkpoints, read_best
from gan.contract.config import read_config, write_config
from gan.contract.events import Event, encode
from gan.contract.result import read_result
from gan.contract.run_folder import RunFolder
from gan.training.checkpoints import newest_checkpoint, prune_checkpoints
from gan.training.plateau import newly_stalled, stalled
from gan.training.watch import leak_is_news
from tests.gan.data.test_weighting import snapshot
from tests.gan.datasets import CLASSES, write_data
from tests.gan.trainers import SMALL, end, new_run, recorded, start, train, wait_for

pytestmark = pytest.mark.xdist_group("watch")  # its fixtures are made on one worker

EVALUATED = {
    "evaluate_kimg": 0.032,
    "evaluate_per_class": 20,
    "evaluate_features": "encoder",
    "encoder_steps": 2,
}


def metrics(run: RunFolder, name: str) -> list[Event]:
    """The record's figures of one name."""
    return [event for event in recorded(run) if event.kind == "metric" and event.fields["name"] == name]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty images in three classes."""
    return write_data(tmp_path_factory.mktemp("real"), 60)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory, real: Path) -> RunFolder:
    """A run of the tiny family with evaluations at 32, 64, 96 and 128 images."""
    run = new_run(tmp_path_factory.mktemp("evaluated"), real, keep_checkpoints=1, **EVALUATED)
    done = train(run)
    assert (done.returncode, done.stderr) == (0, "")
    return run


def test_figures_come_at_each_interval_and_at_the_goal(evaluated: RunFolder) -> None:
    pooled = metrics(evaluated, "kernel_distance")

    assert [event.fields["kimg"] for event in pooled] == [0.032, 0.064, 0.096, 0.128]
    first = pooled[0].fields
    assert (first["n"], first["n_real"]) == (60, 60)
    assert first["features"].startswith("in-domain encoder ")
    assert first["deviation"] >= 0
    assert len(metrics(evaluated, "frechet_distance")) == 4
    for name in CLASSES:
        assert [event.fields["n"] for event in metrics(evaluated, f"kernel_distance/{name}")] == [20] * 4
        assert metrics(evaluated, f"frechet_distance/{name}") == []  # twenty images, 128 features
    assert len(metrics(evaluated, "leak/brightness")) == 4
    assert len(metrics(evaluated, "leaks")) == 4


def test_the_best_checkpoint_is_kept_from_pruning_named_and_taken_by_its_name(evaluated: RunFolder) -> None:
    scores = [(e.fields["value"], e.fields["kimg"]) for e in metrics(evaluated, "kernel_distance")]
    best, result = read_best(evaluated.checkpoints), read_result(evaluated.result)

    assert best is not None
    assert result is not None
    assert (best.value, best.kimg) == min(scores)
    assert result.best == f"checkpoints/{best.checkpoint}"
    kept = {path.name for path in list_checkpoints(evaluated.checkpoints)}
    assert kept == {best.checkpoint, "kimg-000000.128"}
    named = newest_checkpoint(evaluated.path.with_name(f"{evaluated.path.name}@best"))
    assert named == evaluated.checkpoints / best.checkpoint


def test_the_best_of_all_is_spared_and_one_that_is_gone_is_nobody(
    tmp_path: Path, evaluated: RunFolder
) -> None:
    folder = tmp_path / "run" / "checkpoints"
    source = list_checkpoints(evaluated.checkpoints)[-1]
    for number in range(4):
        shutil.copytree(source, folder / f"kimg-00000{number}.000")
    best = read_best(evaluated.checkpoints)
    assert best is not None
    (folder / "best.json").write_text(json.dumps({**vars(best), "checkpoint": "kimg-000001.000"}))

    prune_checkpoints(folder, 1)

    assert [path.name for path in list_checkpoints(folder)] == ["kimg-000001.000", "kimg-000003.000"]
    shutil.rmtree(folder / "kimg-000001.000")
    assert read_best(folder) is None
    assert newest_checkpoint(tmp_path / "run@best") is None


def test_curves_hold_the_figures(evaluated: RunFolder) -> None:
    (file,) = (evaluated.path / "tensorboard").iterdir()
    content = file.read_bytes()

    for name in ("kernel_distance", "frechet_distance/good", "leak/turned", "leaks"):
        told = bool(metrics(evaluated, name))
        assert (f"metrics/{name}".encode() in content) is told


def test_evaluating_changes_nothing_of_the_training_even_across_a_kill(
    tmp_path: Path, real: Path, children: list[subprocess.Popen[bytes]]
) -> None:
    settings = {
        "family": "stylegan2",
        "options": {**SMALL, "augment_p": 0.3},
        "checkpoint_kimg": 0.024,
        "sample_kimg": 10.0,
    }
    plain = new_run(tmp_path / "plain", real, goal_kimg=0.096, **settings)
    watched = new_run(tmp_path / "watched", real, goal_kimg=1e6, **settings, **EVALUATED)
    assert train(plain).returncode == 0
    children.append(start(watched))
    wait_for(children[0], "checkpoint", 2)
    children[0].kill()
    assert end(children[0])[0] == -signal.SIGKILL
    write_config(watched.config, replace(read_config(watched.config), goal_kimg=0.096))

    assert train(watched).returncode == 0

    assert [event.fields["kimg"] for event in metrics(watched, "kernel_distance")][-1] == 0.096
    for file in (NETWORKS, TRAINING):
        one, other = (list_checkpoints(run.checkpoints)[-1] / file for run in (plain, watched))
        assert one.read_bytes() == other.read_bytes()


def test_a_run_that_cannot_be_evaluated_trains_on_and_says_so_once(tmp_path: Path) -> None:
    few = write_data(tmp_path / "few", 6)
    run = new_run(tmp_path / "run", few, **EVALUATED)

    assert train(run).returncode == 0

    told = [event.fields["message"] for event in recorded(run) if event.kind == "warning"]
    assert len(told) == 1
    assert told[0].startswith("This run is not evaluated: an in-domain encoder needs at least eight")
    result = read_result(run.result)
    assert result is not None
    assert (result.outcome, result.best) == ("finished", None)


def test_inception_that_was_asked_for_and_is_not_there_ends_the_run_at_once(
    tmp_path: Path, real: Path
) -> None:
    run = new_run(tmp_path / "run", real, **{**EVALUATED, "evaluate_features": "inception"})

    done = train(run)

    assert done.returncode == 1
    assert "The Inception weights are not here: fetch pt_inception" in done.stderr
    assert "BLASTO_INCEPTION" in done.stderr


def test_a_plateau_is_told_once_with_where_it_began(tmp_path: Path, real: Path) -> None:
    """Eleven scores are in the record, the best at kimg 0.02; what an idle generator adds is no better."""
    run = new_run(
        tmp_path / "run", real, goal_kimg=0.064, options={"learning_rate": 0.0}, checkpoint_kimg=0.032
    )
    assert train(run).returncode == 0
    with run.events.open("a") as record:
        for number in range(11):
            value = 1e-9 if number == 4 else 1e-6
            kimg = 0.004 * (number + 1)
            record.write(encode("metric", {"kimg": kimg, "name": "kernel_distance", "value": value, "n": 60}))
    write_config(run.config, replace(read_config(run.config), goal_kimg=0.16, **EVALUATED))

    assert train(run).returncode == 0

    warnings = [event.fields["message"] for event in recorded(run) if event.kind == "warning"]
    (told,) = (message for message in warnings if "has not fallen" in message)
    assert "has not fallen since kimg 0.02 (1e-09 there" in told
    assert "RUN@best" in told


@pytest.mark.parametrize(
    ("leaks", "times"), [([0, 1, 0, 1, 0], 0), ([0, 1, 1, 1, 1], 1), ([1, 1, 0, 1, 2], 2), ([1], 0)]
)
def test_a_leak_is_told_when_it_shows_twice_in_a_row_and_again_after_it_was_gone(
    leaks: list[int], times: int
) -> None:
    good = [0.9] * len(leaks)
    assert sum(leak_is_news(leaks[: n + 1], good[: n + 1]) for n in range(len(leaks))) == times


def test_a_young_generator_does_not_leak_but_one_that_was_good_and_got_worse_does() -> None:
    precisions = [0.1, 0.4, 0.6, 0.75, 0.5]

    told = [n for n in range(5) if leak_is_news([3.0] * (n + 1), precisions[: n + 1])]

    assert told == [4]


def curve(kind: str, seed: int, count: int = 40) -> list[float]:
    """A score by evaluation with noise of 5 % and outliers: falling to the end, flat from the twelfth on."""
    rng = np.random.default_rng(seed)
    place = np.arange(count) if kind == "falling" else np.minimum(np.arange(count), 12)
    noise = rng.normal(1, 0.05, count) * np.where(rng.random(count) < 0.05, 1.5, 1)
    return list(np.exp(-place / 12) * noise)


def test_plateaus_are_found_and_falling_scores_are_let_be() -> None:
    def first(kind: str, seed: int) -> int | None:
        values = curve(kind, seed)
        return next((n for n in range(len(values)) if newly_stalled(values[: n + 1])), None)

    flat, falling = ([first(kind, seed) for seed in range(40)] for kind in ("flat", "falling"))
    assert sum(found is not None for found in flat) == 40
    assert np.median([found for found in flat if found is not None]) in range(17, 24)
    assert sum(found is not None for found in falling) <= 2


def test_few_scores_are_no_plateau_and_a_constant_one_is() -> None:
    assert not stalled([1.0] * 11)
    assert stalled([1.0] * 12)
    assert newly_stalled([1.0] * 12)
    assert not newly_stalled([1.0] * 13)


def test_weights_by_embryo_resume_exactly_and_are_said(tmp_path: Path) -> None:
    embryos = [f"E{number}" for number in (0, 0, 0, 0, 0, 1, 1, 2, 2, 3)]
    data = snapshot(tmp_path / "snapshot", embryos)
    settings = {"weight_by": "embryo", "mirror": True, "checkpoint_kimg": 0.024}
    straight = new_run(tmp_path / "straight", data, goal_kimg=0.096, **settings)
    broken = new_run(tmp_path / "broken", data, goal_kimg=0.048, **settings)

    assert train(straight).returncode == 0
    assert train(broken).returncode == 0
    write_config(broken.config, replace(read_config(broken.config), goal_kimg=0.096))
    assert train(broken).returncode == 0

    said = next(event.fields for event in recorded(straight) if event.kind == "started")
    assert (said["images"], said["embryos"], said["effective_images"]) == (10, 4, 7.3)
    assert all(e.fields["data_wait"] >= 0 for e in recorded(straight) if e.kind == "progress")
    for file in (NETWORKS, TRAINING):
        one, other = (list_checkpoints(run.checkpoints)[-1] / file for run in (straight, broken))
        assert one.read_bytes() == other.read_bytes()


def test_weights_by_embryo_without_a_manifest_end_the_run_with_a_sentence(tmp_path: Path, real: Path) -> None:
    run = new_run(tmp_path / "run", real, weight_by="embryo")

    done = train(run)

    assert done.returncode == 1
    assert "train on the split of a snapshot, or set weight_by to frame" in done.stderr
