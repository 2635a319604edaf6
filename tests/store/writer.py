"""A child process that labels frames as fast as it can: `python -m tests.store.writer FOLDER GRADER COUNT`.

It says `ready`, waits for a line, then prints the number of each label after its commit.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from itertools import product
from pathlib import Path

from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project


def main(folder: str, grader: str, count: str) -> None:
    """Labels frames round and round."""
    grades = list(product((2, 3, 4), "ABC", "ABC"))
    with Project.open(Path(folder)) as project:
        frames = [f for e in project.frames.embryos() for f in project.frames.of_embryo(e.id)]
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(int(count)):
            frame = frames[number % len(frames)]
            entry = LabelEntry(Grade(*grades[number % len(grades)]), note=f"{grader} {number}")
            label = project.labels.record(frame.id, sha256(frame.path.encode()).hexdigest(), grader, entry)
            print(label.id, number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
