"""The whole loop once round, as `demo --headless` walks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from blasto_annotator.cli.console import note
from blasto_annotator.cli.simulated import REVIEWER, write_verdicts
from blasto_annotator.cli.snapshots import build_snapshot
from blasto_annotator.cli.training import choose_snapshot, train
from blasto_annotator.curation.reviewing import import_reviews
from blasto_annotator.curation.selection import SnapshotOptions
from blasto_annotator.reports.figures import COLUMNS, share_text
from blasto_annotator.reports.review_table import review_table
from blasto_annotator.store import Project
from blasto_annotator.training.generate import generate_batch
from blasto_annotator.training.plan import plan_of_snapshot
from blasto_annotator.training.presets import load_preset
from blasto_annotator.training.probe import describe_trainer
from blasto_annotator.training.record import newest_checkpoint, reached_kimg
from blasto_annotator.training.runs import create_run
from blasto_annotator.training.snapshots import counts_sentence
from gan.contract.run_folder import RunFolder
from gan.contract.snapshot_folder import SnapshotInfo

PRESET = "cpu-quick"
WHO = "demo"


def walk_loop(project: Project, kimg: float, per_class: int) -> dict[str, Any]:
    """Snapshot, retrain, generate, review, next snapshot; says each station and returns what it did."""
    first = choose_snapshot(project, "", load_preset(PRESET))
    note(counts_sentence(first))
    run = _retrain(project, first, kimg)
    note("So short a training shows that the loop works, not what embryos look like.")
    batch = generate_batch(project, run.path, per_class, who=WHO)
    note(f"Generated {per_class} images of each class in {batch}.")
    table = _review(project, batch, first)
    note(f"Reviewed by “{REVIEWER}”: simulated verdicts, for the demonstration.")
    second = build_snapshot(project, SnapshotOptions(size=first.size, include_generated=True))
    note(f"With the images called perfect: {counts_sentence(second)}")
    return {
        "project": str(project.folder.resolve()),
        "frames": project.frames.count(),
        "labels": len(project.labels.current()),
        "snapshot": first.id,
        "run": run.path.name,
        "kimg": reached_kimg(run),
        "checkpoint": str(newest_checkpoint(run)),
        "batch": batch.name,
        "images_generated": per_class * len(first.classes),
        "review": table,
        "second_snapshot": second.id,
    }


def _retrain(project: Project, images: SnapshotInfo, kimg: float) -> RunFolder:
    trainer = describe_trainer()
    preset = load_preset(PRESET)
    plan = plan_of_snapshot(project, images, preset, trainer, kimg, "")
    note(plan.sentence)
    run = create_run(project, images, preset, kimg, plan.start_from, WHO)
    train(run, detach=False)
    return run


def _review(project: Project, batch: Path, snapshot: SnapshotInfo) -> list[dict[str, str]]:
    """Verdicts by the rule, imported like any reviewer's file, and counted."""
    file = project.cache / f"simulated-verdicts-{batch.name}.csv"
    file.parent.mkdir(exist_ok=True)
    write_verdicts(batch, snapshot, file)
    import_reviews(project, file, REVIEWER, batch.name)
    rows = review_table(project, batch.name, REVIEWER).whole.generated
    return [
        {"class": row.class_name, "n": str(row.verdicts)}
        | {field: f"{title.lower()} {share_text(getattr(row, field))}" for field, title in COLUMNS}
        for row in rows
    ]
