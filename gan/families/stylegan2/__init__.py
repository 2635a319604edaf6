"""StyleGAN2-ADA: class-conditional generator with adaptive discriminator augmentation.

Karras et al. 2020, "Analyzing and improving the image quality of StyleGAN" and
"Training generative adversarial networks with limited data".
"""

from __future__ import annotations

from gan.families.stylegan2.bases import transferred
from gan.families.stylegan2.config import Config
from gan.families.stylegan2.trainer import StyleGan2
from gan.training.family import Family, Setting

__all__ = ["Config", "build", "transferred"]


def build(config: Config, setting: Setting) -> Family:
    """A family in training, with fresh weights drawn from torch's default generator."""
    return StyleGan2(config, setting)
