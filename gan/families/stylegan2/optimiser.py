"""Adam with the correction for lazy regularisation, and its state as named tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn

from gan.training.processes import ALONE, Processes

LARGEST_GRADIENT = 1e5
STATE = ("step", "exp_avg", "exp_avg_sq")


def lazy_adam(
    parameters: list[nn.Parameter], rate: float, betas: tuple[float, float], eps: float, interval: int
) -> torch.optim.Adam:
    """Adam for parameters whose regulariser runs every `interval` steps in a step of its own.

    Rate and betas are corrected by c = interval / (interval + 1), for every interval then has one step more
    (Karras et al. 2020, "Analyzing and improving ...", appendix B); interval 0 corrects nothing.
    """
    c = interval / (interval + 1) if interval > 0 else 1.0
    return torch.optim.Adam(
        parameters, lr=rate * c, betas=(betas[0] ** c, betas[1] ** c), eps=eps, fused=True
    )


def trainable(network: nn.Module) -> list[nn.Parameter]:
    """The parameters that learn."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


@contextmanager
def learning(parameters: list[nn.Parameter]) -> Iterator[None]:
    """While it lasts, these parameters gather gradients."""
    for parameter in parameters:
        parameter.requires_grad_(True)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(False)


def apply_gradients(optimiser: torch.optim.Optimizer, processes: Processes = ALONE) -> None:
    """One step on the gradients of all processes, after which none are left.

    Absent gradients count as zero and broken ones are bounded, so that one bad batch ends nothing.
    """
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    summed = processes.add_up([parameter.grad for parameter in parameters])
    for parameter, gradient in zip(parameters, summed, strict=True):
        parameter.grad = torch.nan_to_num(
            gradient, 0.0, LARGEST_GRADIENT, -LARGEST_GRADIENT, out=parameter.grad
        )
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def optimiser_state(optimiser: torch.optim.Adam, network: nn.Module) -> dict[str, torch.Tensor]:
    """Tensors named `<parameter>/<part>`; a parameter that has not been stepped yet has zeros."""
    return {
        f"{name}/{part}": tensor.detach().clone().contiguous()
        for name, state in _states(optimiser, network)
        for part, tensor in state.items()
    }


def load_optimiser_state(
    optimiser: torch.optim.Adam, network: nn.Module, state: Mapping[str, torch.Tensor], prefix: str = ""
) -> None:
    """Takes back what `optimiser_state` gave.

    Raises:
        KeyError, ValueError: a tensor is missing or has another shape.
    """
    for name, own in _states(optimiser, network):
        for part, tensor in own.items():
            key = f"{prefix}{name}/{part}"
            copy_exactly(tensor, state[key], key)


def copy_exactly(target: torch.Tensor, source: torch.Tensor, name: str) -> None:
    """Copies values in place.

    Raises:
        ValueError: another shape.
    """
    if target.shape != source.shape:
        raise ValueError(f"{name} has shape {tuple(source.shape)}, not {tuple(target.shape)}")
    with torch.no_grad():
        target.copy_(source)


def _states(optimiser: torch.optim.Adam, network: nn.Module) -> list[tuple[str, dict[str, torch.Tensor]]]:
    named = [
        (name, parameter) for name, parameter in network.named_parameters() if _owned(optimiser, parameter)
    ]
    return [(name, _state(optimiser, parameter)) for name, parameter in named]


def _owned(optimiser: torch.optim.Adam, parameter: nn.Parameter) -> bool:
    return any(parameter is own for group in optimiser.param_groups for own in group["params"])


def _state(optimiser: torch.optim.Adam, parameter: nn.Parameter) -> dict[str, torch.Tensor]:
    state = optimiser.state[parameter]
    if not state:
        state["step"] = torch.zeros((), dtype=torch.float32, device=parameter.device)
        state["exp_avg"] = torch.zeros_like(parameter)
        state["exp_avg_sq"] = torch.zeros_like(parameter)
    return {part: state[part] for part in STATE}
