"""One training step of StyleGAN2-ADA, and everything that an exact resume needs."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from gan.families.stylegan2.ada import average_weights, ema_beta, next_p
from gan.families.stylegan2.assembly import build_discriminator, build_generator
from gan.families.stylegan2.augment import augment, parse_pipe
from gan.families.stylegan2.config import Config
from gan.families.stylegan2.optimiser import (
    apply_gradients,
    copy_exactly,
    lazy_adam,
    learning,
    load_optimiser_state,
    optimiser_state,
    trainable,
)
from gan.families.stylegan2.phases import (
    Game,
    Labels,
    Latents,
    StepInputs,
    back_fake,
    back_generator,
    back_path,
    back_real,
)
from gan.families.stylegan2.synthesis import Noise
from gan.training.family import Setting, Step

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
        self._optimisers = {
            "G": self._adam("G", config.learning_rate, self._pl_interval),
            "D": self._adam("D", config.d_learning_rate or config.learning_rate, self._r1_interval),
        }
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
        game = Game(
            self.G,
            self.D,
            partial(augment, settings=self._augment_settings, p=self._counters["ada_p"], rng=step.rng),
            Noise("random", step.rng),
            self.config.style_mixing_prob,
            step.rng,
        )
        values = self.advance(game, self._draw(step), step.seen_images)
        values |= self._adapt(step.iteration)
        return values

    def advance(self, game: Game, inputs: StepInputs, seen_images: int) -> Scalars:
        """The four phases on given inputs, then the average of weights."""
        values = self._train_generator(game, inputs)
        values |= self._train_discriminator(game, inputs)
        self._average(len(inputs.real.z), seen_images)
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
        for name, network in self._networks.items():
            for key, tensor in network.state_dict().items():
                state[f"{name}/{key}"] = tensor.detach().clone(memory_format=torch.contiguous_format)
        for name, optimiser in self._optimisers.items():
            for key, tensor in optimiser_state(optimiser, self._networks[name]).items():
                state[f"optimizer/{name}/{key}"] = tensor
        return state

    def load_state_dict(self, state: Mapping[str, torch.Tensor]) -> None:
        """Takes back what `state_dict` gave; see the seam."""
        for name, value in self._counters.items():
            copy_exactly(value, state[f"counter/{name}"], f"counter/{name}")
        for name, network in self._networks.items():
            for key, tensor in network.state_dict().items():
                copy_exactly(tensor, state[f"{name}/{key}"], f"{name}/{key}")
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
            real=Latents(step.images, self._one_hot(step.labels)),
            r1=self._r1_gamma > 0 and _due(step.iteration, self._r1_interval),
        )

    def _latents(self, step: Step, n: int) -> Latents:
        z = torch.randn(n, self.z_dim, generator=step.rng, device=self.setting.device)
        return Latents(z, self._one_hot(step.draw_labels(n)))

    def _one_hot(self, labels: torch.Tensor) -> Labels:
        return F.one_hot(labels, self.setting.classes).float() if self.setting.classes > 0 else None

    def _train_generator(self, game: Game, inputs: StepInputs) -> Scalars:
        with learning(self._learning["G"]):
            loss, _ = back_generator(game, inputs.generator)
            values: Scalars = {"loss_g": loss.mean()}
            if self._pl_interval > 0:
                apply_gradients(self._optimisers["G"])
            if inputs.path is not None and inputs.path_field is not None:
                values |= self._train_path(game, inputs.path, inputs.path_field)
            if inputs.path is not None or self._pl_interval == 0:
                apply_gradients(self._optimisers["G"])
        return values

    def _train_path(self, game: Game, latents: Latents, field: torch.Tensor) -> Scalars:
        mean = self._counters["pl_mean"]
        weight = self.config.pl_weight * max(self._pl_interval, 1)
        terms = back_path(game, latents, field, mean, weight=weight, decay=self.config.pl_decay)
        mean.copy_(terms.mean)
        return {"path_length": terms.lengths.mean()}

    def _train_discriminator(self, game: Game, inputs: StepInputs) -> Scalars:
        lazy = self._r1_interval > 0
        with learning(self._learning["D"]):
            fake, fake_logits = back_fake(game, inputs.discriminator)
            joined = self._r1_gamma / 2 if inputs.r1 and not lazy else 0.0
            terms = back_real(game, inputs.real, main=True, r1_weight=joined)
            self._count_signs(terms.logits)
            apply_gradients(self._optimisers["D"])
            penalty = self._train_r1(game, inputs.real) if inputs.r1 and lazy else terms.penalty
        values: Scalars = {
            "loss_d": fake.mean() + terms.loss.mean(),
            "real_score": terms.logits.mean(),
            "fake_score": fake_logits.mean(),
        }
        return values if penalty is None else values | {"r1": penalty.mean()}

    def _train_r1(self, game: Game, real: Latents) -> torch.Tensor | None:
        terms = back_real(game, real, main=False, r1_weight=self._r1_gamma / 2 * self._r1_interval)
        self._count_signs(terms.logits)
        apply_gradients(self._optimisers["D"])
        return terms.penalty

    def _count_signs(self, real_logits: torch.Tensor) -> None:
        self._counters["sign_sum"].add_(real_logits.sign().sum())
        self._counters["sign_count"].add_(len(real_logits))

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
