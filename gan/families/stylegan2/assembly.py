"""Networks from a configuration and the loop's setting."""

from __future__ import annotations

import torch

from gan.families.stylegan2.config import Config
from gan.families.stylegan2.discriminator import Discriminator, DiscriminatorShape
from gan.families.stylegan2.generator import Generator
from gan.families.stylegan2.synthesis import SynthesisShape
from gan.nn.deviation import whole_groups
from gan.training.family import Setting

FLOAT16_CLAMP = 256.0
"""Of the papers; without a bound, activations leave float16's range."""


def build_generator(config: Config, setting: Setting) -> Generator:
    """A generator with fresh weights (from torch's default generator) on the setting's device."""
    shape = SynthesisShape(
        w_dim=config.w_dim,
        img_resolution=setting.resolution,
        img_channels=setting.channels,
        channel_base=config.channel_base,
        channel_max=config.channel_max,
        architecture=config.g_architecture,
        resample_filter=config.resample_filter,
        conv_clamp=_clamp(config, setting),
        num_fp16_res=config.num_fp16_res,
        low_precision=setting.precision,
    )
    generator = Generator(
        config.z_dim,
        setting.classes,
        shape,
        mapping_layers=config.mapping_layers,
        mapping_lr_multiplier=config.mapping_lr_multiplier,
        w_avg_beta=config.w_avg_beta,
    )
    return generator.to(setting.device)


def build_discriminator(config: Config, setting: Setting) -> Discriminator:
    """A discriminator with fresh weights (from torch's default generator) on the setting's device."""
    shape = DiscriminatorShape(
        c_dim=setting.classes,
        img_resolution=setting.resolution,
        img_channels=setting.channels,
        channel_base=config.channel_base,
        channel_max=config.channel_max,
        architecture=config.d_architecture,
        resample_filter=config.resample_filter,
        conv_clamp=_clamp(config, setting),
        num_fp16_res=config.num_fp16_res,
        low_precision=setting.precision,
        mapping_layers=config.d_mapping_layers,
        # of the whole batch, that a portion of it keeps whole groups
        mbstd_group_size=whole_groups(setting.batch, config.mbstd_group_size),
        mbstd_num_channels=config.mbstd_num_channels,
    )
    return Discriminator(shape).to(setting.device)


def _clamp(config: Config, setting: Setting) -> float | None:
    if setting.precision is torch.float16:
        return config.conv_clamp or FLOAT16_CLAMP
    return config.conv_clamp or None


def shared_group(config: Config, setting: Setting) -> int:
    """Images whose deviation is taken together, so that they must not be parted.

    Raises:
        ValueError: the batch cannot be shared by so many processes alike.
    """
    batch, count = setting.batch, setting.processes.count
    size = whole_groups(batch, config.mbstd_group_size) if config.mbstd_num_channels > 0 else 1
    if batch % count:
        raise ValueError(f"a batch of {batch} images cannot be shared by {count} processes alike")
    if batch // size % count:
        raise ValueError(
            f"a batch of {batch} images cannot be shared by {count} processes alike, for deviation groups "
            f"of {size} stay whole: choose a batch that is a multiple of {size * count}"
        )
    paths = max(batch // config.pl_batch_shrink, 1)
    if config.pl_weight > 0 and paths < count:
        raise ValueError(
            f"a batch of {batch} images leaves {paths} of them for the path length in {count} processes: "
            "choose a larger batch"
        )
    return size
