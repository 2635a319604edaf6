"""Does the scorer make better images reach the eye? Three rounds with a simulated expert, against chance.

`python benchmarks/three_rounds.py --out FOLDER [--seeds 5] [--kimg 20] [--per-class 50] [--join]
[--reward W] [--seeds-from 0]`

Embryos of known grade are drawn at 32 px. For each seed a generator is trained as `python -m gan train` does
(`cpu-quick`, `--kimg` more each round, from the round before). In each round a batch is judged in two arms:
by the simulated expert (`simulated_expert.py`), and by the same verdicts dealt out at random (the control).
Each arm trains a scorer on its verdicts of all rounds so far, by the product's own command and rule of use.
Then fresh images are made; a scorer of use keeps the best quarter of each class, one that is not keeps all.
The expert says which share of what was kept is perfect and of the right class. With `--join` each arm has its
own generator, and its images called perfect and right join its training data, at most a fifth of it.

With `--reward W` the generator of each later round is trained once more, from the same start with the same
seed, and rewarded with weight W by the expert's scorer of the round before. Fresh images of both, of the same
latents and none chosen, are judged by the expert; recall says what it cost in variety.

Every part is kept in the folder and not done again, so the command may be stopped and goes on. The table
gives means over seeds with 95 % intervals (Student's t over seeds) and the paired difference of the arms.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simulated_expert
import torch
from quick_learning import CLASSES, DrawnSet, draw, write_data_set
from scipy import stats
from torch import Tensor
from variety import Eye

from gan.contract.batch_folder import PROVENANCE_FILE
from gan.contract.jsonfile import read_json, write_json
from gan.contract.scorer_folder import SCORES_FILE, VERDICT_COLUMNS, VERDICT_FILE, read_scorer

ARMS = ("expert", "control")
KEPT, CAP, REAL = 0.25, 0.2, 200


@dataclass(frozen=True)
class Setting:
    """What is the same for all seeds."""

    out: Path
    drawn: DrawnSet
    expert: simulated_expert.Expert
    rounds: int
    kimg: float
    per_class: int
    fresh: int
    join: bool
    reward: float | None
    eye: Eye | None


@dataclass(frozen=True)
class Judged:
    """A batch with the expert's own verdicts."""

    folder: Path
    rows: list[dict[str, str]]
    perfect: np.ndarray
    right: np.ndarray


