"""The synthesis network: intermediate latents to images (Karras et al. 2020)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import nn

from gan.families.stylegan2.layers import Convolution, block_dtype, resolutions, widths
from gan.nn.activation import ACTIVATIONS, bias_act
from gan.nn.dense import Dense
from gan.nn.filters import setup_filter
from gan.nn.modulation import modulated_conv2d
from gan.nn.resample import upsample2d


@dataclass(frozen=True)
class Noise:
    """Where the layers' noise comes from: `const` (the stored maps), `none`, `random` or `drawn` before."""

    mode: str = "const"
    rng: torch.Generator | None = None
    """For `random`; None draws from torch's default generator."""
    maps: Mapping[int, torch.Tensor] = field(default_factory=dict)
    """For `drawn`: by resolution, [N, layers, R, R]."""

    def rows(self, rows: torch.Tensor) -> Noise:
        """That of some of the images, by number [n]."""
        return replace(self, maps={r: drawn[rows] for r, drawn in self.maps.items()})


@dataclass(frozen=True)
class SynthesisShape:
    """Sizes of a synthesis network."""

    w_dim: int
    img_resolution: int
    img_channels: int
    channel_base: int = 16384
    channel_max: int = 512
    architecture: str = "skip"
    resample_filter: tuple[float, ...] = (1.0, 3.0, 3.0, 1.0)
    conv_clamp: float | None = None
    num_fp16_res: int = 0
    low_precision: torch.dtype = torch.float32


