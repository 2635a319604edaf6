"""Processes that train together refuse to begin with different judges."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan.contract.errors import UserError
from gan.training.agreeing import one_reward
from gan.training.group import Group
from gan.training.places import Place
from gan.training.processes import ALONE
from tests.gan.scoring.test_reward import half, reward


class Pair(Group):
    """The second of two processes; what the first one says is known beforehand."""

    def __init__(self, first: str) -> None:
        super().__init__(None, Place(1, 2, 1, 2), Path("run"))  # type: ignore[arg-type]
        self._first = first

    def share_text(self, text: str) -> str:
        return self._first

    def any(self, flag: bool) -> bool:
        return flag


@pytest.mark.parametrize("other", [{"weight": 0.4}, {"kept_out": half(1, 5.1)}, {"used": half(3, 9.0)}])
def test_processes_that_read_different_scorers_are_told_so(other: dict[str, Any]) -> None:
    own, folder = reward(), Path("scorers/one")
    first = replace(own, **other).digest

    with pytest.raises(UserError, match="read different scorers at scorers/one: put the scorer where all"):
        one_reward(Pair(first), own, folder)

    assert one_reward(Pair(reward().digest), own, folder) is own
    assert one_reward(ALONE, own, folder) is own
    assert one_reward(Pair(first), None, folder) is None