def main() -> None:
    """Walks the rounds of each seed, then prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kimg", type=float, default=20, help="more in each round")
    parser.add_argument("--per-class", type=int, default=50, help="judged images of each class and round")
    parser.add_argument("--fresh", type=int, default=200, help="fresh images of each class")
    parser.add_argument("--embryos", type=int, default=120)
    parser.add_argument("--moments", type=int, default=6)
    parser.add_argument("--join", action="store_true")
    parser.add_argument("--reward", type=float, default=None, help="weight of the scorer in the loss")
    parser.add_argument("--seeds-from", type=int, default=0)
    wish = parser.parse_args()
    drawn = _drawn(wish.out, wish.embryos, wish.moments)
    expert = simulated_expert.learn(drawn)
    print("called perfect:", {k: round(v, 3) for k, v in simulated_expert.checks(expert, drawn).items()})
    eye = None if wish.reward is None else Eye(drawn, wish.out / "encoder")
    numbers = (wish.rounds, wish.kimg, wish.per_class, wish.fresh)
    setting = Setting(wish.out, drawn, expert, *numbers, wish.join, wish.reward, eye)
    seeds = range(wish.seeds_from, wish.seeds_from + wish.seeds)
    found = [one for seed in seeds for one in walk(setting, seed)]
    table = summary(found, wish.rounds, wish.join) + rewarded_summary(found, wish.rounds)
    write_json(wish.out / "three_rounds.json", {"asked": _plain(vars(wish)), "found": found, "table": table})
    for row in table:
        print(row["sentence"])


def walk(setting: Setting, seed: int) -> Iterable[dict[str, Any]]:
    """All rounds of both arms."""
    history: dict[str, list[tuple[Judged, np.ndarray, np.ndarray]]] = {arm: [] for arm in ARMS}
    for number in range(1, setting.rounds + 1):
        for arm in ARMS:
            home = setting.out / f"seed{seed}" / f"round{number}"
            own = home / arm if setting.join else home
            run = _trained(setting, seed, number, arm, own, history[arm])
            batch = judged(setting, _batch(run, own / "batch", setting.per_class, 100_000 * number))
            history[arm].append((batch, *_verdicts(batch, arm, seed * 1000 + number)))
            scorer = _scorer(setting, history[arm], home / f"scorer-{arm}")
            yield _measured(setting, run, scorer, home / f"fresh-{arm}", (seed, number, arm))
        if setting.reward is not None and number > 1:
            yield _rewarded(setting, seed, number)


def summary(found: Sequence[dict[str, Any]], rounds: int, join: bool) -> list[dict[str, Any]]:
    """A row a round: what each arm kept, what it had made, and the arms' paired difference."""
    rows = []
    for number in range(1, rounds + 1):
        of = {arm: [one for one in found if (one["round"], one["arm"]) == (number, arm)] for arm in ARMS}
        kept = {arm: np.array([one["kept"] for one in of[arm]]) for arm in ARMS}
        made, others = (np.array([one["made"] for one in of[arm]]) for arm in ARMS)
        own = {"made_control": interval(others)} if join else {}
        useful = {arm: sum(one["useful"] for one in of[arm]) for arm in ARMS}
        figures = {
            "made": interval(made),
            **own,
            **{f"kept_{arm}": interval(kept[arm]) for arm in ARMS},
            "difference": interval(kept["expert"] - kept["control"]),
        }
        words = ", ".join(f"{name.replace('_', ' ')} {_words(value)}" for name, value in figures.items())
        used = f"scorers of use {useful['expert']} and {useful['control']} of {len(made)}"
        text = f"round {number}: {words}; {used}"
        rows.append({"round": number, **figures, "useful": useful, "seeds": len(made), "sentence": text})
    return rows


def rewarded_summary(found: Sequence[dict[str, Any]], rounds: int) -> list[dict[str, Any]]:
    """A row for each later round: with the reward, without it, and the paired difference."""
    rows = []
    for number in range(2, rounds + 1):
        own = [one for one in found if (one["round"], one["arm"]) == (number, "reward")]
        if not own:
            continue
        figures = {}
        for name in ("good", "perfect", "right", "recall"):
            both = {side: np.array([one[side][name] for one in own]) for side in ("with", "without")}
            figures |= {f"{name} {side}": interval(values) for side, values in both.items()}
            figures[f"{name} gained"] = interval(both["with"] - both["without"])
        words = ", ".join(f"{name} {_words(value)}" for name, value in figures.items())
        used = sum(one["used"] for one in own)
        text = f"round {number}, reward: {words}; could be used {used} of {len(own)}"
        rows.append({"round": number, **figures, "used": used, "seeds": len(own), "sentence": text})
    return rows


def interval(values: np.ndarray) -> list[float | None]:
    """Mean and its 95 % interval (Student's t over seeds; none of one seed)."""
    mean = float(values.mean())
    if len(values) < 2:
        return [mean, None, None]
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return [mean, mean - half, mean + half]


