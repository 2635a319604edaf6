"""What the states show: projects made once, copied for each state; real frames where `../shared/data` is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from blasto_annotator.domain.assignments import AssignmentPlan
from blasto_annotator.domain.grades import Grade, parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.repeats import RepeatTask
from blasto_annotator.importers.run import import_source
from blasto_annotator.sample.cohort import SampleSpec
from blasto_annotator.sample.writer import write_gomez_tree
from blasto_annotator.store import Project

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "stork" / "Images"
PLANES = (-45, -30, -15, 0, 15, 30, 45)
MOMENTS = 10
PATTERN = r"(?P<embryo>[^/]+)/RUN(?P<frame>\d+)_F(?P<plane>-?\d+)_(?P<hpi>[\d.]+)h\.png"
"""Of the tree that barely changes."""
EXAMINED = 180
"""Images that the panel of graders graded."""
PANEL = {"Ana": 0.10, "Boris": 0.22, "Clara": 0.16, "Dmitri": 0.30}
"""Grader to how often a letter or digit of theirs is one step off."""
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Material:
    """Trees of frames and projects in one folder; each is made when it is first wanted."""

    folder: Path
    drawn: bool = False
    """Drawn frames even where real ones lie beside the checkout."""

    @property
    def real(self) -> bool:
        """Whether real frames are shown."""
        return not self.drawn and REAL.is_dir()

    def tree(self, name: str) -> Path:
        """A folder, or a table, that can be imported."""
        path = self.folder / "trees" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            TREES[name](self, path)
        return path

    def project(self, name: str) -> Path:
        """A closed project, to be copied."""
        path = self.folder / "projects" / name
        if not path.exists() and name == "tampered":
            tamper(Path(shutil.copytree(self.project("lapse"), path)))
        elif not path.exists():
            with Project.create(path, "Day 5 cohort") as project:
                PROJECTS[name](self, project)
        return path


def bring_in(project: Project, tree: Path) -> None:
    """Imports a tree, and Ana may adjudicate."""
    pattern = PATTERN if any(tree.rglob("RUN1_F0_*.png")) else ""
    import_source(project, tree, *(("folder", {"pattern": pattern}) if pattern else ()))
    project.graders.enter("Ana")


def lapse_tree(material: Material, folder: Path) -> None:
    """Six embryos at ten moments and seven planes, in the layout of Gomez et al."""
    size = 96 if material.real else 500
    write_gomez_tree(folder, SampleSpec(2, MOMENTS, PLANES, size))
    if not material.real:
        return
    (folder / "DRAWN.txt").unlink()
    stacks = [path.name.rpartition("_0_")[0] for path in sorted(REAL.rglob("*_0_*.jpg"))]
    videos = sorted(path.name for path in (folder / "embryo_dataset").iterdir())
    for plane in PLANES:
        planes = folder / ("embryo_dataset" + (f"_F{plane}" if plane else ""))
        for stack, video in zip(stacks[::2], videos, strict=False):
            (real,) = REAL.rglob(f"{stack}_{plane}_*.jpg")
            for path in (planes / video).iterdir():
                turned(real, 7 * int(path.stem.rpartition("RUN")[2])).save(path, quality=90)


def turned(file: Path, degrees: float, side: int = 500) -> Image.Image:
    """The frame turned about its middle, so that moments differ."""
    with Image.open(file) as picture:
        grey = picture.convert("L")
        ground = int(np.median(np.asarray(grey)[:20]))
        return grey.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=ground).resize((side, side))


def defect_tree(material: Material, folder: Path) -> None:
    """The same tree with a truncated file, a copy, a text and a picture that is none."""
    shutil.copytree(material.tree("time lapse"), folder)
    files = sorted((folder / "embryo_dataset").rglob("*.jpeg"))
    files[3].write_bytes(files[3].read_bytes()[:300])
    files[5].write_bytes(b"")
    shutil.copy(files[8], files[8].with_name(f"copy of {files[8].name}"))
    (folder / "embryo_dataset" / "Thumbs.db").write_bytes(b"0")
    (folder / "embryo_dataset" / "read me.txt").write_text("copied from the incubator")


def text_tree(material: Material, folder: Path) -> None:
    """A plain folder of frames with well, time and a scale bar burned in."""
    font = ImageFont.load_default(20)
    for number, path in enumerate(
        sorted((material.tree("time lapse") / "embryo_dataset").rglob("*.jpeg"))[::2]
    ):
        with Image.open(path) as picture:
            grey = picture.convert("L").resize((500, 500))
        pen = ImageDraw.Draw(grey)
        pen.rectangle((0, 472, 500, 500), fill=20)
        pen.text((10, 474), f"Well {number // 5 + 1}", 235, font)
        pen.text((418, 474), f"{96.4 + 3.1 * (number % 5):.1f} h", 235, font)
        pen.rectangle((220, 484, 300, 487), fill=235)
        target = folder / f"well {number // 5 + 1}" / f"well{number // 5 + 1}_{number % 5 + 1}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        grey.save(target)


def still_tree(material: Material, folder: Path) -> None:
    """Two embryos, the first of which barely changes."""
    videos = sorted((material.tree("time lapse") / "embryo_dataset").iterdir())[:2]
    for video in videos:
        (folder / video.name).mkdir(parents=True)
        files = sorted(video.iterdir(), key=lambda path: int(path.stem.rpartition("RUN")[2]))
        for number, path in enumerate(files[:6]):
            with Image.open(files[0] if video == videos[0] and number < 4 else path) as picture:
                picture.putpixel((number, 0), 128)
                picture.save(folder / video.name / f"RUN{number + 1}_F0_{104 + number}.0h.png")


def panel_tree(material: Material, folder: Path) -> None:
    """One frame each of many embryos."""
    folder.mkdir()
    frames = sorted(REAL.rglob("*_0_*.jpg")) if material.real else []
    frames = frames or sorted((material.tree("time lapse") / "embryo_dataset").rglob("*.jpeg"))
    for number in range(EXAMINED):
        picture = turned(frames[number % len(frames)], 23 * number, 320)
        picture.save(folder / f"E{number + 1:03d}_1.jpg", quality=85)


def grade_table(_: Material, file: Path) -> None:
    """Grades as a laboratory keeps them: most lines are understood, some are not."""
    lines = [f"E{n:03d}_1.jpg;{3 + n % 3};{'ABC'[n % 3]};{'ABC'[n // 2 % 3]}" for n in range(1, 40)]
    lines[4], lines[9] = "E005_1.jpg;9;A;B", "nobody.jpg;4;A;B"
    file.write_text("\n".join(["Image;Expansion;ICM;TE", *lines]) + "\n", encoding="utf-8")


def class_tree(material: Material, folder: Path) -> None:
    """Stills that are numbered in folders called as what they show."""
    frames = sorted((material.tree("panel")).glob("*.jpg"))[:48]
    for number, path in enumerate(frames):
        target = folder / ("Blastocyst", "Early blastocyst", "Morula")[number % 3] / f"{number:05d}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def shelf_tree(material: Material, folder: Path) -> None:
    """Many stills in two folders whose words tell nothing of embryos."""
    frames = sorted((material.tree("panel")).glob("*.jpg"))[:60]
    for number, path in enumerate(frames):
        target = folder / ("training", "archive")[number % 2] / f"{number:05d}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def twin_table(_: Material, file: Path) -> None:
    """Two graders side by side under the same titles."""
    letters = "ABC"
    lines = [
        f"E{n:03d}_1.jpg,{3 + n % 3},{letters[n % 3]},{letters[n % 2]},{letters[n // 2 % 3]}"
        for n in range(1, 30)
    ]
    file.write_text("\n".join(["Image,Expansion,ICM,ICM,TE", *lines]) + "\n", encoding="utf-8")


def label_lapse(material: Material, project: Project) -> None:
    """Ana and two colleagues graded some moments; one note, one correction, flags, a saved filter."""
    bring_in(project, material.tree("time lapse"))
    for name in ("Boris", "Clara"):
        project.graders.add(name, "Ana")
    project.graders.set_pin("Boris", "2718", "Boris")
    grades = ("3BB", "4BB", "4AB", "4AA", "5AA")
    for embryo in project.frames.embryos()[:2]:
        middle = [frame for frame in project.frames.of_embryo(embryo.id) if frame.plane == 0]
        for place, frame in enumerate(middle[-5:]):
            sha256 = project.frames.ensure_hash(frame.id)
            for name, said in (("Boris", "4BC"), ("Clara", grades[place]), ("Ana", grades[place])):
                project.labels.record(frame.id, sha256, name, LabelEntry(parse_grade(said)))
        sha256 = project.frames.ensure_hash(middle[-2].id)
        entry = LabelEntry(parse_grade("4AB"), note="ICM partly behind the TE")
        project.labels.record(middle[-2].id, sha256, "Ana", entry, "correction")
        project.flags.put(middle[-2].id, sha256, "Ana", "teaching case", raised=True)
        project.flags.put(middle[-2].id, sha256, "Clara", "ask a colleague", raised=True)
    project.filters.save("Ana", "Good on day 5", "hpi:114..118 group:good")
    project.filters.save("Ana", "To discuss", 'flag:"ask a colleague"')


def damage(material: Material, project: Project) -> None:
    """One frame's file was cut short after it came in."""
    folder = Path(shutil.copytree(material.tree("time lapse"), material.folder / "trees" / "damaged"))
    bring_in(project, folder)
    frame = next(f for f in project.frames.of_embryo(project.frames.embryos()[0].id) if f.plane == 0)
    file = project.frames.file(frame)
    file.write_bytes(file.read_bytes()[:200])


