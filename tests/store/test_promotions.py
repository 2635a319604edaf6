"""Which model is in use."""

from __future__ import annotations

from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project


def _checkpoint(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "checkpoint.json").write_text("{}")
    return folder


def test_the_newest_promotion_is_in_use_and_going_back_is_one_more(project: Project) -> None:
    old = _checkpoint(project.runs / "r1" / "checkpoints" / "kimg-000001.000")
    new = _checkpoint(project.runs / "r2" / "checkpoints" / "kimg-000002.000")
    assert project.models.current() is None

    project.models.promote(old, "ann", "first")
    project.models.promote(new.relative_to(project.folder), "ann")
    assert project.models.current() == "runs/r2/checkpoints/kimg-000002.000"

    project.models.promote(old, "bob", "worse zona")
    assert project.models.current() == "runs/r1/checkpoints/kimg-000001.000"
    assert [(p.who, p.why) for p in project.models.history()] == [
        ("ann", "first"),
        ("ann", ""),
        ("bob", "worse zona"),
    ]
    assert project.audit.verify() is None


def test_only_a_checkpoint_inside_the_project_can_be_promoted(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a checkpoint"):
        project.models.promote(project.runs, "ann")
    with pytest.raises(UserError, match="outside the project"):
        project.models.promote(_checkpoint(tmp_path / "elsewhere"), "ann")

    assert project.models.history() == []


def test_a_promoted_checkpoint_is_marked_so_that_its_run_keeps_it(project: Project) -> None:
    promoted = _checkpoint(project.runs / "r1" / "checkpoints" / "kimg-000001.000")
    project.models.promote(promoted, "ann")
    assert (promoted / "KEEP").exists()
