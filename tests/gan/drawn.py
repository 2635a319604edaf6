"""Drawn embryos at 32 px as a data set, verdicts of an expert who wants them sharp, and a scorer of these."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch

from blasto_annotator.sample.draw import draw_frame
from blasto_annotator.sample.embryo import plan_embryo
from gan.contract.jsonfile import write_json
from gan.contract.scorer_folder import SCORER_FILE, SCORER_NETWORK, VERDICT_COLUMNS
from gan.families.stylegan2 import Config, build
from gan.scoring.calibration import Platt
from gan.scoring.halves import make_halves
from gan.scoring.network import ScorerNetwork, ScorerTraining
from gan.scoring.scorer import write_network
from gan.scoring.table import read_verdicts
from gan.training.checkpoints import write_checkpoint
from gan.training.family import Setting
from tests.gan.datasets import CLASSES, write_description
from tests.gan.trainers import SMALL

_LETTERS = (("A", "A"), ("B", "B"), ("C", "C"))
QUICK = ScorerTraining(steps=60, verdicts=24, real=0)


@cache
def frames(embryos: int = 24, moments: int = 2) -> tuple[np.ndarray, ...]:
    """Grey [32, 32]; the classes take turns."""
    drawn = []
    for number in range(embryos * moments):
        icm, te = _LETTERS[number % len(CLASSES)]
        plan = plan_embryo(700 + number % embryos, icm, te)  # type: ignore[arg-type]
        hours = plan.timeline.half + 6.0 * (number // embryos)
        drawn.append(cv2.resize(draw_frame(plan, hours, 0.0, 64), (32, 32), interpolation=cv2.INTER_AREA))
    return tuple(drawn)


def write_drawn(folder: Path) -> Path:
    """The frames in the StyleGAN tools' layout."""
    folder.mkdir(parents=True)
    labels = [[f"img{number:03d}.png", number % len(CLASSES)] for number in range(len(frames()))]
    for (name, _), image in zip(labels, frames(), strict=True):
        cv2.imwrite(str(folder / str(name)), image)
    write_description(folder, labels=labels, classes=list(CLASSES))
    return folder


def write_sharpness_verdicts(folder: Path) -> Path:
    """Every other frame is blurred, and so not perfect."""
    folder.mkdir(parents=True)
    rows = []
    for number, image in enumerate(frames()):
        sharp = number % 2 == 0
        name = f"{number:03d}.png"
        cv2.imwrite(str(folder / name), image if sharp else cv2.GaussianBlur(image, (0, 0), 2.0))
        label = number % len(CLASSES)
        rows.append((name, "", label, CLASSES[label], int(sharp), 1, "b0", ""))
    table = folder / "verdicts.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([VERDICT_COLUMNS, *rows])
    return table


def write_sharpness_scorer(folder: Path) -> Path:
    """A scorer whose halves know sharp from blurred; no figures but theirs, which takes a second or two."""
    table = read_verdicts(write_sharpness_verdicts(folder / "judged"))
    halves = make_halves(table, folder, QUICK, 100)
    network = ScorerNetwork(len(CLASSES))
    said = {
        "id": write_network(folder / SCORER_NETWORK, network, Platt(1.0, 0.0), Platt(1.0, 0.0)),
        "classes": list(CLASSES),
        "sizes": [32],
        "useful": True,
        "uses_class": False,
        "sentence": "For a test.",
        "halves": halves,
    }
    write_json(folder / SCORER_FILE, said)
    return folder


def write_start(folder: Path) -> Path:
    """A checkpoint of the real family, small and with fresh weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        setting = Setting(32, 1, len(CLASSES), 4, torch.device("cpu"), torch.float32)
        family = build(Config(**SMALL), setting)
    said = {"family": "stylegan2", "options": dict(SMALL), "resolution": 32, "channels": 1}
    return write_checkpoint(folder, 0.0, family.state_dict(), {**said, "classes": list(CLASSES), "kimg": 0.0})
