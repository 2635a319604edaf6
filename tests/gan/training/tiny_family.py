"""A family of two small networks, so that tests of the loop need not wait for large ones."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from gan.training.family import Setting, Step


@dataclass(frozen=True)
class Config:
    """Options."""

    z_dim: int = 4
    hidden: int = 8
    learning_rate: float = 0.001
    beta: float = 0.9
    filters: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if self.z_dim < 1:
            raise ValueError(f"z_dim is {self.z_dim}; it must be at least 1")


class Tiny:
    """Generator and discriminator of two layers, trained with the non-saturating loss."""

    def __init__(self, config: Config, setting: Setting) -> None:
        self._config, self._setting = config, setting
        self._shape = (setting.channels, setting.resolution, setting.resolution)
        pixels = setting.channels * setting.resolution**2
        self._networks = {
            "G": _layers(config.z_dim + setting.classes, config.hidden, pixels),
            "D": _layers(pixels + setting.classes, config.hidden, 1),
        }
        self._networks["G_ema"] = copy.deepcopy(self._networks["G"])
        self._steps = torch.zeros((), dtype=torch.int64)
        os.write(1, b"a library speaks where events go\n")

    @property
    def z_dim(self) -> int:
        """Length of the latent vector."""
        return self._config.z_dim

    def train_step(self, step: Step) -> Mapping[str, torch.Tensor | float]:
        """Generator, then discriminator, by plain gradient descent."""
        classes = self._one_hot(step.draw_labels(len(step.images)))
        z = torch.randn(len(step.images), self.z_dim, generator=step.rng)
        fake = self._networks["G"](torch.cat((z, classes), 1))
        loss_g = F.softplus(-self._networks["D"](torch.cat((fake, classes), 1))).mean()
        self._descend("G", loss_g)
        real = torch.cat((step.images.flatten(1), self._one_hot(step.labels)), 1)
        fooled = F.softplus(self._networks["D"](torch.cat((fake.detach(), classes), 1)))
        loss_d = (fooled + F.softplus(-self._networks["D"](real))).mean()
        self._descend("D", loss_d)
        self._steps += 1
        return {"loss_g": loss_g.detach(), "loss_d": loss_d.detach(), "ada_p": 0.25}

    def sample(
        self, z: torch.Tensor, labels: torch.Tensor, truncation: float = 1.0, noise: str = "const"
    ) -> torch.Tensor:
        """Images [N, C, H, W]."""
        with torch.no_grad():
            flat: torch.Tensor = self._networks["G_ema"](
                torch.cat((z * truncation, self._one_hot(labels)), 1)
            )
        return flat.view(-1, *self._shape)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Networks and the number of steps."""
        return {"counter/steps": self._steps, **self.networks()}

    def networks(self) -> dict[str, torch.Tensor]:
        """The networks alone."""
        return {
            f"{name}/{key}": value
            for name, network in self._networks.items()
            for key, value in network.state_dict().items()
        }

    def load_state_dict(self, state: Mapping[str, torch.Tensor]) -> None:
        """Takes back what `state_dict` gave."""
        with torch.no_grad():
            for name, value in self.state_dict().items():
                if state[name].shape != value.shape:
                    raise ValueError(f"{name} has another shape")
                value.copy_(state[name])

    def _one_hot(self, labels: torch.Tensor) -> torch.Tensor:
        count = self._setting.classes
        return F.one_hot(labels, count).float() if count else torch.empty(len(labels), 0)

    def _descend(self, name: str, loss: torch.Tensor) -> None:
        parameters = list(self._networks[name].parameters())
        with torch.no_grad():
            for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter.sub_(gradient, alpha=self._config.learning_rate)
            for kept, current in zip(
                self._networks["G_ema"].parameters(), self._networks["G"].parameters(), strict=True
            ):
                kept.lerp_(current, 1 - self._config.beta)


def build(config: Config, setting: Setting) -> Tiny:
    """A family in training."""
    return Tiny(config, setting)


def _layers(inside: int, hidden: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inside, hidden), nn.Tanh(), nn.Linear(hidden, out))
