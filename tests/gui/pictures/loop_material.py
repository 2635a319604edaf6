"""What Review, Train and Reports show: labelled embryos, generated batches, runs and rounds as they are left.

Nothing is trained: a trainer's files are written as it writes them. Where real frames are shown, the images
of a batch are real ones too, of a public set that the project has not imported.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from blasto_annotator.curation.near_copies import find_near_copies
from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.curation.selection import SnapshotOptions
from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import Answer, ItemKind, Mode, Realism, ReviewSession, Verdict
from blasto_annotator.importers.run import import_source
from blasto_annotator.rounds.record import Round, RoundWish, begin
from blasto_annotator.rounds.steps import (
    BATCH,
    CONTROL,
    EVALUATION,
    REVIEW,
    REWARDED,
    SCORER,
    SNAPSHOT,
    TRAINING,
    TRAININGS,
    USUAL,
    steps_of,
)
from blasto_annotator.sample.draw import draw_frame
from blasto_annotator.sample.embryo import plan_embryo
from blasto_annotator.store import Project
from blasto_annotator.training.runs import ORIGIN
from gan.contract.batch_folder import PROVENANCE_COLUMNS, PROVENANCE_FILE, BatchInfo, write_batch
from gan.contract.config import RunConfig, write_config
from gan.contract.events import encode
from gan.contract.jsonfile import write_json
from gan.contract.result import RunResult, write_result
from tests.gui.pictures import material as shown

if TYPE_CHECKING:
    from tests.gui.pictures.material import Material

GENERATED = shown.REAL.parents[1] / "embryostagegen" / "Blastocyst"
GRADES = ("4AA", "3BB", "4CC", "4AB", "4BA", "3CB")
CLASSES = ("good", "average", "poor")
EMBRYOS, SIDE, PER_CLASS = 42, 256, 8
OLD, NEW = "20260401-101500", "20260501-101500"
RUNS = ("20260401-093000-gpu", "20260501-093000-gpu")
LIVING = "20260601-093000-gpu"
"""The run of a round whose training is under way."""
LAST_KIMG = 40
READERS = ("Ana", "Boris")


def cohort_tree(material: Material, folder: Path) -> None:
    """One frame each of some embryos."""
    folder.mkdir()
    real = sorted(shown.REAL.rglob("*_0_*.jpg")) if material.real else []
    for number in range(EMBRYOS):
        turned = shown.turned(real[number % len(real)], 37 * number, 320) if real else drawn(number, 320)
        turned.save(folder / f"E{number + 1:03d}_1.jpg", quality=90)


def drawn(number: int, side: int) -> Image.Image:
    """An embryo of the grade of this place in `GRADES`."""
    grade = GRADES[number % len(GRADES)]
    plan = plan_embryo(500 + number, grade[1], grade[2])  # type: ignore[arg-type]
    return Image.fromarray(draw_frame(plan, 116.0, 0.0, side))


def label_cohort(material: Material, project: Project) -> None:
    """Labels by Ana; half of the embryos in a snapshot, so that the others can be mixed in."""
    import_source(project, material.tree("cohort"))
    project.graders.enter("Ana")
    rows = [project.frames.of_embryo(embryo.id)[0] for embryo in project.frames.embryos()]
    for number, frame in enumerate(rows[: EMBRYOS // 2]):
        label(project, frame, number)
    build(project, SnapshotOptions(size=128))
    for number, frame in enumerate(rows[EMBRYOS // 2 :], EMBRYOS // 2):
        label(project, frame, number)


def label(project: Project, frame: Any, number: int) -> None:
    """Ana's grade of a frame."""
    entry = LabelEntry(parse_grade(GRADES[number % len(GRADES)]))
    project.labels.record(frame.id, project.frames.ensure_hash(frame.id), "Ana", entry)


def fakes(material: Material, first: int, count: int) -> list[Image.Image]:
    """Pictures that stand for a generator's."""
    if not material.real or not GENERATED.is_dir():
        return [drawn(200 + (first + place) * 3 % 97 * 3 + place % 3, SIDE) for place in range(count)]
    found = []
    for path in sorted(GENERATED.glob("*.png"))[first : first + count]:
        with Image.open(path) as picture:
            found.append(picture.convert("L").resize((SIDE, SIDE)))
    return found


