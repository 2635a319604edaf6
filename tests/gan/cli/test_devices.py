"""`devices`: one line that the application reads."""

from __future__ import annotations

import json

import torch

from tests.gan.cli.conftest import Command


def test_devices_are_one_line_of_json_with_the_one_that_auto_takes(gan: Command) -> None:
    answer = gan("devices")

    assert (answer.status, answer.errors) == (0, "")
    assert len(answer.out.splitlines()) == 1
    said = json.loads(answer.out)
    assert said["torch"] == torch.__version__
    assert said["device"].split(":")[0] in {entry["device"].split(":")[0] for entry in said["devices"]}
    assert said["devices"][0]["device"] == "cpu"
    assert said["cores"] >= 1
    assert {"name", "memory_gb", "threads", "precision", "remark"} <= set(said)
