"""The discriminator, with minibatch deviation and label projection."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from gan.families.stylegan2.layers import Convolution, block_dtype, resolutions, widths
from gan.families.stylegan2.mapping import Mapping
from gan.nn.dense import Dense
from gan.nn.deviation import minibatch_std
from gan.nn.filters import setup_filter
from gan.nn.resample import downsample2d


@dataclass(frozen=True)
class DiscriminatorShape:
    """Sizes of a discriminator."""

    c_dim: int
    img_resolution: int
    img_channels: int
    channel_base: int = 16384
    channel_max: int = 512
    architecture: str = "resnet"
    resample_filter: tuple[float, ...] = (1.0, 3.0, 3.0, 1.0)
    conv_clamp: float | None = None
    num_fp16_res: int = 0
    low_precision: torch.dtype = torch.float32
    mapping_layers: int = 8
    cmap_dim: int | None = None
    """Length of the mapped label; None: the feature maps at 4 pixels."""
    mbstd_group_size: int | None = 4
    mbstd_num_channels: int = 1


class DiscriminatorBlock(nn.Module):
    """The layers of one resolution; halves the size."""

    resample_filter: torch.Tensor

    def __init__(self, net: DiscriminatorShape, resolution: int, width: dict[int, int]) -> None:
        super().__init__()
        self.architecture, self.dtype = net.architecture, block_dtype(net, resolution)
        inner, outer = width[resolution], width[resolution // 2]
        taps, clamp = net.resample_filter, net.conv_clamp
        self.register_buffer("resample_filter", setup_filter(taps))
        if net.architecture == "skip" or resolution == net.img_resolution:
            self.fromrgb = Convolution(net.img_channels, inner, 1, taps, clamp=clamp)
        self.conv0 = Convolution(inner, inner, 3, taps, clamp=clamp)
        self.conv1 = Convolution(inner, outer, 3, taps, down=2, clamp=clamp)
        if net.architecture == "resnet":
            self.skip = Convolution(inner, outer, 1, taps, bias=False, act="linear", down=2)

    def layers(self) -> Iterator[Convolution]:
        """From the image inwards."""
        for name in ("fromrgb", "conv0", "conv1", "skip"):
            if hasattr(self, name):
                yield getattr(self, name)

    def forward(
        self, x: torch.Tensor | None, image: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Features [N, C, H, W] and image -> features of half the size, and the image still to be read."""
        x = None if x is None else x.to(self.dtype)
        if image is not None and hasattr(self, "fromrgb"):
            y = self.fromrgb(image.to(self.dtype))
            x = y if x is None else x + y
            image = downsample2d(image, self.resample_filter) if self.architecture == "skip" else None
        if self.architecture != "resnet":
            return self.conv1(self.conv0(x)), image
        shortcut = self.skip(x, gain=math.sqrt(0.5))
        return shortcut + self.conv1(self.conv0(x), gain=math.sqrt(0.5)), image


class Epilogue(nn.Module):
    """4 x 4 features to a score, or to the vector that the label is projected on."""

    def __init__(self, net: DiscriminatorShape, channels: int, cmap_dim: int) -> None:
        super().__init__()
        self.group_size, self.num_channels = net.mbstd_group_size, net.mbstd_num_channels
        self.cmap_dim = cmap_dim
        taps, clamp = net.resample_filter, net.conv_clamp
        if net.architecture == "skip":
            self.fromrgb = Convolution(net.img_channels, channels, 1, taps)
        self.conv = Convolution(channels + self.num_channels, channels, 3, taps, clamp=clamp)
        self.fc = Dense(channels * 16, channels, act="lrelu")
        self.out = Dense(channels, cmap_dim or 1)

    def forward(self, x: torch.Tensor, image: torch.Tensor | None, cmap: torch.Tensor | None) -> torch.Tensor:
        """Features [N, C, 4, 4] -> logits [N, 1]."""
        x = x.float()
        if image is not None and hasattr(self, "fromrgb"):
            x = x + self.fromrgb(image.float())
        if self.num_channels > 0:
            x = minibatch_std(x, self.group_size, self.num_channels)
        logits: torch.Tensor = self.out(self.fc(self.conv(x).flatten(1)))
        if cmap is None:
            return logits
        return (logits * cmap).sum(dim=1, keepdim=True) / math.sqrt(self.cmap_dim)


class Discriminator(nn.Module):
    """Images and labels to logits; blocks `bR` from the image's resolution down to `b4`."""

    def __init__(self, shape: DiscriminatorShape) -> None:
        super().__init__()
        self.shape = shape
        width = widths(shape)
        self.resolutions = resolutions(shape.img_resolution)[:0:-1]
        for r in self.resolutions:
            self.add_module(f"b{r}", DiscriminatorBlock(shape, r, width))
        cmap_dim = 0
        if shape.c_dim > 0:
            cmap_dim = width[4] if shape.cmap_dim is None else shape.cmap_dim
            self.mapping = Mapping(
                0, shape.c_dim, cmap_dim, None, num_layers=shape.mapping_layers, w_avg_beta=None
            )
        self.b4 = Epilogue(shape, width[4], cmap_dim)

    def blocks(self) -> Iterator[DiscriminatorBlock]:
        """From the image's resolution down to 8 pixels."""
        for r in self.resolutions:
            block = self.get_submodule(f"b{r}")
            assert isinstance(block, DiscriminatorBlock)  # noqa: S101  (the type checker's sake)
            yield block

    def forward(self, images: torch.Tensor, c: torch.Tensor | None) -> torch.Tensor:
        """Images [N, C, R, R] in [-1, 1] and one-hot labels [N, c_dim] -> logits [N, 1]."""
        x: torch.Tensor | None = None
        image: torch.Tensor | None = images
        for block in self.blocks():
            x, image = block(x, image)
        cmap = self.mapping(None, c) if self.shape.c_dim > 0 else None
        logits: torch.Tensor = self.b4(x, image, cmap)
        return logits

    def freeze(self, layers: int) -> None:
        """Stops the first `layers` convolution layers, from the image inwards, from learning (Freeze-D)."""
        every = [layer for block in self.blocks() for layer in block.layers()]
        for layer in every[:layers]:
            layer.requires_grad_(False)