def write_batch_of(material: Material, project: Project, name: str, run: str) -> None:
    """A batch as a generator leaves it; the first image of the newer one is a training frame, turned."""
    folder = project.batches / name
    (folder / "images").mkdir(parents=True)
    rows: list[tuple[object, ...]] = []
    pictures = fakes(material, 0 if name == OLD else 3 * PER_CLASS, 3 * PER_CLASS)
    if name == NEW:
        copied = next(iter(sorted(project.snapshots.glob("*/train/**/*.png"))))
        with Image.open(copied) as frame:
            pictures[0] = frame.convert("L").rotate(90).resize((SIDE, SIDE))
    for number, picture in enumerate(pictures):
        image, at = f"images/{number:05d}.png", number // PER_CLASS
        picture.save(folder / image)
        sha256 = hashlib.sha256((folder / image).read_bytes()).hexdigest()
        rows.append((image, sha256, at, CLASSES[at], number))
    with (folder / PROVENANCE_FILE).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([PROVENANCE_COLUMNS, *rows])
    info = BatchInfo(
        id=name, run=run, checkpoint=f"../../runs/{run}/checkpoints/kimg-{LAST_KIMG:06d}.000",
        model=("ab" if name == OLD else "cd") * 32, family="stylegan2", resolution=SIDE, classes=CLASSES,
        per_class=PER_CLASS, truncation=1.0, first_seed=0 if name == OLD else 1000,
        created_utc=_time(name).isoformat(),
    )  # fmt: skip
    write_batch(folder, info)
    find_near_copies(project, name)