def judged(setting: Setting, folder: Path) -> Judged:
    """The expert looks at a batch."""
    with (folder / PROVENANCE_FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    images, labels = _images(folder, rows)
    return Judged(folder, rows, setting.expert.perfect(images), setting.expert.right(images, labels))


def _measured(
    setting: Setting, run: Path, scorer: Path, folder: Path, who: tuple[int, int, str]
) -> dict[str, Any]:
    """Share of perfect images of the right class among fresh ones: of all made, and of those kept."""
    info = read_scorer(scorer)
    first = 50_000_000 + 1_000_000 * who[1]
    more = ("--scorer", scorer, "--accept", 0) if info.useful else ()
    fresh = judged(setting, _batch(run, folder, setting.fresh, first, *more))
    good = fresh.perfect & fresh.right
    kept = _best(fresh) if info.useful else np.ones(len(good), bool)
    auc = (info.facts.get("by_image") or {}).get("perfect")
    return {
        "seed": who[0], "round": who[1], "arm": who[2], "useful": info.useful, "sentence": info.sentence,
        "made": float(good.mean()), "kept": float(good[kept].mean()), "auc": auc and auc["auc"]["value"],
        "made_perfect": float(fresh.perfect.mean()), "kept_perfect": float(fresh.perfect[kept].mean()),
        "made_right": float(fresh.right.mean()), "kept_right": float(fresh.right[kept].mean()),
    }  # fmt: skip


def _rewarded(setting: Setting, seed: int, number: int) -> dict[str, Any]:
    """The round's generator trained once more with the reward; where the scorer is refused, the plain one."""
    before, home = (setting.out / f"seed{seed}" / f"round{n}" for n in (number - 1, number))
    arm = "expert" if setting.join else ""
    plain, run = home / arm / "run", home / f"reward-{setting.reward:g}"
    if not _finished(run):
        scorer = _with_halves(before / "scorer-expert", home / "scorer-reward")
        data = home / arm / "data"
        wishes = ("--data", data if data.exists() else setting.out / "data", "--kimg", setting.kimg)
        wishes += ("--seed", 100 * seed + number, "--start-from", before / arm / "run")
        gan(
            "train",
            "--run-dir",
            run,
            *wishes,
            "--reward",
            scorer,
            "--reward-weight",
            setting.reward,
            ok=(0, 1),
        )
    used = _finished(run)
    sides = {
        "with": _looked_at(setting, run if used else plain, home / f"fresh-{run.name}", number),
        "without": _looked_at(setting, plain, home / "fresh-plain", number),
    }
    who = {"seed": seed, "round": number, "arm": "reward", "weight": setting.reward, "used": used}
    return {**who, **sides}


def _with_halves(scorer: Path, folder: Path) -> Path:
    """The scorer; one of an older version is trained again on its table."""
    if "halves" in read_scorer(scorer).facts or not read_scorer(scorer).useful:
        return scorer
    if not (folder / "scorer.json").exists():
        gan("scorer", "--verdicts", scorer / VERDICT_FILE, "--out", folder)
    return folder


def _looked_at(setting: Setting, run: Path, folder: Path, number: int) -> dict[str, float]:
    """What the expert says of fresh images, none chosen, and their variety."""
    fresh = judged(setting, _batch(run, folder, setting.fresh, 60_000_000 + 1_000_000 * number))
    shares = {"good": fresh.perfect & fresh.right, "perfect": fresh.perfect, "right": fresh.right}
    figures = {name: float(values.mean()) for name, values in shares.items()}
    return figures | (setting.eye.look(_images(folder, fresh.rows)[0]) if setting.eye else {})


def _best(fresh: Judged) -> np.ndarray:
    """The quarter of each class that the scorer expects most of."""
    with (fresh.folder / SCORES_FILE).open(encoding="utf-8", newline="") as file:
        p = np.array([float(row["p"]) for row in csv.DictReader(file)])
    kept = np.zeros(len(p), bool)
    for name in CLASSES:
        own = np.array([n for n, row in enumerate(fresh.rows) if row["class_name"] == name])
        kept[own[np.argsort(-p[own])[: round(KEPT * len(own))]]] = True
    return kept


def _verdicts(batch: Judged, arm: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The expert's; in the control the same ones, dealt out at random."""
    order = np.arange(len(batch.rows))
    if arm == "control":
        order = np.random.RandomState(seed).permutation(order)
    return batch.perfect[order], batch.right[order]


def _trained(
    setting: Setting,
    seed: int,
    number: int,
    arm: str,
    home: Path,
    history: Sequence[tuple[Judged, np.ndarray, np.ndarray]],
) -> Path:
    """The round's generator, from that of the round before."""
    run = home / "run"
    if _finished(run):
        return run
    data = setting.out / "data"
    if setting.join and history:
        data = _joined(setting, home / "data", history)
    before = setting.out / f"seed{seed}" / f"round{number - 1}" / (arm if setting.join else "") / "run"
    start = ("--start-from", before) if number > 1 else ()
    gan(
        "train",
        "--run-dir",
        run,
        "--data",
        data,
        "--kimg",
        setting.kimg,
        "--seed",
        100 * seed + number,
        *start,
    )
    return run


def _finished(run: Path) -> bool:
    return (run / "result.json").exists() and read_json(run / "result.json")["outcome"] == "finished"


def _joined(setting: Setting, folder: Path, history: Sequence[tuple[Judged, np.ndarray, np.ndarray]]) -> Path:
    """The real images and those that the arm's verdicts let in, at most a fifth of all."""
    if (folder / "dataset.json").exists():
        return folder
    labels = list(read_json(setting.out / "data" / "dataset.json")["labels"])
    room = int(CAP / (1 - CAP) * len(labels))
    folder.mkdir(parents=True, exist_ok=True)
    for name, _ in labels:
        (folder / name).write_bytes((setting.out / "data" / name).read_bytes())
    let_in = [
        (batch.folder / row["image"], int(row["class_index"]))
        for batch, perfect, right in history
        for row, good in zip(batch.rows, perfect & right, strict=True)
        if good
    ]
    for path, label in let_in[-room:]:
        (folder / path.name).write_bytes(path.read_bytes())
        labels.append([path.name, label])
    write_json(folder / "dataset.json", {"labels": labels, "classes": CLASSES})
    return folder


def _batch(run: Path, folder: Path, per_class: int, first: int, *more: object) -> Path:
    if not (folder / "batch.json").exists():
        gan(
            "generate",
            "--network",
            run,
            "--per-class",
            per_class,
            "--seed",
            first,
            "--batch-dir",
            folder,
            *more,
        )
    return folder


def _scorer(setting: Setting, history: Sequence[tuple[Judged, np.ndarray, np.ndarray]], folder: Path) -> Path:
    if (folder / "scorer.json").exists():
        return folder
    rows: list[tuple[object, ...]] = []
    for place, (batch, perfect, right) in enumerate(history):
        for row, said, fits in zip(batch.rows, perfect, right, strict=True):
            image = (batch.folder / row["image"]).resolve()
            about = (image, row["sha256"], row["class_index"], row["class_name"])
            rows.append((*about, int(said), int(fits), f"round{place + 1}", ""))
    real = read_json(setting.out / "data" / "dataset.json")["labels"]
    for name, label in real[:: max(1, len(real) // REAL)]:
        image = (setting.out / "data" / name).resolve()
        rows.append((image, "", label, CLASSES[label], 1, 1, "", name))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / VERDICT_FILE).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([VERDICT_COLUMNS, *rows])
    gan("scorer", "--verdicts", folder / VERDICT_FILE, "--out", folder)
    return folder


def _drawn(out: Path, embryos: int, moments: int) -> DrawnSet:
    """Drawn once, and kept."""
    kept = out / f"drawn-{embryos}-{moments}.npz"
    if not kept.exists():
        out.mkdir(parents=True, exist_ok=True)
        made = draw(embryos, moments)
        write_data_set(made, out / "data")
        np.savez(kept, images=made.images.numpy(), labels=made.labels.numpy(), held_out=made.held_out.numpy())
    with np.load(kept) as file:
        return DrawnSet(*(torch.from_numpy(file[name]) for name in ("images", "labels", "held_out")))


def _images(folder: Path, rows: Sequence[dict[str, str]]) -> tuple[Tensor, Tensor]:
    pixels = [cv2.imread(str(folder / row["image"]), cv2.IMREAD_GRAYSCALE) for row in rows]
    images = torch.from_numpy(np.stack(pixels))[:, None].float() / 127.5 - 1
    return images, torch.tensor([int(row["class_index"]) for row in rows])


def _words(value: Sequence[float | None]) -> str:
    mean, low, high = value
    return f"{mean:.3f}" if low is None or high is None else f"{mean:.3f} ({low:.3f} to {high:.3f})"


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def gan(*arguments: object, ok: Sequence[int] = (0,)) -> None:
    """Runs the trainer's command."""
    command = [sys.executable, "-m", "gan", *map(str, arguments)]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=os.environ)
    if done.returncode not in ok:
        raise subprocess.CalledProcessError(done.returncode, command)


if __name__ == "__main__":
    main()
