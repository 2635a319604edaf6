"""The run's figures at Weights & Biases too, where a person asks for it (extra `wandb`).

The library is imported only then, and sends only then: WANDB_MODE=offline keeps everything in the run's
folder, for `wandb sync` later. Neither the machine's state nor code is sent; a fault of the service costs its
curves and not the run.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.contract.run_folder import RunFolder
from gan.training.curves import scalars

log = logging.getLogger(__name__)


class WandbLog:
    """Passes events on to one run of the service."""

    def __init__(self, run: RunFolder, config: RunConfig) -> None:
        """Opens the run in the project `config.wandb`; a resumed one goes on under the same name.

        Raises:
            UserError: the library is not installed, or the service refuses.
        """
        wandb = _library()
        self._folder = run.path
        self._image: Callable[[str], Any] = wandb.Image
        settings = wandb.Settings(
            console="off", silent=True, disable_code=True, disable_git=True, x_disable_stats=True
        )
        try:
            self._run = wandb.init(
                project=config.wandb,
                name=run.path.name,
                id=_identity(run.path),
                resume="allow",
                dir=str(run.path),
                config=asdict(config),
                settings=settings,
            )
        except Exception as error:  # whatever the service says becomes a sentence
            raise UserError(
                f"Weights & Biases cannot be used ({error}): log in with `wandb login`, set "
                "WANDB_MODE=offline, or leave --wandb out (wandb in config.json)."
            ) from error
        self._failed = False

    def add(self, kind: str, fields: Mapping[str, Any]) -> None:
        """Logs the scalars of `progress` and `metric` events and the pictures of `sample` events, over images
        shown; other events pass."""
        values: dict[str, Any] = dict(scalars(kind, fields))
        if kind == "sample":
            values["samples"] = self._image(str(self._folder / fields["path"]))
        if values:
            self._try(lambda: self._run.log({**values, "images": round(float(fields["kimg"]) * 1000)}))

    def close(self) -> None:
        """Sends what is left."""
        self._try(self._run.finish)

    def _try(self, action: Callable[[], Any]) -> None:
        if self._failed:
            return
        try:
            action()
        except Exception as error:  # noqa: BLE001 - curves elsewhere are no reason to lose a run
            log.warning("nothing more goes to Weights & Biases: %s", error)
            self._failed = True


def _library() -> Any:
    try:
        import wandb
    except ImportError as error:
        raise UserError(
            "Weights & Biases is not installed: run `pip install blasto-annotator[wandb]`, or leave --wandb "
            "out (wandb in config.json)."
        ) from error
    return wandb


def _identity(folder: Path) -> str:
    """The same for the same run folder, so that a resumed run is one run there."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
