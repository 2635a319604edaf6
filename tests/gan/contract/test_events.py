"""Events between trainer and window: JSON lines that survive kills, NaN and newer versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gan.contract.events import decode, encode, read_events


def test_an_event_comes_back_as_it_was_told() -> None:
    event = decode(
        encode("sample", {"kimg": 1.5, "path": "samples/ü.png", "columns": ["a", "b"]}, now=12.3456)
    )

    assert event is not None
    assert (event.kind, event.time) == ("sample", 12.346)
    assert event.fields == {"kimg": 1.5, "path": "samples/ü.png", "columns": ["a", "b"]}


def test_what_json_has_no_number_for_becomes_null_at_any_depth() -> None:
    nan, inf = float("nan"), float("inf")
    line = encode("progress", {"pace": nan, "losses": {"loss_g": inf, "loss_d": 1.0}, "range": (-inf, 2.0)})

    value = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    assert (value["pace"], value["losses"]) == (None, {"loss_g": None, "loss_d": 1.0})
    assert value["range"] == [None, 2.0]


def test_a_line_has_no_line_end_but_its_last_character() -> None:
    line = encode("error", {"message": "one\ntwo\u2028three\x85four"})

    assert line.count("\n") == 1
    assert len(line.splitlines()) == 1
    assert line.isascii()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        '{"v": 1, "event": "progress", "time": 1, "kim',
        "[1, 2]",
        '"progress"',
        '{"v": 2, "event": "progress", "time": 1}',
        '{"v": 1, "event": "from the future", "time": 1}',
        '{"v": 1, "event": ["progress"], "time": 1}',
        '{"v": 1, "event": "progress", "time": "noon"}',
        '{"v": 1, "event": "progress"}',
        "[" * 100_000,
    ],
)
def test_broken_and_unknown_lines_are_no_event(line: str) -> None:
    assert decode(line) is None


def test_reading_goes_on_behind_the_last_whole_line(tmp_path: Path) -> None:
    record, first, second = (
        tmp_path / "events.jsonl",
        encode("warning", {}),
        encode("error", {"message": "m"}),
    )
    record.write_text(first + second[:10])

    events, offset = read_events(record)
    assert ([event.kind for event in events], offset) == (["warning"], len(first))

    record.write_text(first + second)
    events, offset = read_events(record, offset)
    assert ([event.kind for event in events], offset) == (["error"], len(first) + len(second))
    assert read_events(record, offset) == ([], offset)


def test_half_a_line_of_a_killed_trainer_hides_nothing_after_it(tmp_path: Path) -> None:
    record = tmp_path / "events.jsonl"
    record.write_bytes(b'{"v": 1, "ev\xff\n' + encode("warning", {}).encode())

    assert [event.kind for event in read_events(record)[0]] == ["warning"]


def test_a_record_that_is_not_there_yet_holds_no_events(tmp_path: Path) -> None:
    assert read_events(tmp_path / "events.jsonl", 7) == ([], 7)