def let_return(material: Material, project: Project) -> None:
    """Ana graded a frame of the last embryo days ago, so that it is due to be seen again."""
    bring_in(project, material.tree("time lapse"))
    project.repeats.set_share(0.5, "Ana")
    frame = project.frames.of_embryo(project.frames.embryos()[-1].id)[-4]
    sha256 = project.frames.ensure_hash(frame.id)
    for minute in range(30):
        entry = LabelEntry(parse_grade("4AA"), note=f"look {minute}")
        project.labels.record(frame.id, sha256, "Ana", entry, moment=NOW - timedelta(days=3, minutes=-minute))


def examine(material: Material, project: Project) -> None:
    """Four graders of different care grade everything; one grows milder; Ana sees some frames twice."""
    bring_in(project, material.tree("panel"))
    rng = np.random.default_rng(5)
    rows = [project.frames.of_embryo(embryo.id)[0] for embryo in project.frames.embryos()]
    hashes = {frame.id: project.frames.ensure_hash(frame.id) for frame in rows}
    truth = {f.id: (int(rng.integers(2, 6)), *rng.choice(3, 2, p=(0.4, 0.4, 0.2))) for f in rows}
    for name, slip in PANEL.items():
        said = []
        for place, frame in enumerate(rows):
            milder = name == "Dmitri" and rng.random() < 0.5 * place / len(rows)
            said.append((frame.id, hashes[frame.id], LabelEntry(slipped(truth[frame.id], slip, milder, rng))))
        project.graders.enter(name)
        for part in range(6):  # an evening's work each
            moment = NOW - timedelta(days=6 - part)
            project.labels.record_many(said[part * 30 : part * 30 + 30], name, "", moment)
    for number, label in enumerate(project.labels.current("Ana")[:24]):
        task = RepeatTask(label.frame_id, label.sha256, "rot90", label.id)
        again = LabelEntry(slipped(truth[label.frame_id], 0.15, False, rng))
        project.repeats.record(task, "Ana", again, NOW + timedelta(seconds=number))


