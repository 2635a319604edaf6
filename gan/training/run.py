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
from gan.data.weighting import by_embryo, effective_number
from gan.training.agreeing import in_turn, one_configuration, one_reward, one_start
from gan.training.building import build_family, transfer_settings
from gan.training.device import Machine, choose_machine
from gan.training.evaluating import Evaluator, EvaluatorFor, Ground
from gan.training.family import Family, Setting
from gan.training.following import FollowingLoop, Silence
from gan.training.group import LostError, join, leave, leave_reason
from gan.training.loop import Loop
from gan.training.outcome import close_run
from gan.training.parts import Parts
from gan.training.places import ALONE, Place
from gan.training.portions import PortionSize
from gan.training.processes import Processes
from gan.training.randomness import Randomness, derived_seed
from gan.training.reporter import Reporter
from gan.training.rewarding import Reward, RewardFor
from gan.training.settings import beside, load_config
from gan.training.starting import Start, begin
from gan.training.stopping import StopRequest
from gan.training.watch import Watch
from gan.training.weights_and_biases import WandbLog

log = logging.getLogger(__name__)


def train_run(
    run: RunFolder,
    reporter: Reporter,
    stop: StopRequest,
    evaluator_for: EvaluatorFor,
    reward_for: RewardFor,
    place: Place = ALONE,
) -> RunResult:
    """Trains or resumes the run whose `alive.lock` the caller holds, until its goal or a request to stop.

    Whatever ends it in an orderly way is in the result; a fault of the program's own is in the log, in the
    result and raised.
    """
    try:
        outcome = _prepare(run, reporter, stop, (evaluator_for, reward_for), place).train()
    except UserError as error:
        return close_run(run, reporter, RunState.FAILED, str(error))
    except Exception as error:
        close_run(run, reporter, RunState.FAILED, _fault(run, error))
        raise
    finally:
        leave()
    return close_run(run, reporter, outcome)


def follow_run(run: RunFolder, stop: StopRequest, reward_for: RewardFor, place: Place) -> bool:
    """Takes part in a run that another process leads; returns whether it came to an orderly end.

    The reason why this process ends is left for the one that leads, which tells it.
    """
    try:
        _prepare(run, Silence(), stop, (lambda ground, warn: None, reward_for), place).train()
    except LostError as error:
        log.error(str(error))
        return False
    except UserError as error:
        leave_reason(run.path, place, str(error))
        return False
    except Exception as error:
        leave_reason(run.path, place, _fault(run, error))
        raise
    finally:
        leave()
    return True


def _fault(run: RunFolder, error: Exception) -> str:
    return f"The trainer has a fault ({type(error).__name__}: {error}): please report it with {run.log}."


def _prepare(
    run: RunFolder,
    reporter: Reporter,
    stop: StopRequest,
    suppliers: tuple[EvaluatorFor, RewardFor],
    place: Place,
) -> Loop:
    evaluator_for, reward_for = suppliers
    config = load_config(run.config)
    if config.wandb and place.leads:
        reporter.attach(WandbLog(run, config))
    data = beside(run.path, config.data)
    machine = choose_machine(config.device, config.precision, config.threads, place)
    processes = join(place, machine.device, run.path)
    if not place.leads:
        stop.listen()  # until here a signal ends it at once
    config = one_configuration(processes, config)
    form = Form(config.resolution, config.channels, config.classes)
    images = in_turn(processes, lambda: load_images(data, form))
    origins = read_origins(data, images.names)
    if config.weight_by == "embryo":
        images = by_embryo(images, origins, data)
    randomness = Randomness(config.seed, machine.device)
    reward = _reward(run, config, machine, processes, reward_for)
    setting = _setting(config, machine, processes, reward)
    changed = transfer_settings(config.family, config.options) if config.start_from else {}
    family = build_family(config.family, {**config.options, **changed}, setting)
    start = one_start(processes, lambda: begin(run, config, family, randomness, reward), family, randomness)
    _take_up_portion(setting, config, start)
    stream = BatchStream(images, derived_seed(config.seed, 2), config.mirror, machine.device)
    parts = Parts(
        run, config, machine, setting, family, stream, randomness, reporter, stop, _snapshot_id(data)
    )
    evaluator = _evaluator(parts, images, origins, evaluator_for)
    _announce(parts, images, origins, start, changed)
    loop = Loop if place.leads else FollowingLoop
    return loop(parts, start, Watch(parts, evaluator, start.seen_images / 1000))


def _evaluator(
    parts: Parts, images: ImageSet, origins: Origins | None, evaluator_for: EvaluatorFor
) -> Evaluator | None:
    if parts.config.evaluate_kimg == 0 or parts.setting.processes.rank > 0:
        return None
    ground = Ground(parts.config, images, origins, parts.machine.device)
    return evaluator_for(ground, lambda sentence: parts.reporter.emit("warning", message=sentence))


def _reward(
    run: RunFolder, config: RunConfig, machine: Machine, processes: Processes, reward_for: RewardFor
) -> Reward | None:
    if config.reward is None:
        return None
    folder = beside(run.path, config.reward)
    return one_reward(processes, reward_for(config, folder, machine.device), folder)


def _setting(config: RunConfig, machine: Machine, processes: Processes, reward: Reward | None) -> Setting:
    return Setting(
        resolution=config.resolution,
        channels=config.channels,
        classes=len(config.classes),
        batch=config.batch,
        device=machine.device,
        precision=machine.precision,
        processes=processes,
        portion=PortionSize(config.micro_batch or None),
        reward=reward,
    )


def _take_up_portion(setting: Setting, config: RunConfig, start: Start) -> None:
    """A resumed run keeps to what its device could hold, unless the configuration has changed since."""
    if start.portion[0] == config.micro_batch:
        setting.portion.images = start.portion[1] or None


def _announce(
    parts: Parts, images: ImageSet, origins: Origins | None, start: Start, changed: Mapping[str, Any]
) -> None:
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
        effective_images=round(effective_number(images), 1),
        embryos=0 if origins is None else len(set(origins.embryos) - {""}),
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
