"""Networks from a configuration and the loop's setting."""

from __future__ import annotations

from gan.families.stylegan2.config import Config
from gan.families.stylegan2.discriminator import Discriminator, DiscriminatorShape
from gan.families.stylegan2.generator import Generator
from gan.families.stylegan2.synthesis import SynthesisShape
from gan.training.family import Setting


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
        conv_clamp=config.conv_clamp or None,
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
        conv_clamp=config.conv_clamp or None,
        num_fp16_res=config.num_fp16_res,
        low_precision=setting.precision,
        mapping_layers=config.d_mapping_layers,
        mbstd_group_size=config.mbstd_group_size,
        mbstd_num_channels=config.mbstd_num_channels,
    )
    return Discriminator(shape).to(setting.device)