def slipped(truth: tuple[int, int, int], slip: float, milder: bool, rng: np.random.Generator) -> Grade:
    """A grade as somebody may give it: each part one step off now and then."""
    steps = [int(rng.choice((-1, 1))) if rng.random() < slip else 0 for _ in range(3)]
    expansion, icm, te = (int(part) + step for part, step in zip(truth, steps, strict=True))
    letters = ["ABC"[min(max(part - milder, 0), 2)] for part in (icm, te)]
    return Grade(min(max(expansion, 2), 6), letters[0], letters[1])


def deal(material: Material, project: Project) -> None:
    """Three graders who share a third of the embryos; one with a PIN, one whose account is closed."""
    label_lapse(material, project)
    project.graders.add("Dmitri", "Ana")
    project.graders.set_active("Dmitri", False, "Ana")
    project.assignments.assign(AssignmentPlan(("Ana", "Boris", "Clara"), 0.34), "Ana")


def move(material: Material, project: Project) -> None:
    """The source's folder is not where it was."""
    folder = Path(shutil.copytree(material.tree("still"), material.folder / "trees" / "moved"))
    bring_in(project, folder)
    folder.rename(folder.with_name("moved away"))


def tamper(project: Path) -> None:
    """Somebody changed a grade in the database, past the application."""
    with closing(sqlite3.connect(project / "project.db")) as database, database:
        database.execute("DROP TRIGGER label_no_update")
        database.execute("UPDATE label SET te = 'A' WHERE id = 5")


def cut_end(folder: Path) -> None:
    """The newest row of the trail is gone, and the flag that it told of."""
    with closing(sqlite3.connect(folder / "project.db")) as database, database:
        for table in ("audit", "flag"):
            database.execute(f"DROP TRIGGER {table}_no_delete")
            database.execute(f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})")  # noqa: S608


def _of(tree: str) -> Callable[[Material, Project], None]:
    """A project of one tree, nothing graded."""
    return lambda material, project: bring_in(project, material.tree(tree))


TREES: dict[str, Callable[[Material, Path], None]] = {
    "time lapse": lapse_tree,
    "with defects": defect_tree,
    "with text": text_tree,
    "still": still_tree,
    "panel": panel_tree,
    "grades.csv": grade_table,
    "classes": class_tree,
    "shelves": shelf_tree,
    "two readers.csv": twin_table,
}
PROJECTS: dict[str, Callable[[Material, Project], None]] = {
    "empty": lambda _, project: None,
    "fresh": _of("time lapse"),
    "still": _of("still"),
    "text": _of("with text"),
    "lapse": label_lapse,
    "unreadable": damage,
    "returning": let_return,
    "panel": examine,
    "dealt": deal,
    "moved": move,
}
