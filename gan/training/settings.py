"""Whether a run's configuration can be trained at all: typed values in their ranges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gan.contract import families
from gan.contract.config import RunConfig, read_config
from gan.contract.errors import UserError

WEIGHTS = ("frame", "embryo")
FEATURES = ("auto", "inception", "encoder")
BEST_BY = ("kernel_distance", "frechet_distance")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
_Rule = tuple[Callable[[Any], bool], str]


def _whole(low: int, high: int) -> _Rule:
    def fits(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return fits, f"a whole number from {low} to {high}"


def _positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def _not_negative(value: Any) -> bool:
    return _positive(value) or (not isinstance(value, bool) and value == 0)


def _power_of_two(value: Any) -> bool:
    return isinstance(value, int) and 16 <= value <= 4096 and value & (value - 1) == 0


_POSITIVE: _Rule = (_positive, "a number greater than 0")
_TEXT: _Rule = (lambda value: isinstance(value, str), "text")
_RULES: dict[str, _Rule] = {
    "data": (lambda value: isinstance(value, str) and value != "", "a folder or zip file"),
    "resolution": (_power_of_two, "a power of two from 16 to 4096"),
    "classes": (lambda value: all(isinstance(name, str) for name in value), "a list of names"),
    "channels": (lambda value: value in (1, 3), "1 (grey) or 3 (colour)"),
    "options": (lambda value: isinstance(value, dict), "a table of the family's options"),
    "batch": _whole(1, 65536),
    "micro_batch": _whole(0, 65536),
    "goal_kimg": _POSITIVE,
    "tick_kimg": _POSITIVE,
    "sample_kimg": _POSITIVE,
    "checkpoint_kimg": _POSITIVE,
    "checkpoint_minutes": _POSITIVE,
    "keep_checkpoints": _whole(1, 1_000_000),
    "mirror": (lambda value: isinstance(value, bool), "true or false"),
    "weight_by": (lambda value: value in WEIGHTS, f"one of {', '.join(WEIGHTS)}"),
    "evaluate_kimg": (_not_negative, "a number from 0"),
    "evaluate_per_class": _whole(20, 1_000_000),
    "evaluate_features": (lambda value: value in FEATURES, f"one of {', '.join(FEATURES)}"),
    "encoder_steps": _whole(1, 1_000_000),
    "best_by": (lambda value: value in BEST_BY, f"one of {', '.join(BEST_BY)}"),
    "wandb": _TEXT,
    "device": _TEXT,
    "precision": (lambda value: value in PRECISIONS, f"one of {', '.join(PRECISIONS)}"),
    "threads": _whole(0, 4096),
    "seed": _whole(0, 2**63 - 1),
    "start_from": (lambda value: value is None or isinstance(value, str), "a checkpoint's folder"),
    "reward": (lambda value: value is None or isinstance(value, str), "a scorer's folder"),
    "reward_weight": (_not_negative, "a number from 0"),
    "preset": _TEXT,
}


def load_config(path: Path) -> RunConfig:
    """Reads and checks `config.json`.

    Raises:
        UserError: absent, unreadable, or a value cannot be; names the file and the field.
    """
    try:
        config = read_config(path)
    except FileNotFoundError as error:
        raise UserError(
            f"There is no {path}: name a run folder, or give --data to start a new run."
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{path} cannot be read ({error}): write it again.") from error
    check_config(config, path)
    return config


def check_config(config: RunConfig, path: Path) -> None:
    """Checks each value.

    Raises:
        UserError: a value cannot be; names the file, the field and what may stand there.
    """
    for name, (fits, wanted) in _RULES.items():
        value = getattr(config, name)
        if not fits(value):
            raise UserError(f"{path}: {name} is {value!r}, but must be {wanted}.")
    if config.reward is not None and config.start_from is None:
        raise UserError(
            f"{path}: reward is for fine-tuning, for the scorer knows pictures of a trained generator: "
            "name its checkpoint or run in start_from."
        )
    known = [entry.name for entry in families.FAMILIES]
    if config.family not in known:
        raise UserError(f"{path}: family is {config.family!r}, but must be one of {', '.join(known)}.")


def beside(folder: Path, path: str) -> Path:
    """A configured path; a relative one starts at the run's folder."""
    return folder / Path(path).expanduser()  # joining keeps an absolute path as it is
