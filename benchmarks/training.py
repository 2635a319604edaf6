"""Speed and memory of StyleGAN2-ADA: training and generation, also in yardsticks, which can be compared.

`python benchmarks/training.py [--device cuda] [--precision bfloat16] [--case 64] [--json]`

Seconds per image are those of a full iteration (G, path length every 4th, D, R1 every 16th, weight
average, `bgc` augmentation at p = 0.3, nine classes, three channels, eight mapping layers, w of 512),
average, `bgc` augmentation at p = 0.3, nine classes, three channels, eight mapping layers, w of 512)
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from yardstick import yardstick

from gan.families.stylegan2 import Config, build
from gan.training.device import peak_memory_gb, synchronise
from gan.training.family import Family, Setting, Step

CLASSES = 9
YARDSTICK_OPERATIONS = 29e9


@dataclass(frozen=True)
class Case:
    """One size of network."""

    resolution: int
    channel_base: int
    channel_max: int
    batch: int


CASES = (Case(64, 8192, 128, 16), Case(256, 16384, 512, 4))


@dataclass(frozen=True)
class Figures:
    """What was measured of one case."""

    resolution: int
    device: str
    precision: str
    threads: int
    batch: int
    seconds_per_image: float
    yardsticks_per_image: float
    images_per_second: float
    """Generation with constant noise."""
    peak_memory_gb: float
    yardstick_seconds: tuple[float, float]
    """Before and after."""


def main() -> None:
    """Measures the cases asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16", "float16"))
    parser.add_argument("--case", type=int, choices=[case.resolution for case in CASES])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    wish = parser.parse_args()
    chosen = [case for case in CASES if wish.case in (None, case.resolution)]
    figures = [measure(case, torch.device(wish.device), wish.precision, wish.repeats) for case in chosen]
    print(json.dumps([asdict(one) for one in figures], indent=1) if wish.json else table(figures))


def measure(case: Case, device: torch.device, precision: str, repeats: int) -> Figures:
    """All figures of one case."""
    before = yardstick(device.type)
    family = _family(case, device, getattr(torch, precision))
    step = _step(case, device)
    # Of 16 iterations one has both regularisers, three have path length alone, twelve have none.
    both, path, plain = (_seconds(lambda i=i: family.train_step(step(i)), device, repeats) for i in (0, 4, 1))
    seconds = (both + 3 * path + 12 * plain) / 16 / case.batch
    images = _generation(family, case, device, repeats)
    after = yardstick(device.type)
    unit = statistics.mean((before, after))
    return Figures(
        resolution=case.resolution,
        device=str(device),
        precision=precision,
        threads=torch.get_num_threads(),
        batch=case.batch,
        seconds_per_image=round(seconds, 4),
        yardsticks_per_image=round(seconds / unit, 2),
        images_per_second=round(images, 2),
        peak_memory_gb=round(peak_memory_gb(device), 2),
        yardstick_seconds=(round(before, 4), round(after, 4)),
    )


def _family(case: Case, device: torch.device, precision: torch.dtype) -> Family:
    config = Config(
        mapping_layers=8,
        channel_base=case.channel_base,
        channel_max=case.channel_max,
        augment="fixed",
        augment_pipe="bgc",
        augment_p=0.3,
    )
    torch.manual_seed(0)
    return build(config, Setting(case.resolution, 3, CLASSES, case.batch, device, precision))


def _step(case: Case, device: torch.device) -> Callable[[int], Step]:
    rng = torch.Generator(device=device).manual_seed(1)
    shape = (case.batch, 3, case.resolution, case.resolution)
    images = torch.rand(shape, generator=rng, device=device) * 2 - 1
    labels = torch.randint(CLASSES, (case.batch,), generator=rng, device=device)

    def draw(count: int) -> torch.Tensor:
        return torch.randint(CLASSES, (count,), generator=rng, device=device)

    return lambda iteration: Step(images, labels, iteration, iteration * case.batch, rng, draw)


def _seconds(act: Callable[[], object], device: torch.device, repeats: int) -> float:
    act()
    found = []
    for _ in range(repeats):
        synchronise(device)
        start = time.perf_counter()
        act()
        synchronise(device)
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def _generation(family: Family, case: Case, device: torch.device, repeats: int) -> float:
    z = torch.randn(16, family.z_dim, device=device)
    labels = torch.zeros(16, dtype=torch.int64, device=device)
    return 16 / _seconds(lambda: family.sample(z, labels), device, repeats)


def table(figures: list[Figures]) -> str:
    """The figures for people, with the arithmetic rate that the yardstick reached."""
    lines = ["px   precision  s/image  yardsticks/image  generated/s  peak GB  yardstick s (GFLOP/s)"]
    for one in figures:
        unit = statistics.mean(one.yardstick_seconds)
        lines.append(
            f"{one.resolution:<4} {one.precision:<10} {one.seconds_per_image:<8.4f} "
            f"{one.yardsticks_per_image:<17.2f} {one.images_per_second:<12.2f} {one.peak_memory_gb:<8.2f} "
            f"{unit:.4f} ({YARDSTICK_OPERATIONS / unit / 1e9:.0f})"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
