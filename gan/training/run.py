"""A sitting of a run: from `config.json` to `result.json`."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.contract.result import RunResult
from gan.contract.run_folder import RunFolder, RunState
from gan.contract.snapshot_folder import read_snapshot
from gan.data.images import Form, ImageSet, load_images
from gan.data.manifest import Origins, read_origins
from gan.data.stream import BatchStream
from gan.training.building import build_family, transfer_settings
from gan.training.device import Machine, choose_machine
from gan.training.evaluating import Evaluator, EvaluatorFor, Ground
from gan.training.family import Family, Setting
from gan.training.loop import Loop
from gan.training.outcome import close_run
from gan.training.parts import Parts
from gan.training.randomness import Randomness, derived_seed
from gan.training.reporter import Reporter
from gan.training.settings import beside, load_config
from gan.training.starting import Start, begin
from gan.training.stopping import StopRequest
from gan.training.watch import Watch

log = logging.getLogger(__name__)


def train_run(
    run: RunFolder, reporter: Reporter, stop: StopRequest, evaluator_for: EvaluatorFor
) -> RunResult:
    """Trains or resumes the run whose `alive.lock` the caller holds, until its goal or a request to stop.

    Whatever ends it in an orderly way is in the result; a fault of the program's own is in the log, in the
    result and raised.
    """
    try:
        outcome = _prepare(run, reporter, stop, evaluator_for).train()
    except UserError as error:
        return close_run(run, reporter, RunState.FAILED, str(error))
    except Exception as error:
        message = (
            f"The trainer has a fault ({type(error).__name__}: {error}): please report it with {run.log}."
        )
        close_run(run, reporter, RunState.FAILED, message)
        raise
    return close_run(run, reporter, outcome)


def _prepare(run: RunFolder, reporter: Reporter, stop: StopRequest, evaluator_for: EvaluatorFor) -> Loop:
    config = load_config(run.config)
    data = beside(run.path, config.data)
    machine = choose_machine(config.device, config.precision, config.threads)
    images = load_images(data, Form(config.resolution, config.channels, config.classes))
    origins = read_origins(data, images.names)
    randomness = Randomness(config.seed, machine.device)
    setting = _setting(config, machine)
    changed = transfer_settings(config.family, config.options) if config.start_from else {}
    family = build_family(config.family, {**config.options, **changed}, setting)
    start = begin(run, config, family, randomness)
    stream = BatchStream(images, derived_seed(config.seed, 2), config.mirror, machine.device)
    parts = Parts(
        run, config, machine, setting, family, stream, randomness, reporter, stop, _snapshot_id(data)
    )
    evaluator = _evaluator(parts, images, origins, evaluator_for)
    _announce(parts, images, start, changed)
    return Loop(parts, start, Watch(parts, evaluator, start.seen_images / 1000))


def _evaluator(
    parts: Parts, images: ImageSet, origins: Origins | None, evaluator_for: EvaluatorFor
) -> Evaluator | None:
    if parts.config.evaluate_kimg == 0:
        return None
    ground = Ground(parts.config, images, origins, parts.machine.device)
    return evaluator_for(ground, lambda sentence: parts.reporter.emit("warning", message=sentence))


def _setting(config: RunConfig, machine: Machine) -> Setting:
    return Setting(
        resolution=config.resolution,
        channels=config.channels,
        classes=len(config.classes),
        batch=config.batch,
        device=machine.device,
        precision=machine.precision,
    )


def _announce(parts: Parts, images: ImageSet, start: Start, changed: Mapping[str, Any]) -> None:
    config = parts.config
    log.info("%s on %s, %d images", config.family, parts.machine.title, len(images))
    parts.reporter.emit(
        "started",
        pid=os.getpid(),
        device=str(parts.machine.device),
        device_title=parts.machine.title,
        family=config.family,
        resolution=config.resolution,
        classes=list(config.classes),
        images=len(images),
        parameters=_parameters(parts.family),
        kimg=start.seen_images / 1000,
        goal_kimg=config.goal_kimg,
        resumed=start.resumed,
        skipped=list(start.skipped),
        skipped_groups=list(start.skipped_groups),
        transfer=dict(changed),
    )
    for message in start.warnings:
        log.warning(message)
        parts.reporter.emit("warning", message=message)


def _parameters(family: Family) -> int:
    """Numbers in generator and discriminator."""
    return sum(v.numel() for name, v in family.state_dict().items() if name.startswith(("G/", "D/")))


def _snapshot_id(data: Path) -> str:
    """The id of the snapshot whose split `data` is, or nothing."""
    try:
        return read_snapshot(data.parent).id
    except (OSError, ValueError, KeyError):
        return ""  # a data set of another origin
