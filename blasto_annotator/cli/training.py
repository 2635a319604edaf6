"""`retrain` and `resume`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, open_project, operator
from blasto_annotator.cli.console import note, out, out_json
from blasto_annotator.domain.errors import UserError

if TYPE_CHECKING:
    from blasto_annotator.store import Project
    from blasto_annotator.training.presets import Preset
    from gan.contract.run_folder import RunFolder
    from gan.contract.snapshot_folder import SnapshotInfo


def _of_round(text: str, *flags: str, **more: Any) -> Any:
    """An option of a whole round."""
    return typer.Option(*flags, help=text, rich_help_panel="A whole round", **more)


MOST_KIMG = 1_000_000
"""A hundred times what was ever published."""
Detach = Annotated[
    bool, typer.Option("--detach", help="Return once training runs; it goes on by itself. See “runs”.")
]
Run = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's name or folder, or latest.", show_default=False)
]
PresetName = Annotated[
    str, typer.Option(metavar="NAME", help="cpu-quick, cpu, gpu, ...; by the device where not given.")
]
Kimg = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        help="Thousands of real images to show; the preset's goal by default.",
        min=0.001,
        max=MOST_KIMG,
    ),
]
SnapshotId = Annotated[
    str,
    typer.Option(
        metavar="ID", help="Id of a snapshot; built from the labels at the preset's size where not given."
    ),
]
StartFrom = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="CHECKPOINT",
        help="Checkpoint or run to start from, or none; the model in use by default.",
    ),
]
WholeRound = Annotated[
    bool, _of_round("Also evaluate, learn from verdicts, generate a batch and plan its review.", "--round")
]
PerClass = Annotated[int, _of_round("Images of each class to review.", metavar="N", min=1)]
Accept = Annotated[
    float, _of_round("Least probability by a useful expert scorer.", metavar="P", min=0, max=1)
]
Teach = Annotated[
    bool, _of_round("Review the images whose verdicts teach the expert scorer most.", "--teach")
]
Reward = Annotated[
    bool, _of_round("Train towards the expert scorer, beside a control without; twice the time.", "--reward")
]
RewardWeight = Annotated[
    float | None, _of_round("Weight of the reward; the trainer's own by default.", metavar="W", min=0)
]
Readers = Annotated[
    list[str] | None,
    _of_round("Who reviews; repeatable; by default who did before.", "--reader", metavar="NAME"),
]
_EPILOG = epilog(
    "blasto-annotator retrain study",
    "blasto-annotator retrain study --preset cpu --kimg 40 --from none",
    "blasto-annotator retrain study --snapshot 3fa2 --detach --json",
    "blasto-annotator retrain study --round --include-perfect --per-class 50 --reader Ana",
    text="Says first, in one sentence, what it will do. Ctrl+C stops and saves; “resume” goes on. Closing "
    "the terminal does not end the training. Prints the run's folder.",
)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog=_EPILOG)(retrain)
    app.command(epilog=epilog("blasto-annotator resume study latest"))(resume)
    app.command(epilog=epilog("blasto-annotator follow study latest"))(follow)
    app.command(epilog=epilog("blasto-annotator stop study latest"))(stop)


def retrain(
    project: ProjectFolder,
    preset: PresetName = "",
    kimg: Kimg = None,
    snapshot: SnapshotId = "",
    start: StartFrom = "",
    include_perfect: Annotated[
        bool,
        typer.Option("--include-perfect", help="Generated images rated perfect join a snapshot built here."),
    ] = False,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Of the run's random draws.", min=0, max=2**63 - 1)
    ] = 0,
    device: Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    detach: Detach = False,
    whole_round: WholeRound = False,
    per_class: PerClass = 50,
    accept: Accept = 0.5,
    teach: Teach = False,
    reward: Reward = False,
    reward_weight: RewardWeight = None,
    readers: Readers = None,
    afresh: Annotated[bool, _of_round("Leave an unfinished round and begin another.", "--afresh")] = False,
    as_json: AsJson = False,
) -> None:
    """Train the generator on the labelled frames, from the model in use."""
    wish: dict[str, Any] = {"preset": preset, "kimg": kimg, "snapshot": snapshot, "start": start}
    wish |= {"include_perfect": include_perfect, "seed": seed, "device": device}
    if not whole_round:
        _training(project, wish, detach, as_json)
        return
    wish |= {"per_class": per_class, "accept": accept, "readers": tuple(readers or ())}
    wish |= {"teach": teach, "reward": reward, "reward_weight": reward_weight}
    _round(project, wish, afresh, detach, as_json)


def _training(project: Path, wish: dict[str, Any], detach: bool, as_json: bool) -> None:
    """A training alone: says what it will do, makes the run, and trains."""
    from blasto_annotator.training.plan import plan_of_snapshot
    from blasto_annotator.training.presets import load_preset, preset_for
    from blasto_annotator.training.probe import ANY_DEVICE, describe_trainer
    from blasto_annotator.training.runs import create_run

    kimg, device = wish["kimg"], wish["device"]
    with open_project(project) as opened:
        named = load_preset(wish["preset"]) if wish["preset"] else None
        trainer = describe_trainer().on(device)
        chosen = named or preset_for(trainer.device)
        images = choose_snapshot(opened, wish["snapshot"], chosen, wish["include_perfect"])
        plan = plan_of_snapshot(opened, images, chosen, trainer, kimg, wish["start"])
        for line in (plan.sentence, *plan.warnings):
            note(line)
        overrides = {"seed": wish["seed"], **({} if device == ANY_DEVICE else {"device": device})}
        run = create_run(opened, images, chosen, kimg, plan.start_from, operator(), overrides)
    state = train(run, detach)
    _answer(run, {"snapshot": images.id, "sentence": plan.sentence, "state": state}, as_json)


def _round(project: Path, wish: dict[str, Any], afresh: bool, detach: bool, as_json: bool) -> None:
    from blasto_annotator.cli.rounds import go_round
    from blasto_annotator.rounds.walking import unfinished
    from blasto_annotator.training.presets import preset_for
    from blasto_annotator.training.probe import describe_trainer

    if detach:
        raise UserError("A round stays until its review is planned: leave --detach or --round out.")
    with open_project(project) as opened:
        if not wish["preset"] and (afresh or unfinished(opened) is None):
            wish["preset"] = preset_for(describe_trainer().on(wish["device"]).device).name
        found = go_round(opened, wish, afresh)
    if as_json:
        out_json(found)
    else:
        out(found["sentence"])


def resume(project: ProjectFolder, run: Run, detach: Detach = False, as_json: AsJson = False) -> None:
    """Go on with a run that was stopped, killed or failed, from its newest checkpoint."""
    from blasto_annotator.training.probe import describe_trainer

    found = _find(project, run)
    describe_trainer()
    state = train(found, detach)
    _answer(found, {"state": state}, as_json)


def follow(project: ProjectFolder, run: Run, as_json: AsJson = False) -> None:
    """Show how far a running training is, until it ends. Ctrl+C leaves it running."""
    from blasto_annotator.cli.following import look_on
    from blasto_annotator.training.process import check_state

    found = _find(project, run)
    state = check_state(found, look_on(found))
    _answer(found, {"state": state}, as_json)


def stop(project: ProjectFolder, run: Run, as_json: AsJson = False) -> None:
    """Stop a running training: it saves a checkpoint and ends. “resume” goes on."""
    from blasto_annotator.training.process import check_state, wait_until_ended
    from blasto_annotator.training.process import stop as ask_to_stop

    found = _find(project, run)
    ask_to_stop(found)
    state = check_state(found, wait_until_ended(found))
    _answer(found, {"state": state}, as_json)


def _find(project: Path, run: str) -> RunFolder:
    from blasto_annotator.training.runs import find_run

    with open_project(project) as opened:
        return find_run(opened, run)


def choose_snapshot(
    project: Project, text: str, preset: Preset, include_perfect: bool = False
) -> SnapshotInfo:
    """The snapshot whose id starts with `text`; without one, built at the preset's size."""
    from blasto_annotator.cli.snapshots import build_snapshot
    from blasto_annotator.curation.selection import SnapshotOptions
    from blasto_annotator.training.snapshots import find_snapshot

    if text:
        return find_snapshot(project, text)
    return build_snapshot(project, SnapshotOptions(size=preset.resolution, include_generated=include_perfect))


def train(run: RunFolder, detach: bool) -> str:
    """Starts or resumes the trainer and stays with it, or leaves once it runs; returns the run's state."""
    from blasto_annotator.cli.following import stay_with
    from blasto_annotator.training.process import check_state, record_end, start, wait_until_running

    offset = record_end(run)
    process = start(run)
    if detach:
        state = wait_until_running(run, process)
        process.returncode = process.returncode or 0  # it outlives us: Python need not warn of that
    else:
        state = stay_with(run, process, offset)
    return check_state(run, state)


def _answer(run: RunFolder, facts: dict[str, Any], as_json: bool) -> None:
    from blasto_annotator.training.record import newest_checkpoint, reached_kimg

    if not as_json:
        out(str(run.path.resolve()))
        return
    checkpoint = newest_checkpoint(run)
    value = {"run": str(run.path.resolve()), "name": run.path.name, "kimg": reached_kimg(run)}
    out_json({**value, "checkpoint": None if checkpoint is None else str(checkpoint.resolve()), **facts})
