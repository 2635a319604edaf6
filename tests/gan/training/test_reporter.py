"""The record of events, whatever happened to it before."""

from __future__ import annotations

import os
from pathlib import Path

from gan.contract.events import read_events
from gan.training.reporter import Listener, Reporter
from tests.conftest import fill_disk


def ignore(line: str) -> None:
    """Nobody listens."""


def test_half_a_line_of_a_killed_trainer_costs_only_itself(tmp_path: Path) -> None:
    record = tmp_path / "events.jsonl"
    Reporter(record, ignore).emit("warning", message="first")
    with record.open("a") as file:
        file.write('{"v": 1, "event": "prog')

    Reporter(record, ignore).emit("warning", message="second")

    assert [event.fields["message"] for event in read_events(record)[0]] == ["first", "second"]


def test_a_full_disk_costs_events_and_not_the_run(small_disk: Path) -> None:
    record, told = small_disk / "events.jsonl", list[str]()
    reporter = Reporter(record, told.append)
    reporter.emit("warning", message="before")
    filler = fill_disk(small_disk)
    for _ in range(50):
        reporter.emit("warning", message="x" * 1000)
    filler.unlink()

    reporter.emit("warning", message="after")

    messages = [event.fields["message"] for event in read_events(record)[0]]
    assert (messages[0], messages[-1]) == ("before", "after")
    assert len(told) == 52


def test_a_listener_gets_every_line_before_it_is_closed() -> None:
    reader, writer = os.pipe()
    listener = Listener(writer)
    for number in range(100):
        listener.tell(f"{number}\n")

    listener.close()

    os.close(writer)
    with os.fdopen(reader) as file:
        assert file.read().split() == [str(number) for number in range(100)]


def test_a_listener_that_is_gone_does_not_raise() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    listener = Listener(writer)

    for _ in range(3000):
        listener.tell("anybody?\n")

    listener.close()
    os.close(writer)