class SynthesisLayer(nn.Module):
    """Modulated 3x3 convolution, noise, bias and leaky ReLU; `up` 2 doubles the size.

    `place` counts the layers of its resolution.
    """

    noise_const: torch.Tensor
    resample_filter: torch.Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        w_dim: int,
        resolution: int,
        taps: Sequence[float],
        up: int = 1,
        clamp: float | None = None,
        place: int = 0,
    ) -> None:
        super().__init__()
        self.resolution, self.up, self.clamp, self.place = resolution, up, clamp, place
        self.affine = Dense(w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise_const", torch.randn(resolution, resolution))
        self.register_buffer("resample_filter", setup_filter(taps))

    def forward(self, x: torch.Tensor, w: torch.Tensor, noise: Noise, gain: float = 1.0) -> torch.Tensor:
        """x [N, I, H, W] and w [N, w_dim] -> [N, O, H * up, W * up]."""
        # the activation lets a gain through: scales, noise and bias carry it at no cost
        total = ACTIVATIONS["lrelu"].gain * gain
        y = modulated_conv2d(
            x,
            self.weight,
            self.affine(w),
            noise=self._noise(len(x), noise, total),
            up=self.up,
            padding=1,
            resample_filter=self.resample_filter,
            flip_weight=self.up == 1,
            gain=total,
        )
        clamp = None if self.clamp is None else self.clamp * gain
        return bias_act(y, self.bias * total, act="lrelu", gain=1.0, clamp=clamp)

    def _noise(self, n: int, noise: Noise, gain: float) -> torch.Tensor | None:
        strength = self.noise_strength * gain
        if noise.mode == "none":
            return None
        if noise.mode == "const":
            return self.noise_const * strength
        if noise.mode == "drawn":
            return noise.maps[self.resolution][:, self.place, None] * strength
        shape = (n, 1, self.resolution, self.resolution)
        drawn = torch.randn(shape, generator=noise.rng, device=self.noise_const.device)
        return drawn * strength


class ToRGB(nn.Module):
    """Modulated 1x1 convolution to image channels, without demodulation."""

    def __init__(self, in_channels: int, out_channels: int, w_dim: int, clamp: float | None = None) -> None:
        super().__init__()
        self.clamp = clamp
        self.affine = Dense(w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.weight_gain = 1 / math.sqrt(in_channels)

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """x [N, I, H, W] and w [N, w_dim] -> [N, image channels, H, W]."""
        styles = self.affine(w) * self.weight_gain
        y = modulated_conv2d(x, self.weight, styles, demodulate=False)
        return bias_act(y, self.bias, clamp=self.clamp)


class SynthesisBlock(nn.Module):
    """The layers of one resolution; the first one starts from a learned constant."""

    resample_filter: torch.Tensor

    def __init__(self, net: SynthesisShape, resolution: int, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.architecture, self.dtype = net.architecture, block_dtype(net, resolution)
        self.first = in_channels == 0
        self.register_buffer("resample_filter", setup_filter(net.resample_filter))
        if self.first:
            self.const = nn.Parameter(torch.randn(out_channels, resolution, resolution))
        else:
            self.conv0 = self._layer(net, resolution, in_channels, out_channels, up=2)
        self.conv1 = self._layer(net, resolution, out_channels, out_channels, place=0 if self.first else 1)
        if net.architecture == "skip" or resolution == net.img_resolution:
            self.torgb = ToRGB(out_channels, net.img_channels, net.w_dim, net.conv_clamp)
        if net.architecture == "resnet" and not self.first:
            self.skip = Convolution(
                in_channels, out_channels, 1, net.resample_filter, bias=False, act="linear", up=2
            )

    @staticmethod
    def _layer(
        net: SynthesisShape, resolution: int, i: int, o: int, up: int = 1, place: int = 0
    ) -> SynthesisLayer:
        return SynthesisLayer(i, o, net.w_dim, resolution, net.resample_filter, up, net.conv_clamp, place)

    @property
    def num_convolutions(self) -> int:
        """Layers that take a w of their own (the torgb shares its w with the next block's first layer)."""
        return 1 if self.first else 2

    def forward(
        self, x: torch.Tensor | None, image: torch.Tensor | None, ws: torch.Tensor, noise: Noise
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Features [N, C, H, W] and the image so far; ws [N, layers of this block, w_dim]."""
        latents = iter(ws.unbind(dim=1))
        x = self._features(x, latents, noise, len(ws))
        if self.architecture == "skip" and image is not None:
            image = upsample2d(image, self.resample_filter)
        if hasattr(self, "torgb"):
            y = self.torgb(x, next(latents)).float()
            image = y if image is None else image + y
        return x, image

    def _features(
        self, x: torch.Tensor | None, latents: Iterator[torch.Tensor], noise: Noise, n: int
    ) -> torch.Tensor:
        if x is None:
            y = self.const.to(self.dtype).unsqueeze(0).expand(n, -1, -1, -1)
            first: torch.Tensor = self.conv1(y, next(latents), noise)
            return first
        x = x.to(self.dtype)
        if self.architecture != "resnet":
            plain: torch.Tensor = self.conv1(self.conv0(x, next(latents), noise), next(latents), noise)
            return plain
        inner = self.conv1(self.conv0(x, next(latents), noise), next(latents), noise, gain=math.sqrt(0.5))
        both: torch.Tensor = self.skip(x, gain=math.sqrt(0.5)) + inner
        return both


class Synthesis(nn.Module):
    """Blocks `b4`, `b8`, ... up to the image's resolution."""

    def __init__(self, shape: SynthesisShape) -> None:
        super().__init__()
        self.shape = shape
        width = widths(shape)
        self.resolutions = resolutions(shape.img_resolution)
        for r in self.resolutions:
            self.add_module(f"b{r}", SynthesisBlock(shape, r, width[r // 2] if r > 4 else 0, width[r]))
        self.num_ws = sum(block.num_convolutions for block in self.blocks()) + 1

    def blocks(self) -> Iterator[SynthesisBlock]:
        """From 4 pixels up."""
        for r in self.resolutions:
            block = self.get_submodule(f"b{r}")
            assert isinstance(block, SynthesisBlock)  # noqa: S101  (the type checker's sake)
            yield block

    def draw_noise(self, n: int, rng: torch.Generator) -> Noise:
        """Random noise for n images."""

        def layer(r: int) -> torch.Tensor:
            return torch.randn(n, 1, r, r, generator=rng, device=rng.device)

        blocks = zip(self.resolutions, self.blocks(), strict=True)
        maps = {r: torch.cat([layer(r) for _ in range(block.num_convolutions)], 1) for r, block in blocks}
        return Noise("drawn", maps=maps)

    def forward(self, ws: torch.Tensor, noise: Noise | None = None) -> torch.Tensor:
        """ws [N, num_ws, w_dim] -> images [N, img_channels, R, R], float32."""
        x: torch.Tensor | None = None
        image: torch.Tensor | None = None
        start = 0
        for block in self.blocks():
            x, image = block(x, image, ws[:, start : start + block.num_convolutions + 1], noise or Noise())
            start += block.num_convolutions
        if image is None:
            raise AssertionError("the last block always makes an image")
        return image
