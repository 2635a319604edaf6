"""`convert`: official checkpoint pickles to safetensors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan.contract.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor


def convert(
    file: Annotated[Path, typer.Argument(help="An official StyleGAN2-ADA checkpoint (.pkl).")],
    out: Annotated[Path, typer.Argument(help="Where to write the .safetensors file.")],
    classes: Annotated[str, typer.Option(help="Names of its classes, such as good,average,poor.")] = "",
) -> None:
    """Read an official checkpoint as data, without running anything in it, and write it as safetensors.

    The written file can be given to generate, evaluate and train --start-from.
    """
    from gan.cli.converting import converted
    from gan.conversion.errors import UnsafeFileError

    try:
        networks, description = converted(file, tuple(name for name in classes.split(",") if name))
    except UnsafeFileError as error:
        raise UserError(f"{file} was refused: {error}. Nothing in it was run.") from error
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror or error}.") from error
    _write(out, networks, description)
    typer.echo(f"{out}: {description['resolution']} px, {len(networks)} tensors")


def _write(out: Path, networks: Mapping[str, Tensor], description: Mapping[str, Any]) -> None:
    from gan.training.checkpoints import write_single_file

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_single_file(out, networks, description)
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror or error}.") from error
