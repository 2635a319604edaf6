"""`devices`: what torch can compute on here."""

from __future__ import annotations

import json

import typer


def devices() -> None:
    """Print as one line of JSON which devices there are, and which one `auto` takes."""
    import torch

    from gan.training.device import choose_machine, list_devices
    from gan.training.idle_gpu import idle_gpu

    chosen = choose_machine("auto", "auto", 0)
    found = list_devices()
    here = next(entry for entry in found if entry["device"].split(":")[0] == chosen.device.type)
    answer = {
        **here,
        "torch": torch.__version__,
        "device": str(chosen.device),
        "precision": str(chosen.precision).removeprefix("torch."),
        "threads": torch.get_num_threads(),
        "devices": found,
        "remark": idle_gpu(torch.cuda.is_available(), torch.version.cuda),
    }
    typer.echo(json.dumps(answer))
