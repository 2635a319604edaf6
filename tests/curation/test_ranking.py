"""Ranking frames by a small model's uncertainty, on drawn embryos."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from blasto_annotator.curation.ranking import rank_frames
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.queues import queue_choice
from blasto_annotator.store import Project
from tests.gui.material import draw_frames, label_frames


def test_frames_without_a_label_are_ranked_and_the_queue_follows(project: Project, tmp_path: Path) -> None:
    drawn = draw_frames(tmp_path / "frames")
    label_frames(project, drawn)
    rows = project.frames.embryos()
    second = [project.frames.of_embryo(row.id)[1] for row in rows]
    for frame in second[::2]:
        project.labels.withdraw(frame.id, project.frames.ensure_hash(frame.id), "Ada")
    seen: list[int] = []

    done = rank_frames(project, "Ada", progress=lambda number, total: seen.append(number))

    assert done.groups == ("average", "good", "poor")
    assert (done.trained_on, done.ranked, done.unreadable) == (9, 3, 0)
    assert seen[-1] == 12
    told = json.loads(done.file.read_text())["frames"]
    assert all(0 <= score <= 1 and group in done.groups for score, group in told.values())
    found = project.queues.upcoming(queue_choice("uncertain"), "Ada", project.scheme)
    assert set(found) == {frame.id for frame in second[::2]}
    assert [told[str(frame)][0] for frame in found] == sorted((told[str(f)][0] for f in found), reverse=True)


def test_too_few_labels_are_said(project: Project) -> None:
    with pytest.raises(UserError, match="Too few labels"):
        rank_frames(project)
