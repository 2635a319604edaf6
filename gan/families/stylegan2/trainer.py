"""One training step of StyleGAN2-ADA, and everything that an exact resume needs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cached_property

import torch
from torch import nn
from torch.nn import functional as F

from gan.families.stylegan2.ada import average_weights, ema_beta, next_p
from gan.families.stylegan2.assembly import build_discriminator, build_generator, shared_group
from gan.families.stylegan2.augment import draw_augment, parse_pipe
from gan.families.stylegan2.chance import Chance, Labels, Latents, Real, StepInputs
from gan.families.stylegan2.config import Config
from gan.families.stylegan2.losses import PathPenalty
from gan.families.stylegan2.optimiser import (
    apply_gradients,
    copy_exactly,
    lazy_adam,
    learning,
    load_optimiser_state,
    optimiser_state,
    trainable,
)
from gan.families.stylegan2.phases import Game, PathPass, back_fake, back_generator, back_real
from gan.families.stylegan2.synthesis import Noise
from gan.training.family import Setting, Step
from gan.training.portions import Divider, Portion, Sums
from gan.training.rewarding import KEPT_OUT, USED

Scalars = dict[str, torch.Tensor | float]


class StyleGan2:
    """Generator, discriminator, averaged generator and the state of their training."""

    def __init__(self, config: Config, setting: Setting) -> None:
        self.config, self.setting = config, setting
        self.G = build_generator(config, setting)
        self.D = build_discriminator(config, setting)
        self.D.freeze(config.freeze_d)
        self.G_ema = copy.deepcopy(self.G).eval().requires_grad_(False)
        self._networks: dict[str, nn.Module] = {"G": self.G, "D": self.D, "G_ema": self.G_ema}
        self._learning = {"G": trainable(self.G), "D": trainable(self.D)}
        self._game = Game(self.G, self.D, setting.reward)
        self._group = shared_group(config, setting)
        self._divider = Divider(setting.processes, setting.portion, setting.device)
        self._augment_settings = parse_pipe("none" if config.augment == "none" else config.augment_pipe)
        self._counters = _fresh_counters(config, setting.device)
        self.G.requires_grad_(False)
        self.D.requires_grad_(False)

    @property
    def z_dim(self) -> int:
        """Length of the latent vector."""
        return self.config.z_dim

    def train_step(self, step: Step) -> Mapping[str, torch.Tensor | float]:
        """Generator, path length, discriminator, R1, weight average, augmentation strength, in this order."""
        chance = Chance(
            step.rng,
            lambda shape: draw_augment(self._augment_settings, shape, self._counters["ada_p"], step.rng),
            self.config.style_mixing_prob,
            random_noise=True,
        )
        values = self.advance(chance, self._draw(step), step.seen_images)
        values |= self._adapt(step.iteration)
        return values

    def advance(self, chance: Chance, inputs: StepInputs, seen_images: int) -> Scalars:
        """The four phases on given inputs, then the average of weights."""
        values = self._train_generator(chance, inputs)
        values |= self._train_discriminator(chance, inputs)
        self._average(len(inputs.real.images), seen_images)
        return values

    def sample(
        self, z: torch.Tensor, labels: torch.Tensor, truncation: float = 1.0, noise: str = "const"
    ) -> torch.Tensor:
        """Images [N, C, H, W] of the averaged generator; see the seam."""
        with torch.no_grad():
            images: torch.Tensor = self.G_ema(
                z, self._one_hot(labels), truncation_psi=truncation, noise=Noise(noise)
            )
        return images

    @property
    def w_shape(self) -> tuple[int, int]:
        """Layers and length of an intermediate latent."""
        return self.G_ema.num_ws, self.config.w_dim

    def map_w(self, z: torch.Tensor, labels: torch.Tensor, truncation: float = 1.0) -> torch.Tensor:
        """w [N, num_ws, w_dim] of the averaged generator from latents z [N, z_dim] and class indices [N]."""
        with torch.no_grad():
            w: torch.Tensor = self.G_ema.mapping(z, self._one_hot(labels), truncation_psi=truncation)
        return w

    def sample_w(self, w: torch.Tensor, noise: str = "const") -> torch.Tensor:
        """Images [N, C, H, W] of the averaged generator from intermediate latents w [N, num_ws, w_dim]."""
        with torch.no_grad():
            images: torch.Tensor = self.G_ema.synthesis(w, Noise(noise))
        return images

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Networks, optimisers and counters by name; see the seam."""
        state = {f"counter/{name}": value.clone() for name, value in self._counters.items()}
        for name, tensor in self.networks().items():
            state[name] = tensor.detach().clone(memory_format=torch.contiguous_format)
        for name, optimiser in self._optimisers.items():
            for key, tensor in optimiser_state(optimiser, self._networks[name]).items():
                state[f"optimizer/{name}/{key}"] = tensor
        return state

    def networks(self) -> dict[str, torch.Tensor]:
        """The networks' own tensors by name; see the seam."""
        return {
            f"{name}/{key}": tensor
            for name, network in self._networks.items()
            for key, tensor in network.state_dict().items()
        }

    def load_state_dict(self, state: Mapping[str, torch.Tensor]) -> None:
        """Takes back what `state_dict` gave; see the seam."""
        for name, value in self._counters.items():
            copy_exactly(value, state[f"counter/{name}"], f"counter/{name}")
        for name, tensor in self.networks().items():
            copy_exactly(tensor, state[name], name)
        for name, optimiser in self._optimisers.items():
            load_optimiser_state(optimiser, self._networks[name], state, f"optimizer/{name}/")

    @property
    def _pl_interval(self) -> int:
        return self.config.pl_interval if self.config.pl_weight > 0 else 0

    @property
    def _r1_interval(self) -> int:
        return self.config.r1_interval if self._r1_gamma > 0 else 0

    @property
    def _r1_gamma(self) -> float:
        """By default the rule of the `auto` configuration: the larger the image, the stronger."""
        given = self.config.r1_gamma
        return 0.0002 * self.setting.resolution**2 / self.setting.batch if given is None else given

    @cached_property
    def _optimisers(self) -> dict[str, torch.optim.Adam]:
        """Made for who trains: torch loads its compiler for them, which takes as long as loading torch."""
        config = self.config
        return {
            "G": self._adam("G", config.learning_rate, self._pl_interval),
            "D": self._adam("D", config.d_learning_rate or config.learning_rate, self._r1_interval),
        }

    def _adam(self, name: str, rate: float, interval: int) -> torch.optim.Adam:
        return lazy_adam(self._learning[name], rate, self.config.adam_betas, self.config.adam_eps, interval)

    def _draw(self, step: Step) -> StepInputs:
        n = len(step.images)
        path = field = None
        if self.config.pl_weight > 0 and _due(step.iteration, self._pl_interval):
            path = self._latents(step, max(n // self.config.pl_batch_shrink, 1))
            shape = (len(path.z), *step.images.shape[1:])
            field = torch.randn(shape, generator=step.rng, device=step.images.device)
        return StepInputs(
            generator=self._latents(step, n),
            path=path,
            path_field=field,
            discriminator=self._latents(step, n),
            real=Real(step.images, self._one_hot(step.labels)),
            r1=self._r1_gamma > 0 and _due(step.iteration, self._r1_interval),
        )

    def _latents(self, step: Step, n: int) -> Latents:
        z = torch.randn(n, self.z_dim, generator=step.rng, device=self.setting.device)
        return Latents(z, self._one_hot(step.draw_labels(n)))

    def _one_hot(self, labels: torch.Tensor) -> Labels:
        return F.one_hot(labels, self.setting.classes).float() if self.setting.classes > 0 else None

    def _train_generator(self, chance: Chance, inputs: StepInputs) -> Scalars:
        n = len(inputs.generator.z)
        made = chance.generated(self.G.synthesis, inputs.generator)

        def work(portion: Portion) -> Sums:
            terms = back_generator(self._game, made.rows(portion.rows), n)
            sums = {"loss": terms.loss.sum(), "w": terms.w.sum(0)}
            if terms.rewards is not None:
                sums |= {USED: terms.rewards.used.sum(), KEPT_OUT: terms.rewards.kept_out.sum()}
            return sums

        with learning(self._learning["G"]):
            sums = self._divider.add_up(n, work, self._learning["G"], self._group)
            self.G.mapping.move_average(sums["w"] / n)
            if self._pl_interval > 0:
                self._apply("G")
            values: Scalars = {"loss_g": sums["loss"] / n}
            values |= {name: sums[name] / n for name in (USED, KEPT_OUT) if name in sums}
            if inputs.path is not None and inputs.path_field is not None:
                values |= self._train_path(chance, inputs.path, inputs.path_field)
            if inputs.path is not None or self._pl_interval == 0:
                self._apply("G")
        return values

    def _train_path(self, chance: Chance, latents: Latents, field: torch.Tensor) -> Scalars:
        n = len(latents.z)
        path = PathPass(self._game, chance.generated(self.G.synthesis, latents, seen=False), field)
        sums = self._divider.add_up(n, path.measure, self._learning["G"])
        mean, measured = self._counters["pl_mean"], sums["length"] / n
        penalty = PathPenalty.after(measured, mean, self.config.pl_decay)
        weight = self.config.pl_weight * max(self._pl_interval, 1)
        self._divider.add_up(n, lambda portion: path.back(portion, penalty, weight), self._learning["G"])
        self.G.mapping.move_average(sums["w"] / n)
        mean.copy_(penalty.mean)
        return {"path_length": measured}

    def _train_discriminator(self, chance: Chance, inputs: StepInputs) -> Scalars:
        n, lazy = len(inputs.real.images), self._r1_interval > 0
        made = chance.generated(self.G.synthesis, inputs.discriminator)
        joined = self._r1_gamma / 2 if inputs.r1 and not lazy else 0.0

        def fake(portion: Portion) -> Sums:
            terms = back_fake(self._game, made.rows(portion.rows), n)
            return {"loss": terms.loss.sum(), "score": terms.logits.sum(), "w": terms.w.sum(0)}

        with learning(self._learning["D"]):
            of_fake = self._divider.add_up(n, fake, self._learning["D"], self._group)
            of_real = self._back_real(chance, inputs.real, main=True, r1_weight=joined)
            self.G.mapping.move_average(of_fake["w"] / n)
            self._apply("D")
            values: Scalars = {
                "loss_d": (of_fake["loss"] + of_real["loss"]) / n,
                "real_score": of_real["score"] / n,
                "fake_score": of_fake["score"] / n,
            }
            if inputs.r1 and lazy:
                of_real = self._train_r1(chance, inputs.real)
        return values | {"r1": of_real["penalty"] / n} if "penalty" in of_real else values

    def _train_r1(self, chance: Chance, real: Real) -> Sums:
        weight = self._r1_gamma / 2 * self._r1_interval
        sums = self._back_real(chance, real, main=False, r1_weight=weight)
        self._apply("D")
        return sums

    def _back_real(self, chance: Chance, real: Real, *, main: bool, r1_weight: float) -> Sums:
        """Also counts the signs of the logits: every pass over real images does."""
        n, seen = len(real.images), chance.real(real)

        def work(portion: Portion) -> Sums:
            terms = back_real(self._game, seen.rows(portion.rows), n, main=main, r1_weight=r1_weight)
            sums = {"score": terms.logits.sum(), "sign": terms.logits.sign().sum(), "loss": terms.loss.sum()}
            return sums if terms.penalty is None else {**sums, "penalty": terms.penalty.sum()}

        sums = self._divider.add_up(n, work, self._learning["D"], self._group)
        self._counters["sign_sum"].add_(sums["sign"])
        self._counters["sign_count"].add_(n)
        return sums

    def _apply(self, name: str) -> None:
        apply_gradients(self._optimisers[name], self.setting.processes)

    def _average(self, batch: int, seen_images: int) -> None:
        kimg = self.setting.batch * 10 / 32 if self.config.ema_kimg is None else self.config.ema_kimg
        average_weights(self.G_ema, self.G, ema_beta(batch, seen_images, kimg, self.config.ema_rampup))

    def _adapt(self, iteration: int) -> Scalars:
        if self.config.augment == "none":
            return {}
        p = self._counters["ada_p"]
        due = self.config.augment == "adaptive" and iteration % self.config.ada_interval == 0
        if not due:
            return {"ada_p": p.clone()}
        mean_sign = self._counters["sign_sum"] / self._counters["sign_count"]
        images = self.setting.batch * self.config.ada_interval
        p.copy_(
            next_p(
                p,
                mean_sign,
                target=self.config.ada_target,
                images=images,
                ada_kimg=self.config.ada_kimg,
                p_max=self.config.augment_p_max,
            )
        )
        self._counters["sign_sum"].zero_()
        self._counters["sign_count"].zero_()
        return {"ada_p": p.clone(), "ada_sign": mean_sign}


def _due(iteration: int, interval: int) -> bool:
    return interval == 0 or iteration % interval == 0


def _fresh_counters(config: Config, device: torch.device) -> dict[str, torch.Tensor]:
    p = config.augment_p if config.augment != "none" else 0.0
    start = {"ada_p": p, "sign_sum": 0.0, "sign_count": 0.0, "pl_mean": 0.0}
    return {name: torch.tensor(value, dtype=torch.float32, device=device) for name, value in start.items()}
