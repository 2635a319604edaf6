"""From names and plain values to a family on a device; every wrong value has its sentence."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gan.contract.errors import UserError
from gan.families.stylegan2 import Config
from gan.training.building import build_family, read_options
from gan.training.device import choose_machine, list_devices, peak_memory_gb
from gan.training.family import Setting
from gan.training.memory import explained_shortage
from gan.training.randomness import Randomness, derived_seed
from tests.gan.trainers import SMALL

CPU = torch.device("cpu")
SETTING = Setting(32, 1, 3, 4, CPU, torch.float32)


def test_options_take_json_lists_and_whole_numbers_for_fractions() -> None:
    options = read_options(
        Config, {"adam_betas": [0, 0.9], "ema_kimg": 5, "learning_rate": 1, "r1_gamma": None}
    )

    assert options == Config(adam_betas=(0.0, 0.9), ema_kimg=5, learning_rate=1.0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"r1_gama": 1}, "There is no option 'r1_gama': the family knows ada_interval, ada_kimg"),
        ({"learning_rate": "fast"}, "The option learning_rate is 'fast', but must be like 0.0025"),
        ({"z_dim": 0.5}, "The option z_dim is 0.5, but must be like 512"),
        ({"z_dim": True}, "The option z_dim is True, but must be like 512"),
        ({"z_dim": 0}, "The family stylegan2 cannot be built like this: z_dim is 0; it must be at least 1"),
        ({"r1_gamma": "strong"}, "The option r1_gamma is 'strong', but must be like a number or null"),
        ({"r1_gamma": float("nan")}, "The option r1_gamma is nan, but must be like a number"),
        ({"learning_rate": float("inf")}, "The option learning_rate is inf, but must be like 0.0025"),
        ({"z_dim": None}, "The option z_dim is null, but must be like 512"),
        ({"r1_gamma": -1}, "r1_gamma is -1.0; it must be at least 0"),
        ({"adam_betas": [0]}, "adam_betas is .*; it must be two numbers"),
        ({"adam_betas": ["a", "b"]}, "cannot be built like this: could not convert string to float: 'a'"),
        ({"ada_target": 2}, "ada_target is 2.0; a mean of signs lies from -1 to 1"),
        ({"augment_pipe": "xflip=1,rotat90=1"}, "unknown augmentation 'rotat90'; known pipes: none, blit"),
        ({"augment_pipe": "xflip=much"}, "the augmentation xflip needs a number, not 'much'"),
        ({"augment_pipe": "cutout=-1"}, "the augmentation cutout is -1; it must be at least 0"),
        ({"augment_pipe": 1}, "The option augment_pipe is 1, but must be like 'bgc'"),
        ({"augment": "maybe"}, "augment is 'maybe'; it must be one of none, fixed, adaptive"),
        ({"augment_pipe": "xyz"}, "cannot be built like this: .*xyz"),
    ],
)
def test_a_wrong_option_is_refused_by_name(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        build_family("stylegan2", {**SMALL, **options}, SETTING)


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(UserError, match="no generator family 'unheard'"):
        build_family("unheard", {}, SETTING)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_too_little_memory_is_a_sentence(error: Exception) -> None:
    sentence = "Out of memory on cpu with 4 images of 32x32 at a time"
    with pytest.raises(UserError, match=sentence), explained_shortage(SETTING):
        raise error


def test_a_fault_of_the_programs_own_stays_one() -> None:
    with pytest.raises(RuntimeError, match="shapes differ"), explained_shortage(SETTING):
        raise RuntimeError("shapes differ")


@pytest.mark.parametrize(
    ("device", "precision", "sentence"),
    [
        ("abacus", "auto", "The device 'abacus' is unknown: use auto, cpu, cuda, cuda:1 or mps"),
        ("meta", "auto", "The device 'meta' is not supported"),
        ("cuda:99", "auto", "offers torch no device 'cuda:99': use --device auto or cpu"),
        ("cpu", "float16", "float16 cannot be trained in on cpu: use --precision float32 or bfloat16"),
    ],
)
def test_a_device_that_is_not_there_is_a_sentence(device: str, precision: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        choose_machine(device, precision, 0)


def test_the_cpu_computes_in_float32_and_repeats_exactly() -> None:
    before, threads = torch.are_deterministic_algorithms_enabled(), torch.get_num_threads()

    machine = choose_machine("cpu", "auto", 1)

    assert (machine.device, machine.precision, machine.title) == (CPU, torch.float32, "cpu (1 threads)")
    assert torch.are_deterministic_algorithms_enabled()
    assert peak_memory_gb(CPU) > 0
    assert list_devices()[0]["device"] == "cpu"
    torch.use_deterministic_algorithms(before)
    torch.set_num_threads(threads)


def test_the_cpu_computes_in_bfloat16_on_request() -> None:
    before = torch.are_deterministic_algorithms_enabled()

    assert choose_machine("cpu", "bfloat16", 0).precision is torch.bfloat16

    torch.use_deterministic_algorithms(before)


def test_no_two_uses_of_a_seed_draw_the_same_and_the_same_use_does() -> None:
    seeds = {derived_seed(seed, use) for seed in range(20) for use in range(3)}

    assert len(seeds) == 60
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derived_seed(7, 1) == derived_seed(7, 1)


def test_every_source_of_chance_is_restored() -> None:
    randomness = Randomness(3, CPU)
    torch.randn(5, generator=randomness.step)
    state = {name: value.clone() for name, value in randomness.state_dict().items()}
    drawn = torch.randn(4, generator=randomness.step), torch.randn(4)

    assert Randomness(4, CPU).load_state_dict(state)
    restored = Randomness(5, CPU)
    restored.load_state_dict(state)

    assert torch.randn(4, generator=restored.step).equal(drawn[0])
    assert torch.randn(4).equal(drawn[1])
