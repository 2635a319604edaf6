"""Generators, discriminators and mappings load reference states by name and give the reference numbers."""

from __future__ import annotations

import pytest
import torch
from stylegan2_golden import FIRST, below, discriminator, generator, options, relative_error, tensors

from gan.families.stylegan2.synthesis import Noise

GENERATORS = ("g_skip", "g_resnet", "g_orig")
DISCRIMINATORS = ("d_skip", "d_resnet", "d_orig")


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_has_the_reference_size(name: str) -> None:
    network = generator(name)
    assert network.num_ws == options(name)["num_ws"]
    assert sum(p.numel() for p in network.parameters()) == options(name)["num_params"]


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize(
    ("out", "psi", "cutoff"), [("psi1", 1.0, None), ("psi0.7", 0.7, None), ("psi0.7_cutoff3", 0.7, 3)]
)
def test_mapping_and_truncation(name: str, out: str, psi: float, cutoff: int | None) -> None:
    given = tensors(name)
    ws = generator(name).mapping(given["in/z"], given["in/c"], truncation_psi=psi, truncation_cutoff=cutoff)
    assert relative_error(ws, given[f"out/ws_{out}"]) < FIRST


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize(
    ("out", "mode", "psi"),
    [("img_const", "const", 1.0), ("img_none", "none", 1.0), ("img_const_psi0.7", "const", 0.7)],
)
def test_generated_images(name: str, out: str, mode: str, psi: float) -> None:
    given = tensors(name)
    images = generator(name)(given["in/z"], given["in/c"], truncation_psi=psi, noise=Noise(mode))
    assert relative_error(images, given[f"out/{out}"]) < FIRST


def test_the_average_of_w_moves_when_asked() -> None:
    given, network = tensors("g_skip"), generator("g_skip")
    network.mapping(given["in/z"], given["in/c"], update_average=True)
    assert relative_error(network.mapping.w_avg, given["out/w_avg_after_train_step"]) < FIRST


def test_every_layer_reads_its_own_w() -> None:
    given = tensors("g_skip")
    images = generator("g_skip").synthesis(given["in/ws_free"])
    assert relative_error(images, given["out/img_ws_free"]) < FIRST


def test_mixed_styles() -> None:
    given, network = tensors("g_skip"), generator("g_skip")
    ws, other = (network.mapping(given[f"in/{z}"], given["in/c"]) for z in ("z", "z_mix"))
    mixed = torch.cat([ws[:, :3], other[:, 3:]], dim=1)
    assert relative_error(mixed, given["out/ws_mix_cutoff3"]) < FIRST
    assert relative_error(network.synthesis(mixed), given["out/img_mix_cutoff3"]) < FIRST


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_a_discriminator_gives_the_reference_logits(name: str) -> None:
    given, network = tensors(name), discriminator(name)
    assert sum(p.numel() for p in network.parameters()) == options(name)["num_params"]
    assert relative_error(network.mapping(None, given["in/c"]), given["out/cmap"]) < FIRST
    assert relative_error(network(given["in/img"], given["in/c"]), given["out/logits"]) < FIRST


@pytest.mark.parametrize("name", [*GENERATORS, *DISCRIMINATORS])
def test_states_have_the_reference_names_and_no_others(name: str) -> None:
    network = generator(name) if name.startswith("g") else discriminator(name)
    assert set(network.state_dict()) == set(below(name, "state/"))
