"""Every source of chance in a run, seeded, saved and restored."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

PREFIX = "rng/"


def derived_seed(seed: int, use: int) -> int:
    """A seed for one use, so that no two uses draw the same numbers."""
    words = np.random.SeedSequence([seed, use]).generate_state(2, np.uint32)
    return int(words[0]) << 31 | int(words[1]) >> 1  # torch takes 63 bits on every device


class Randomness:
    """The steps' generator and torch's default ones.

    `step` serves the training steps; torch's default generators serve initialisation and whatever an
    operator draws by itself.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self.step = torch.Generator(device=device)
        self.step.manual_seed(derived_seed(seed, 1))
        self._device = device
        torch.manual_seed(derived_seed(seed, 0))

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Named `rng/...`, bytes."""
        state = {"rng/step": self.step.get_state(), "rng/default": torch.get_rng_state()}
        if self._device.type == "cuda":
            state["rng/cuda"] = torch.cuda.get_rng_state(self._device)
        if self._device.type == "mps":
            state["rng/mps"] = torch.mps.get_rng_state()
        return state

    def load_state_dict(self, state: Mapping[str, torch.Tensor]) -> bool:
        """Takes back what `state_dict` gave; False where that was another kind of device: seeds then stay.

        Raises:
            KeyError: a part is missing.
        """
        torch.set_rng_state(state["rng/default"])
        if set(state) != set(self.state_dict()):
            return False
        self.step.set_state(state["rng/step"])
        if self._device.type == "cuda":
            torch.cuda.set_rng_state(state["rng/cuda"], self._device)
        if self._device.type == "mps":
            torch.mps.set_rng_state(state["rng/mps"])
        return True
