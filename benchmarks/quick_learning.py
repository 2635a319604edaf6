"""Does quick training learn the classes? Drawn embryos, the real trainer, a classifier of real drawn images.

`python benchmarks/quick_learning.py [--kimg 20] [--out FOLDER]` draws embryos of known grade at 32 px, trains
the preset `cpu-quick` on four fifths of them as `python -m gan train` does, generates 100 images a class at
the kept checkpoints, and asks a small network, trained on the real drawn images, for the class of each. It
prints the network's accuracy on embryos that it had not seen (the ceiling) and on the generated images
(chance is one third).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blasto_annotator.sample.draw import draw_frame
from blasto_annotator.sample.embryo import plan_embryo
from gan.contract.checkpoint import list_checkpoints

CLASSES = ("good", "average", "poor")
GRADES = {"good": ("AA", "AB"), "average": ("BB", "AC", "BA"), "poor": ("CC", "BC", "CB", "CA")}
SIDE, DRAWN_SIDE, PER_CLASS = 32, 128, 100


@dataclass(frozen=True)
class DrawnSet:
    """Real drawn images [N, 1, 32, 32] in [-1, 1]; every fifth embryo is held out."""

    images: Tensor
    labels: Tensor
    held_out: Tensor


def main() -> None:
    """Draws, trains, generates, asks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kimg", type=float, default=20)
    parser.add_argument("--embryos", type=int, default=120)
    parser.add_argument("--moments", type=int, default=6)
    parser.add_argument("--out", type=Path, default=None)
    wish = parser.parse_args()
    folder = wish.out or Path(tempfile.mkdtemp(prefix="quick-learning-"))
    drawn = draw(wish.embryos, wish.moments)
    write_data_set(drawn, folder / "data")
    classifier = train_classifier(drawn)
    unseen = accuracy(classifier, drawn.images[drawn.held_out], drawn.labels[drawn.held_out])
    print(f"real images of unseen embryos: {unseen}", flush=True)
    gan("train", "--run-dir", folder / "run", "--data", folder / "data", "--kimg", wish.kimg)
    for checkpoint in list_checkpoints(folder / "run" / "checkpoints"):
        print(
            f"generated, {checkpoint.name}: {accuracy(classifier, *generated(checkpoint, folder))}",
            flush=True,
        )
    print(f"pictures: {folder / 'run' / 'samples'}")


def draw(embryos: int, moments: int) -> DrawnSet:
    """Embryos of all groups at moments of expansions 2 to 4."""
    images, labels, held_out = [], [], []
    for number in range(embryos):
        label = number % len(CLASSES)
        letters = GRADES[CLASSES[label]]
        icm, te = letters[number // len(CLASSES) % len(letters)]
        plan = plan_embryo(9000 + number, icm, te)  # type: ignore[arg-type]
        line = plan.timeline
        last = min(line.hatching, line.expanded + 9)
        for hpi in np.random.default_rng(number).uniform(line.half, last, moments):
            frame = draw_frame(plan, float(hpi), 0.0, DRAWN_SIDE)
            images.append(cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
            labels.append(label)
            held_out.append(number % 5 == 4)
    pixels = torch.from_numpy(np.stack(images))[:, None].float() / 127.5 - 1
    return DrawnSet(pixels, torch.tensor(labels), torch.tensor(held_out))


def write_data_set(drawn: DrawnSet, folder: Path) -> None:
    """The training embryos in the StyleGAN tools' layout."""
    folder.mkdir(parents=True)
    labels = []
    for number in torch.nonzero(~drawn.held_out)[:, 0].tolist():
        pixels = ((drawn.images[number, 0] + 1) * 127.5).round().byte().numpy()
        cv2.imwrite(str(folder / f"img{number:05d}.png"), pixels)
        labels.append([f"img{number:05d}.png", int(drawn.labels[number])])
    (folder / "dataset.json").write_text(json.dumps({"labels": labels, "classes": CLASSES}))


def train_classifier(drawn: DrawnSet, epochs: int = 60) -> nn.Module:
    """A small network on the real training images, shifted and mirrored."""
    torch.manual_seed(0)
    widths = (1, 24, 48, 64)
    layers = [layer for i in range(3) for layer in block(widths[i], widths[i + 1])]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(64, 3))
    images, labels = drawn.images[~drawn.held_out], drawn.labels[~drawn.held_out]
    steps = len(images) // 32
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=2e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=epochs * steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(images))[: steps * 32].split(32):
            view = torch.roll(images[chosen], torch.randint(-3, 4, (2,)).tolist(), (2, 3))
            view = view.flip(3) if torch.rand(1) < 0.5 else view
            optimiser.zero_grad()
            F.cross_entropy(network(standardised(view)), labels[chosen], label_smoothing=0.1).backward()
            optimiser.step()
            schedule.step()
    return network.eval()


def block(inputs: int, outputs: int) -> list[nn.Module]:
    """Two convolutions, then half the size."""
    pairs = ((inputs, outputs), (outputs, outputs))
    parts = [(nn.Conv2d(i, o, 3, padding=1), nn.GroupNorm(8, o), nn.SiLU()) for i, o in pairs]
    return [*parts[0], *parts[1], nn.AvgPool2d(2)]


def standardised(images: Tensor) -> Tensor:
    """Each image with mean 0 and deviation 1: brightness tells nothing."""
    centred = images - images.mean((1, 2, 3), keepdim=True)
    return centred / centred.std((1, 2, 3), keepdim=True)


@torch.no_grad()
def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> str:
    """Share of images put into their class, in all and per class."""
    hit = network(standardised(images)).argmax(1) == labels
    each = ", ".join(f"{name} {float(hit[labels == k].float().mean()):.2f}" for k, name in enumerate(CLASSES))
    return f"{float(hit.float().mean()):.3f} of {len(hit)} ({each})"


def generated(checkpoint: Path, folder: Path) -> tuple[Tensor, Tensor]:
    """Generated images and the classes that they were made for."""
    gan("generate", "--network", checkpoint, "--per-class", PER_CLASS, "--npz", folder / "generated.npz")
    images = torch.from_numpy(np.load(folder / "generated.npz")["images"]).clamp(-1, 1)
    return images, torch.arange(len(CLASSES)).repeat_interleave(PER_CLASS)


def gan(*arguments: object) -> None:
    """Runs the trainer's command."""
    command = [sys.executable, "-m", "gan", *(str(argument) for argument in arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
