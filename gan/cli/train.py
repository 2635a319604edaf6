"""`train`: one sitting of a run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan.cli.following import follow
from gan.contract.errors import UserError
from gan.contract.locking import AlreadyLockedError, FileLock
from gan.contract.result import RunResult
from gan.contract.run_folder import RunFolder, RunState
from gan.training.outcome import close_run
from gan.training.places import Place, own_place
from gan.training.reporter import Listener, Reporter
from gan.training.stopping import StopRequest
from gan.training.streams import redirect, say

if TYPE_CHECKING:
    import torch

    from gan.cli.new_run import Wishes
    from gan.contract.config import RunConfig
    from gan.training.evaluating import Evaluator, Ground
    from gan.training.rewarding import Reward


def _new(text: str, flag: str | None = None, **more: Any) -> Any:
    """An option that only a new run needs."""
    names = () if flag is None else (flag,)
    return typer.Option(*names, help=text, rich_help_panel="To start a new run", **more)


Base = Annotated[
    str | None, _new("Base configuration instead: auto, stylegan2, paper256, paper512, paper1024, cifar.")
]
MicroBatch = Annotated[int | None, _new("Most images that a device takes at a time; 0 for all.", min=0)]
Scorer = Annotated[
    Path | None,
    _new("Expert scorer to please as well; with --start-from. No gain shown so far, variety falls."),
]


def train(
    run_dir: Annotated[Path, typer.Option(help="The run's folder: everything about the run lies in it.")],
    data: Annotated[Path | None, _new("Folder or zip file in the StyleGAN tools' layout.")] = None,
    preset: Annotated[str | None, _new("Preset with the other settings; else cpu-quick.")] = None,
    base: Base = None,
    gpus: Annotated[int, _new("Devices that --base auto fits itself to.", min=1, max=1024)] = 1,
    kimg: Annotated[float | None, _new("Thousands of real images to show.", min=0.001)] = None,
    start_from: Annotated[Path | None, _new("Checkpoint or run whose networks to start from.")] = None,
    reward: Scorer = None,
    reward_weight: Annotated[float | None, _new("Weight of the reward; 0 only reports it.", min=0)] = None,
    seed: Annotated[int | None, _new("Seed of all chance.", min=0)] = None,
    resolution: Annotated[int | None, _new("Pixels a side; else the data set's.")] = None,
    channels: Annotated[int | None, _new("1 (grey) or 3 (colour); else the data set's.")] = None,
    batch: Annotated[int | None, _new("Images a step, over all devices.", min=1)] = None,
    micro_batch: MicroBatch = None,
    evaluate_kimg: Annotated[
        float | None, _new("Score the generator every so many kimg; 0 for never.", min=0)
    ] = None,
    device: Annotated[str | None, _new("auto, cpu, cuda, cuda:1 or mps.")] = None,
    precision: Annotated[str | None, _new("auto, float32, bfloat16 or float16.")] = None,
    unconditional: Annotated[bool, _new("Ignore the labels.", flag="--unconditional")] = False,
    mirror: Annotated[
        bool | None, _new("Also show every image mirrored.", flag="--mirror/--no-mirror")
    ] = None,
    wandb: Annotated[str | None, _new("Also log to this project at Weights & Biases.")] = None,
    option: Annotated[list[str] | None, _new("A family's option, such as r1_gamma=0.5; repeatable.")] = None,
    console: Annotated[
        bool, typer.Option("--console", help="Log to the terminal instead of log.txt.")
    ] = False,
) -> None:
    """Train a generator; the same command resumes.

    Needs a run folder with a config.json, or --data to start a new run. Events go to standard output and
    events.jsonl as JSON lines, all other output to log.txt. To stop and save: Ctrl+C, SIGTERM, or a file STOP
    in the folder.
    """
    run = RunFolder(run_dir)
    chosen = {
        "goal_kimg": kimg,
        "start_from": str(start_from.resolve()) if start_from else None,
        "reward": str(reward.resolve()) if reward else None,
        "reward_weight": reward_weight,
        "seed": seed,
        "resolution": resolution,
        "channels": channels,
        "batch": batch,
        "micro_batch": micro_batch,
        "evaluate_kimg": evaluate_kimg,
        "device": device,
        "precision": precision,
        "mirror": mirror,
        "wandb": wandb,
    }
    from gan.cli.new_run import Wishes  # numpy

    if base is not None and preset is not None:
        raise typer.BadParameter("give --preset or --base.")
    wishes = Wishes(data, preset or "cpu-quick", unconditional, tuple(option or ()), chosen, base, gpus)
    raise typer.Exit(_take_part(run, wishes, console))


def _take_part(run: RunFolder, wishes: Wishes, console: bool) -> int:
    """Leads the sitting, or follows the process that does; returns the exit status."""
    from gan.cli.new_run import prepare_run  # numpy

    place = own_place()
    if not place.leads:
        return follow(run, place, console)
    try:
        prepare_run(run, wishes)
        return _sit(run, console, place)
    except OSError as error:
        raise UserError(f"{error.filename or run.path} cannot be used: {error.strerror or error}.") from error


def _sit(run: RunFolder, console: bool, place: Place) -> int:
    """Holds the run's lock, redirects the output, trains; returns the exit status."""
    try:
        lock = FileLock(run.alive, patience=1.0)
    except AlreadyLockedError as error:
        raise UserError(
            f"{run.path} is being trained by another process: wait for it, or stop it first."
        ) from error
    streams = redirect(None if console else run.log)
    try:
        result = _train(run, streams.events, place)
        if result.outcome == RunState.FAILED:
            say(streams, result.message)
    except Exception as error:
        say(streams, f"The trainer has a fault ({type(error).__name__}: {error}): see {run.log}.")
        raise
    finally:
        lock.release()
    return 1 if result.outcome == RunState.FAILED else 0


def _train(run: RunFolder, events: int, place: Place) -> RunResult:
    run.result.unlink(missing_ok=True)
    stop = StopRequest(run.stop)
    stop.listen()
    stop.forget_file()
    listener = Listener(events)
    reporter = Reporter(run.events, listener.tell)
    try:
        return _with_torch(run, reporter, stop, place)
    finally:
        reporter.close()
        listener.close()
        run.stop.unlink(missing_ok=True)
        os.close(events)


def _with_torch(run: RunFolder, reporter: Reporter, stop: StopRequest, place: Place) -> RunResult:
    try:
        from gan.training.run import train_run  # torch: after the redirection and the signals
    except (ImportError, OSError) as error:  # OSError: a library of torch's is missing
        message = f"torch cannot be loaded ({error}): install it into this Python, or choose another."
        return close_run(run, reporter, RunState.FAILED, message)
    return train_run(run, reporter, stop, _judge, _reward, place)


def _judge(ground: Ground, say: Callable[[str], None]) -> Evaluator:
    """Loads the metrics for a run that is evaluated."""
    from gan.cli.judging import Judge

    return Judge(ground, say)


def _reward(config: RunConfig, folder: Path, device: torch.device) -> Reward:
    """Loads the scorer for a run that is rewarded."""
    from gan.scoring.reward import scorer_reward

    return scorer_reward(config, folder, device)
