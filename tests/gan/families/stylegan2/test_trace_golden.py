"""Five whole iterations, with Adam, lazy penalties and averaged weights, end where the reference ends."""

from __future__ import annotations

import pytest
import torch
from stylegan2_golden import SECOND, below, discriminator, generator, options, relative_error, tensors

from gan.families.stylegan2.chance import Chance, Latents, Real, StepInputs
from gan.families.stylegan2.config import Config
from gan.families.stylegan2.trainer import StyleGan2
from gan.training.family import Setting

CASE, GIVEN = options("train_trace"), tensors("train_trace")


def family() -> StyleGan2:
    config = Config(
        z_dim=16,
        w_dim=16,
        mapping_layers=8,
        channel_base=512,
        channel_max=16,
        learning_rate=CASE["lr_config"],
        adam_betas=CASE["betas_config"],
        adam_eps=CASE["eps"],
        r1_gamma=CASE["r1_gamma"],
        r1_interval=CASE["D_reg_interval"],
        pl_weight=CASE["pl_weight"],
        pl_interval=CASE["G_reg_interval"],
        pl_decay=CASE["pl_decay"],
        style_mixing_prob=0.0,
        ema_kimg=CASE["ema_kimg"],
        ema_rampup=CASE["ema_rampup"],
        augment="none",
    )
    made = StyleGan2(config, Setting(32, 1, 3, CASE["batch"], torch.device("cpu"), torch.float32))
    for network in (made.G, made.G_ema):
        network.load_state_dict(generator("g_skip").state_dict())
    made.D.load_state_dict(discriminator("d_resnet").state_dict())
    return made


def phase(iteration: int, name: str, n: int | None = None) -> Latents | None:
    key = f"{iteration}/{name}"
    return Latents(GIVEN[f"in/z/{key}"][:n], GIVEN[f"in/c/{key}"][:n]) if f"in/z/{key}" in GIVEN else None


def inputs(iteration: int) -> StepInputs:
    real = tensors("loss")["in/real_img"][GIVEN[f"in/real_perm/{iteration}"].long()]
    main, d = phase(iteration, "Gmain"), phase(iteration, "Dmain")
    assert main is not None
    assert d is not None
    return StepInputs(
        generator=main,
        path=phase(iteration, "Greg", CASE["batch"] // 2),
        path_field=GIVEN.get(f"in/pl_noise/{iteration}"),
        discriminator=d,
        real=Real(real, GIVEN[f"in/real_c/{iteration}"]),
        r1=phase(iteration, "Dreg") is not None,
    )


def reported(iteration: int, name: str, phase_name: str) -> float:
    rows = [row for row in CASE["rows"] if row["iter"] == iteration and row["phase"] == phase_name]
    return float(rows[0]["reports"][f"Loss/{name}"][0])


@pytest.fixture(scope="module")
def trained() -> StyleGan2:
    made = family()
    fixed = Chance(torch.Generator())
    for iteration in range(CASE["steps"]):
        values = made.advance(fixed, inputs(iteration), iteration * CASE["batch"])
        for ours, theirs, name in (
            ("loss_g", "G/loss", "Gmain"),
            ("loss_d", "D/loss", "Dmain"),
            ("real_score", "scores/real", "Dmain"),
            ("fake_score", "scores/fake", "Dmain"),
        ):
            expected = reported(iteration, theirs, name)
            assert float(values[ours]) == pytest.approx(expected, rel=SECOND, abs=SECOND), (iteration, ours)
    return made


@pytest.mark.parametrize("network", ["G", "D", "G_ema"])
def test_tensors_after_five_iterations(trained: StyleGan2, network: str) -> None:
    state = getattr(trained, network).state_dict()
    for name, expected in below("train_trace", f"{network}_after/").items():
        assert relative_error(state[name], expected) < SECOND, name


@pytest.mark.parametrize("network", ["G", "D", "G_ema"])
def test_norms_of_all_parameters_after_five_iterations(trained: StyleGan2, network: str) -> None:
    norms = CASE["param_norms_after"][network]
    state = getattr(trained, network).state_dict()
    assert norms
    for name, expected in norms.items():
        assert float(state[name].norm()) == pytest.approx(expected, rel=SECOND, abs=1e-6), name


def test_the_mean_path_length_after_five_iterations(trained: StyleGan2) -> None:
    assert float(trained.state_dict()["counter/pl_mean"]) == pytest.approx(
        CASE["rows"][-1]["pl_mean"], rel=SECOND
    )
