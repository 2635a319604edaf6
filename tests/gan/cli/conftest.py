"""Commands in this process, and a small trained network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from gan.cli.app import main
from gan.contract.run_folder import RunFolder
from tests.gan.trainers import SMALL, new_run, train


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    errors: str


Command = Callable[..., Answer]


@pytest.fixture
def gan(capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """`python -m gan` with these arguments."""
    exact = torch.are_deterministic_algorithms_enabled()

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Answer(status, said.out, said.err)

    yield run
    torch.use_deterministic_algorithms(exact)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, data: Path) -> RunFolder:
    """A finished run of the real family with three classes and two checkpoints; not to be changed."""
    run = new_run(
        tmp_path_factory.mktemp("runs") / "trained",
        data,
        family="stylegan2",
        options=SMALL,
        goal_kimg=0.016,
        checkpoint_kimg=0.008,
    )
    assert train(run).returncode == 0
    return run
