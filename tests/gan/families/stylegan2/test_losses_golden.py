"""Each phase of training gives the reference's losses, penalties and gradients of every parameter."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from percentile_draws import augment_at
from stylegan2_golden import FIRST, SECOND, below, discriminator, generator, options, relative_error, tensors
from torch import nn

from gan.families.stylegan2.augment.pipes import parse_pipe
from gan.families.stylegan2.losses import fake_loss, generator_loss, path_length, real_loss
from gan.families.stylegan2.phases import (
    Game,
    Latents,
    PathLength,
    RealTerms,
    back_fake,
    back_generator,
    back_path,
    back_real,
)
from gan.families.stylegan2.synthesis import Noise

CASES = options("loss")
GIVEN = tensors("loss")
PIPE = parse_pipe("bgc")


def game(tag: str) -> Game:
    augmented = CASES[tag]["augment"] is not None
    return Game(
        generator("g_skip"),
        discriminator("d_resnet"),
        (lambda images: augment_at(images, PIPE, 0.3)) if augmented else (lambda images: images),
        Noise("const"),
        0.0,
        torch.Generator(),
    )


def latents() -> Latents:
    return Latents(GIVEN["in/z"], GIVEN["in/c"])


def real() -> Latents:
    return Latents(GIVEN["in/real_img"], GIVEN["in/real_c"])


def report(tag: str, name: str) -> torch.Tensor:
    return GIVEN[f"{tag}/report/Loss_{name}"]


def tags(phase: str) -> list[str]:
    return [tag for tag, case in CASES.items() if case["phase"] == phase]


def check_gradients(tag: str, network: nn.Module, limit: float) -> None:
    """Every stored gradient, and the norm of every gradient."""
    expected, norms = below("loss", f"{tag}/grad/"), CASES[tag]["grad_norms"]
    assert set(norms) == {name for name, _ in network.named_parameters()}
    largest = max(norms.values())
    for name, parameter in network.named_parameters():
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        assert float(gradient.norm()) == pytest.approx(norms[name], rel=limit, abs=limit * 1e-3 * largest), (
            name
        )
        if name in expected and norms[name] > 0:
            assert relative_error(gradient, expected[name]) < limit, name


def half(case: dict[str, Any]) -> Latents:
    n = len(GIVEN["in/z"]) // case["pl_batch_shrink"]
    return Latents(GIVEN["in/z"][:n], GIVEN["in/c"][:n])


def back_path_of(case: dict[str, Any], play: Game) -> PathLength:
    mean = torch.tensor(case["pl_mean_before"])
    weight = case["pl_weight"] * case["gain"]
    return back_path(play, half(case), GIVEN["in/pl_noise"], mean, weight=weight, decay=case["pl_decay"])


def check_path(tag: str, terms: PathLength) -> None:
    case = CASES[tag]
    assert float(terms.mean) == pytest.approx(case["pl_mean_after"], rel=FIRST)
    assert relative_error(terms.penalty, report(tag, "pl_penalty")) < FIRST
    assert relative_error(terms.penalty * case["pl_weight"], report(tag, "G_reg")) < FIRST


def check_real(tag: str, terms: RealTerms) -> None:
    assert relative_error(terms.logits, report(tag, "scores_real")) < FIRST
    if terms.penalty is not None:
        assert relative_error(terms.penalty, report(tag, "r1_penalty")) < FIRST
        assert relative_error(terms.penalty * CASES[tag]["r1_gamma"] / 2, report(tag, "D_reg")) < FIRST


@pytest.mark.parametrize("tag", tags("Gmain"))
def test_generator_phase(tag: str) -> None:
    play = game(tag)
    play.G.requires_grad_(True)
    loss, logits = back_generator(play, latents())
    assert relative_error(logits, report(tag, "scores_fake")) < FIRST
    assert relative_error(loss, report(tag, "G_loss")) < FIRST
    assert torch.equal(logits.sign(), report(tag, "signs_fake"))
    assert torch.equal(loss, generator_loss(logits))
    check_gradients(tag, play.G, FIRST)


@pytest.mark.parametrize("tag", tags("Greg"))
def test_path_length_phase(tag: str) -> None:
    play = game(tag)
    play.G.requires_grad_(True)
    check_path(tag, back_path_of(CASES[tag], play))
    check_gradients(tag, play.G, SECOND)


def test_path_length_from_its_intermediate_values() -> None:
    case, play = CASES["Greg"], game("Greg")
    ws = play.G.mapping(half(case).z, half(case).c)
    assert relative_error(ws, GIVEN["Greg/pl_ws"]) < FIRST
    ws.requires_grad_()
    terms = path_length(play.G.synthesis(ws, play.noise), ws, GIVEN["in/pl_noise"], torch.tensor(0.0))
    assert relative_error(terms.lengths, GIVEN["Greg/pl_lengths"]) < FIRST


@pytest.mark.parametrize("tag", tags("Dmain"))
def test_discriminator_phase(tag: str) -> None:
    play = game(tag)
    play.D.requires_grad_(True)
    fake, logits = back_fake(play, latents())
    terms = back_real(play, real(), main=True, r1_weight=0.0)
    assert terms.penalty is None
    assert relative_error(logits, report(tag, "scores_fake")) < FIRST
    assert relative_error(fake + terms.loss, report(tag, "D_loss")) < FIRST
    assert torch.equal(fake, fake_loss(logits))
    assert torch.equal(terms.loss, real_loss(terms.logits))
    check_real(tag, terms)
    check_gradients(tag, play.D, FIRST)


@pytest.mark.parametrize("tag", tags("Dreg"))
def test_r1_phase(tag: str) -> None:
    play, case = game(tag), CASES[tag]
    play.D.requires_grad_(True)
    check_real(tag, back_real(play, real(), main=False, r1_weight=case["r1_gamma"] / 2 * case["gain"]))
    check_gradients(tag, play.D, SECOND)


def test_r1_gradients_of_the_images() -> None:
    play = game("Dreg")
    images = real().z.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(play.D(images, real().c).sum(), images)
    assert relative_error(gradient[: len(GIVEN["Dreg/r1_grads"])], GIVEN["Dreg/r1_grads"]) < FIRST


@pytest.mark.parametrize("tag", tags("Gboth"))
def test_both_terms_of_the_generator_at_once(tag: str) -> None:
    play = game(tag)
    play.G.requires_grad_(True)
    back_generator(play, latents())
    check_path(tag, back_path_of(CASES[tag], play))
    check_gradients(tag, play.G, SECOND)


@pytest.mark.parametrize("tag", tags("Dboth"))
def test_both_terms_of_the_discriminator_at_once(tag: str) -> None:
    play, case = game(tag), CASES[tag]
    play.D.requires_grad_(True)
    back_fake(play, latents())
    check_real(tag, back_real(play, real(), main=True, r1_weight=case["r1_gamma"] / 2))
    check_gradients(tag, play.D, SECOND)
