"""Lists of seeds as people write them: `0-31,100`."""

from __future__ import annotations

from gan.contract.errors import UserError

MOST = 10_000_000


def parse_seeds(text: str) -> list[int]:
    """The seeds in a list of numbers and ranges, in its order.

    Raises:
        UserError: not such a list, or a number outside 0 to 2**32 - 1.
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            low, high = int(first), int(last if dash else first)
        except ValueError as error:
            raise UserError(
                f"{text!r} is not a list of seeds: write numbers and ranges, such as 0-31,100."
            ) from error
        if not 0 <= low <= high < 2**32 or high - low + len(seeds) >= MOST:
            raise UserError(
                f"The seeds {part.strip()} are not usable: they go from 0 to 4294967295, the lower first."
            )
        seeds += range(low, high + 1)
    return seeds


def parse_layers(text: str) -> list[int]:
    """The layers of w in such a list, each once.

    Raises:
        UserError: not such a list.
    """
    try:
        return sorted(set(parse_seeds(text)))
    except UserError as error:
        raise UserError(
            f"{text!r} is not a list of layers: write numbers and ranges from 0 on, such as 0-6."
        ) from error


def check_truncation(value: float) -> float:
    """The truncation, where a picture can be made with it.

    Raises:
        UserError: no number, or outside -2 to 2.
    """
    if not -2 <= value <= 2:
        raise UserError(
            f"The truncation {value:g} is not usable: it goes from -2 to 2, and 1 is all variety."
        )
    return value


def parse_truncations(text: str) -> list[float]:
    """A list of truncations such as `0,0.5,1`.

    Raises:
        UserError: not such a list, fewer than two, or a number outside -2 to 2.
    """
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise UserError(f"{text!r} is not a list of truncations: write numbers, such as 0,0.5,1.") from error
    if len(values) < 2 or not all(-2 <= value <= 2 for value in values):
        raise UserError(f"{text!r} is not usable: give two truncations or more from -2 to 2.")
    return values