def write_run(material: Material, project: Project, name: str, number: int, until: int = LAST_KIMG) -> None:
    """A run: curves, sample grids that refine, evaluations; its last checkpoint where it came to its end."""
    folder = project.runs / name
    (folder / "samples").mkdir(parents=True)
    origin = {
        "v": 1,
        "created_utc": _time(name).isoformat(),
        "host": "lab",
        "snapshot": "",
        "version": "1",
        "who": "Ana",
    }
    write_json(folder / ORIGIN, origin)
    write_config(folder / "config.json", RunConfig("data", SIDE, CLASSES, goal_kimg=LAST_KIMG, device="cpu"))
    lines = [_started(0)]
    rng = np.random.default_rng(number)
    pictures = fakes(material, 48 + 12 * number, 12)
    for kimg in range(1, until + 1):
        lines.append(_progress(kimg, rng))
        if kimg % 10 == 0:
            path = f"samples/kimg-{kimg:06d}.png"
            grid(pictures, LAST_KIMG // kimg).save(folder / path)
            lines.append(encode("sample", {"kimg": kimg, "path": path, "columns": list(CLASSES)}))
            value = (0.06 - 0.01 * number) * math.exp(-kimg / 25)
            for kind, factor in (
                ("", 1.0),
                *((f"/{made}", 1.1 + 0.2 * at) for at, made in enumerate(CLASSES)),
            ):
                told = {"kimg": kimg, "name": f"kernel_distance{kind}", "value": value * factor, "n": 600}
                lines.append(encode("metric", told))
    if until == LAST_KIMG:
        lines.append(encode("finished", {"kimg": LAST_KIMG}))
    (folder / "events.jsonl").write_text("".join(lines), encoding="utf-8")
    if until < LAST_KIMG:
        return
    write_result(folder / "result.json", RunResult("finished", LAST_KIMG, None, 5400, ""))
    write_checkpoint(project, name, number)


def write_checkpoint(project: Project, name: str, number: int) -> Path:
    """A checkpoint's description as the trainer writes it."""
    folder = project.runs / name / "checkpoints" / f"kimg-{LAST_KIMG:06d}.000"
    folder.mkdir(parents=True)
    before = f"../{RUNS[0]}/checkpoints/kimg-{LAST_KIMG:06d}.000" if number else None
    told = {
        "v": 1, "family": "stylegan2", "resolution": SIDE, "channels": 1, "classes": list(CLASSES),
        "kimg": float(LAST_KIMG), "run": name, "snapshot": "", "preset": "gpu",
        "networks_sha256": ("cd" if number else "ab") * 32, "start_from": before,
        "created_utc": _time(name).isoformat(),
    }  # fmt: skip
    (folder / "checkpoint.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def grid(pictures: list[Image.Image], blur: int) -> Image.Image:
    """Twelve pictures in three blocks of two columns, the coarser the earlier."""
    side = 128
    whole = Image.new("L", (6 * side, 2 * side))
    for place, picture in enumerate(pictures):
        small = picture.resize((side // (2 * blur - 1),) * 2, Image.Resampling.BILINEAR)
        whole.paste(
            small.resize((side, side), Image.Resampling.BICUBIC), (place % 6 * side, place // 6 * side)
        )
    return whole


def generate(material: Material, project: Project) -> None:
    """Two models, the older in use, and a batch of each; nobody has looked."""
    label_cohort(material, project)
    for number, (run, batch) in enumerate(zip(RUNS, (OLD, NEW), strict=True)):
        write_run(material, project, run, number)
        write_batch_of(material, project, batch, run)
    project.models.promote(project.runs / RUNS[0] / "checkpoints" / f"kimg-{LAST_KIMG:06d}.000", "Ana")


def review(material: Material, project: Project) -> None:
    """Both readers rated both batches, told real from generated and compared the models; Ana paused one."""
    generate(material, project)
    for plan in (
        ReviewPlan((NEW, OLD), READERS, real_share=0.2, seed=1),
        ReviewPlan((NEW,), READERS, Mode.CHOICE, real_share=0.5, seed=2),
        ReviewPlan((NEW, OLD), READERS, Mode.PAIR, repeat_share=0, seed=3),
    ):
        for number, session in enumerate(plan_review(project, plan)):
            answer(project, session, number)


def pause(material: Material, project: Project) -> None:
    """Two readers at one batch: Boris has finished, Ana is in the middle."""
    generate(material, project)
    ana, boris = plan_review(project, ReviewPlan((NEW,), READERS, real_share=0.2, seed=1))
    answer(project, ana, 0, len(ana.items) // 2)
    answer(project, boris, 1)


def finish(material: Material, project: Project) -> None:
    """Ana has finished, Boris has not begun."""
    generate(material, project)
    ana, _ = plan_review(project, ReviewPlan((NEW,), READERS, real_share=0.2, seed=1))
    answer(project, ana, 0)


def answer(project: Project, session: ReviewSession, number: int, until: int | None = None) -> None:
    """Verdicts as a careful reader gives them, the same in every run."""
    rng = np.random.default_rng(10 * session.seed + number)
    for item in session.items[:until]:
        if item.partner is not None and item.partner < item.position:
            continue
        real, batch = item.kind is ItemKind.REAL, item.batch or session.batch
        if session.mode is Mode.PAIR:
            left = (batch == NEW) == (rng.random() < 0.7)
            verdict = Verdict(None, answer=Answer.LEFT if left else Answer.RIGHT)
        elif session.mode is Mode.CHOICE:
            said = real == (rng.random() < 0.6)
            verdict = Verdict(None, answer=Answer.REAL if said else Answer.GENERATED)
        else:
            step = (Realism.PERFECT, Realism.MINOR_FLAWS, Realism.IMPLAUSIBLE)[
                int(rng.choice(3, p=(0.9, 0.1, 0) if real else (0.5, 0.35, 0.15)))
            ]
            defects = () if step is Realism.PERFECT else (str(rng.choice(["mirror", "zona_thickness"])),)
            verdict = Verdict(step, wrong_class=rng.random() < 0.1, defects=defects)
        project.reviews.record(session.id, batch, item, session.reviewer, verdict)


def round_of(steps: int, **more: Any) -> Callable[[Material, Project], None]:
    """A round's record as whoever walks it leaves it after so many steps."""

    def made(material: Material, project: Project) -> None:
        generate(material, project)
        walk(project, steps, **more)

    return made


def at_step(step: str) -> Callable[[Material, Project], None]:
    """A round at this step; one whose generator is being trained has come half way."""
    reward = step == CONTROL
    order = REWARDED if reward else USUAL

    def made(material: Material, project: Project) -> None:
        generate(material, project)
        living = {}
        if step in TRAININGS:
            write_run(material, project, LIVING, 2, LAST_KIMG // 2)
            living = {"done": {"run": RUNS[1], "control_run": LIVING} if reward else {"run": LIVING}}
        walk(project, order.index(step), reward=reward, **living)

    return made


def walk(project: Project, steps: int, *, reward: bool = False, **more: Any) -> Round:
    """Writes the record of a round that has come so far."""
    wish = RoundWish(
        "gpu", kimg=float(LAST_KIMG), per_class=PER_CLASS, readers=("Ana",), who="Ana", reward=reward
    )
    current = begin(project, wish)
    names = [step.name for step in steps_of(wish)]
    current.said = {name: SAID[name] for name in names[:steps]}
    current.step = names[min(steps, len(names) - 1)]
    if steps > 1:
        current.done["run"] = RUNS[1]
    for name, value in more.items():
        setattr(current, name, current.done | value if name == "done" else value)
    current.write()
    return current


def ready(material: Material, project: Project) -> None:
    """A round whose review waits for Ana."""
    generate(material, project)
    (session,) = plan_review(project, ReviewPlan((NEW,), ("Ana",), real_share=0.2, seed=1))
    waiting = [{"session": session.id, "reader": "Ana", "images": len(session.items)}]
    when = datetime(2026, 5, 1, 12, tzinfo=UTC).isoformat()
    walk(project, 6, done={"batch": {"id": NEW}, "review": waiting, "finished_utc": when})


def _time(name: str) -> datetime:
    return datetime.strptime(name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC) + timedelta(minutes=1)


def _started(kimg: float) -> str:
    told = {"kimg": kimg, "goal_kimg": LAST_KIMG, "device": "cpu", "device_title": "Processor, 8 threads"}
    return encode("started", told | {"parameters": 24_800_000, "images": 21})


def _progress(kimg: int, rng: np.random.Generator) -> str:
    losses = {
        "loss_g": 0.9 + 0.5 * math.exp(-kimg / 8) + rng.normal(0, 0.05),
        "loss_d": 1.1 - 0.3 * math.exp(-kimg / 6) + rng.normal(0, 0.04),
    }
    told = {"kimg": kimg, "goal_kimg": LAST_KIMG, "seconds_left": 60.0 * (LAST_KIMG - kimg), "losses": losses}
    return encode("progress", told | {"memory_gb": 6.2, "ada_p": 0.3 * (1 - math.exp(-kimg / 15))})


SAID = {
    "snapshot": "21 images of 21 embryos are in the training set.",
    "control": f"The control was trained to {LAST_KIMG} kimg.",
    "training": f"The generator was trained to {LAST_KIMG} kimg.",
    "evaluation": "Kernel distance 0.0101 to real frames of held-out embryos.",
    "scorer": "The verdicts are too few for an expert scorer; it is not used.",
    "batch": f"{3 * PER_CLASS} images, {PER_CLASS} of each class.",
    "review": "A blind review for Ana is ready.",
}
TROUBLE = "The disk is full: the checkpoint could not be written. Make room on it, then try again."
LATE = (
    "The generator of 20260501-093000-gpu could not be read: its checkpoint kimg-000040.000 is not whole. "
    "Choose another model to start from on the Train page."
)
TOLD: dict[str, tuple[str, int, int]] = {
    SNAPSHOT: ("Writing the training set", 240, 1260),
    TRAINING: ("Training the generator", 0, 0),
    CONTROL: ("Training the control, without the reward", 0, 0),
    EVALUATION: ("Comparing generated images with real ones", 3200, 10000),
    SCORER: ("Learning from the verdicts", 0, 0),
    BATCH: ("Generating images", 9, 24),
    REVIEW: ("Mixing the blind review", 0, 0),
}
"""What a round says at each step: words, done, of how many."""
TREES = {"cohort": cohort_tree}
PROJECTS: dict[str, Callable[[Material, Project], None]] = {
    "generated": generate,
    "reviewed": review,
    "review paused": pause,
    "review finished": finish,
    **{f"round at {step}": at_step(step) for step in TOLD},
    "round stopped": round_of(
        1, trouble={"stopped": True, "sentence": "Stopped on request. Resume goes on from there."}
    ),
    "round failed": round_of(1, trouble={"stopped": False, "sentence": TROUBLE}),
    "round failed late": round_of(4, trouble={"stopped": False, "sentence": LATE}),
    "round ready": ready,
}
