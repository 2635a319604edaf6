"""Every knob of StyleGAN2-ADA."""

from __future__ import annotations

from dataclasses import dataclass

from gan.families.stylegan2.augment.pipes import parse_pipe

ARCHITECTURES = ("skip", "resnet", "orig")
AUGMENTS = ("none", "fixed", "adaptive")


@dataclass(frozen=True)
class Config:
    """Options of the family; the defaults are the `auto` configuration for 256 pixels on one GPU.

    Raises:
        ValueError: an option is outside its range.
    """

    z_dim: int = 512
    w_dim: int = 512
    mapping_layers: int = 2
    mapping_lr_multiplier: float = 0.01
    w_avg_beta: float = 0.995
    channel_base: int = 16384
    """Feature maps times resolution: a layer at r pixels has min(channel_base // r, channel_max)."""
    channel_max: int = 512
    g_architecture: str = "skip"
    d_architecture: str = "resnet"
    resample_filter: tuple[float, ...] = (1.0, 3.0, 3.0, 1.0)
    conv_clamp: float | None = 256.0
    """Bound of activations; None or 0 sets none (and costs no time), except in float16, which needs one."""
    num_fp16_res: int = 4
    """How many of the highest resolutions (from 8 pixels) use the lower precision, where one is set."""
    d_mapping_layers: int = 8
    mbstd_group_size: int | None = 4
    mbstd_num_channels: int = 1
    freeze_d: int = 0
    """Layers of the discriminator, from the image inwards, that keep their weights (Mo et al. 2020)."""

    learning_rate: float = 0.0025
    d_learning_rate: float | None = None
    """None: the generator's."""
    adam_betas: tuple[float, float] = (0.0, 0.99)
    adam_eps: float = 1e-8
    r1_gamma: float | None = None
    """None: 0.0002 * resolution^2 / batch."""
    r1_interval: int = 16
    """Steps between R1 phases; 0 joins the penalty to every step's main loss."""
    pl_weight: float = 2.0
    pl_interval: int = 4
    """Steps between path-length phases; 0 joins the penalty to every step's main loss."""
    pl_decay: float = 0.01
    pl_batch_shrink: int = 2
    style_mixing_prob: float = 0.9
    ema_kimg: float | None = None
    """Half-life of the averaged weights in thousands of images; None: batch * 10 / 32."""
    ema_rampup: float | None = 0.05
    """Half-life at most this share of the images seen; None or 0 sets no such bound."""

    augment: str = "adaptive"
    """`none`, `fixed` (at `augment_p`) or `adaptive` (from `augment_p`)."""
    augment_pipe: str = "bgc"
    """A named pipe or a list such as `xflip=1,rotate90=1,cutout=1`."""
    augment_p: float = 0.0
    augment_p_max: float | None = None
    """Cap on the adaptive p; augmentations above about 0.8 tend to leak into generated images."""
    ada_target: float = 0.6
    ada_interval: int = 4
    ada_kimg: float = 500.0
    """Thousands of images over which p may move by one."""
    transfer: bool = True
    """Where a run starts from trained networks: `ada_kimg` at most 100 and no `ema_rampup`, as the reference
    does; false keeps both as they stand here."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "resample_filter", tuple(float(tap) for tap in self.resample_filter))
        object.__setattr__(self, "adam_betas", tuple(float(beta) for beta in self.adam_betas))
        if len(self.adam_betas) != 2 or not all(0 <= beta < 1 for beta in self.adam_betas):
            raise ValueError(f"adam_betas is {self.adam_betas}; it must be two numbers from 0 to below 1")
        if not -1 <= self.ada_target <= 1:
            raise ValueError(f"ada_target is {self.ada_target}; a mean of signs lies from -1 to 1")
        _one_of("g_architecture", self.g_architecture, ARCHITECTURES)
        _one_of("d_architecture", self.d_architecture, ARCHITECTURES)
        _one_of("augment", self.augment, AUGMENTS)
        for name in _AT_LEAST_ONE:
            _at_least(name, getattr(self, name), 1)
        for name in _AT_LEAST_ZERO:
            if getattr(self, name) is not None:
                _at_least(name, getattr(self, name), 0)
        parse_pipe(self.augment_pipe)


_AT_LEAST_ONE = (
    "z_dim",
    "w_dim",
    "mapping_layers",
    "channel_base",
    "channel_max",
    "pl_batch_shrink",
    "ada_interval",
)
_AT_LEAST_ZERO = (
    "mbstd_num_channels",
    "num_fp16_res",
    "d_mapping_layers",
    "freeze_d",
    "learning_rate",
    "d_learning_rate",
    "r1_gamma",
    "r1_interval",
    "pl_weight",
    "pl_interval",
    "ema_kimg",
    "ema_rampup",
    "conv_clamp",
    "augment_p",
    "augment_p_max",
    "ada_kimg",
)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(known)}")


def _at_least(name: str, value: float, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} is {value}; it must be at least {least}")
