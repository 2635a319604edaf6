"""Speed and memory of StyleGAN2-ADA: training and generation, also in yardsticks, which can be compared.

`python benchmarks/training.py [--device cuda] [--precision bfloat16] [--case 64] [--threads 2] [--json]`

Seconds per image are those of a full iteration (G, path length every 4th, D, R1 every 16th, weight
average, `bgc` augmentation at p = 0.3, nine classes, three channels, eight mapping layers, w of 512)
averaged over these intervals. Without `--precision`, each size is measured in float32 and in the fastest
precision that the device has. Each measurement has a process of its own, so that its peak memory is its
own; the yardstick is measured in it before and after, always in float32.

The floor is the time that the operations of an iteration (convolutions and matrix products) would take at
the rate at which the same process multiplies large matrices in the same precision; the share is how much
of the measured time that is. About six minutes on two
quiet cores.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context

import torch
from operations import floor_seconds, matrix_rate, operations
from yardstick import yardstick

from gan.__main__ import share_processor
from gan.families.stylegan2 import Config, build
from gan.training.device import peak_memory_gb, synchronise
from gan.training.family import Family, Setting, Step
from gan.training.portions import PortionSize

CLASSES = 9
YARDSTICK_OPERATIONS = 29e9
PRECISIONS = ("float32", "bfloat16", "float16")
KINDS = {0: 1, 4: 3, 1: 12}
"""Of 16 iterations one has both regularisers, three have path length alone, twelve have none."""


@dataclass(frozen=True)
class Case:
    """One size of network."""

    resolution: int
    channel_base: int
    channel_max: int
    batch: int


CASES = (Case(64, 8192, 128, 16), Case(256, 16384, 512, 4))


@dataclass(frozen=True)
class How:
    """Where and how to measure."""

    device: str
    precision: str
    threads: int
    repeats: int
    micro_batch: int


@dataclass(frozen=True)
class Figures:
    """What was measured of one case."""

    resolution: int
    device: str
    precision: str
    """Of the highest resolutions."""
    threads: int
    batch: int
    micro_batch: int
    """Images at a time; 0 is all."""
    seconds_per_image: float
    yardsticks_per_image: float
    images_per_second: float
    """Generation with constant noise."""
    peak_memory_gb: float
    yardstick_seconds: tuple[float, float]
    """Before and after."""
    gigaoperations_per_image: float
    matrix_gigaoperations_per_second: float
    """In this precision."""
    floor_seconds_per_image: float
    share_of_floor: float
    """The floor over the measured time."""


def main() -> None:
    """Measures what is asked for."""
    wish = _wish()
    share_processor()  # as the trainer does; the measuring processes inherit it
    cases = [case for case in CASES if wish.case in (None, case.resolution)]
    precisions = [wish.precision] if wish.precision else _precisions(torch.device(wish.device))
    figures = []
    for case in cases:
        for precision in precisions:
            how = How(wish.device, precision, wish.threads, wish.repeats, wish.micro_batch)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
                figures.append(own.submit(measure, case, how).result())
    print(json.dumps([asdict(one) for one in figures], indent=1) if wish.json else table(figures))


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=PRECISIONS, help="default: float32 and the fastest")
    parser.add_argument("--case", type=int, choices=[case.resolution for case in CASES])
    parser.add_argument("--threads", type=int, default=0, help="0: torch's choice")
    parser.add_argument("--repeats", type=int, default=3, help="of each kind of iteration")
    parser.add_argument("--micro-batch", type=int, default=0, help="most images at a time")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _precisions(device: torch.device) -> list[str]:
    """float32 and, where the device has instructions for one, the fastest lower precision."""
    if device.type == "cuda":
        return ["float32", "bfloat16" if torch.cuda.get_device_capability(device)[0] >= 8 else "float16"]
    fast = device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return ["float32", "bfloat16"] if fast else ["float32"]


def measure(case: Case, how: How) -> Figures:
    """All figures of one case."""
    if how.threads:
        torch.set_num_threads(how.threads)
    device, dtype = torch.device(how.device), getattr(torch, how.precision)
    before = yardstick(device.type)
    family = _family(case, device, dtype, how.micro_batch)
    step = _step(case, device)
    counted = _counted(family, step)  # the first iterations: they also warm up
    seconds = _mean({i: _seconds(lambda i=i: family.train_step(step(i)), device, how.repeats) for i in KINDS})
    images = _generation(family, case, device, how.repeats)
    peak = peak_memory_gb(device)
    rates = {one: matrix_rate(device, one) for one in {*counted, dtype}}
    after = yardstick(device.type)
    floor, seconds = floor_seconds(counted, rates) / case.batch, seconds / case.batch
    return Figures(
        resolution=case.resolution,
        device=str(device),
        precision=how.precision,
        threads=torch.get_num_threads(),
        batch=case.batch,
        micro_batch=how.micro_batch,
        seconds_per_image=round(seconds, 4),
        yardsticks_per_image=round(seconds / statistics.mean((before, after)), 2),
        images_per_second=round(images, 2),
        peak_memory_gb=round(peak, 2),
        yardstick_seconds=(round(before, 4), round(after, 4)),
        gigaoperations_per_image=round(sum(counted.values()) / case.batch / 1e9, 1),
        matrix_gigaoperations_per_second=round(rates[dtype] / 1e9),
        floor_seconds_per_image=round(floor, 4),
        share_of_floor=round(floor / seconds, 3),
    )


def _family(case: Case, device: torch.device, precision: torch.dtype, micro_batch: int) -> Family:
    config = Config(
        mapping_layers=8,
        channel_base=case.channel_base,
        channel_max=case.channel_max,
        augment="fixed",
        augment_pipe="bgc",
        augment_p=0.3,
    )
    torch.manual_seed(0)
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
    portion = PortionSize(micro_batch or None)
    setting = Setting(case.resolution, 3, CLASSES, case.batch, device, precision, portion=portion)
    return build(config, setting)


def _step(case: Case, device: torch.device) -> Callable[[int], Step]:
    rng = torch.Generator(device=device).manual_seed(1)
    shape = (case.batch, 3, case.resolution, case.resolution)
    images = torch.rand(shape, generator=rng, device=device) * 2 - 1
    labels = torch.randint(CLASSES, (case.batch,), generator=rng, device=device)

    def draw(count: int) -> torch.Tensor:
        return torch.randint(CLASSES, (count,), generator=rng, device=device)

    return lambda iteration: Step(images, labels, iteration, iteration * case.batch, rng, draw)


def _mean(values: dict[int, float]) -> float:
    """Over the lazy schedule."""
    return sum(values[iteration] * times for iteration, times in KINDS.items()) / sum(KINDS.values())


def _counted(family: Family, step: Callable[[int], Step]) -> Counter[torch.dtype]:
    """Operations of a mean iteration."""
    total: Counter[torch.dtype] = Counter()
    for iteration, times in KINDS.items():
        for dtype, number in operations(lambda i=iteration: family.train_step(step(i))).items():
            total[dtype] += number * times
    return Counter({dtype: number // sum(KINDS.values()) for dtype, number in total.items()})


def _seconds(act: Callable[[], object], device: torch.device, repeats: int) -> float:
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
    family.sample(z, labels)
    return 16 / _seconds(lambda: family.sample(z, labels), device, repeats)


def table(figures: list[Figures]) -> str:
    """The figures for people, with the arithmetic rate that the yardstick reached."""
    head = "px   precision  s/image  yardsticks/image  generated/s  peak GB  yardstick s (GFLOP/s)  "
    lines = [head + "Gop/image  matrices Gop/s  floor s/image  share"]
    for one in figures:
        unit = statistics.mean(one.yardstick_seconds)
        rate = f"{unit:.4f} ({YARDSTICK_OPERATIONS / unit / 1e9:.0f})"
        lines.append(
            f"{one.resolution:<4} {one.precision:<10} {one.seconds_per_image:<8.4f} "
            f"{one.yardsticks_per_image:<17.2f} {one.images_per_second:<12.2f} {one.peak_memory_gb:<8.2f} "
            f"{rate:<22} {one.gigaoperations_per_image:<10.1f} {one.matrix_gigaoperations_per_second:<15.0f} "
            f"{one.floor_seconds_per_image:<14.4f} {one.share_of_floor:.2f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
