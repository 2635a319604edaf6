"""Networks of other sizes, classes, channels, filters and precisions keep their shapes and rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from gan.families.stylegan2.discriminator import Discriminator, DiscriminatorShape
from gan.families.stylegan2.generator import Generator
from gan.families.stylegan2.layers import Convolution
from gan.families.stylegan2.synthesis import Noise, SynthesisLayer, SynthesisShape, ToRGB

G_SHAPE = SynthesisShape(w_dim=24, img_resolution=16, img_channels=3, channel_base=256, channel_max=16)
D_SHAPE = DiscriminatorShape(
    c_dim=9, img_resolution=16, img_channels=3, channel_base=256, channel_max=16, mapping_layers=2
)


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(11)


def generator(shape: SynthesisShape = G_SHAPE, c_dim: int = 9) -> Generator:
    return Generator(20, c_dim, shape, mapping_layers=2).requires_grad_(False)


def one_hot(n: int, c_dim: int) -> torch.Tensor | None:
    return torch.eye(c_dim)[torch.arange(n) % c_dim] if c_dim else None


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
@pytest.mark.parametrize(("resolution", "layers"), [(8, 4), (16, 6), (128, 12)])
@pytest.mark.parametrize(("channels", "c_dim"), [(1, 0), (3, 9), (1, 1)])
def test_any_size_and_any_number_of_classes(
    architecture: str, resolution: int, layers: int, channels: int, c_dim: int
) -> None:
    g = replace(G_SHAPE, img_resolution=resolution, img_channels=channels, architecture=architecture)
    d = replace(
        D_SHAPE, img_resolution=resolution, img_channels=channels, architecture=architecture, c_dim=c_dim
    )
    network = generator(g, c_dim)
    assert network.num_ws == layers
    images = network(torch.randn(2, 20), one_hot(2, c_dim))
    assert images.shape == (2, channels, resolution, resolution)
    logits = Discriminator(d)(images, one_hot(2, c_dim))
    assert logits.shape == (2, 1)
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("taps", [(1.0, 2.0, 1.0), (1.0, 1.0), (1.0, 3.0, 3.0, 1.0), (1.0,) * 10])
@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_any_resampling_filter(taps: tuple[float, ...], architecture: str) -> None:
    g = replace(G_SHAPE, resample_filter=taps, architecture=architecture)
    d = replace(D_SHAPE, resample_filter=taps, architecture=architecture)
    images = generator(g)(torch.randn(2, 20), one_hot(2, 9))
    assert images.shape == (2, 3, 16, 16)
    assert Discriminator(d)(images, one_hot(2, 9)).shape == (2, 1)


@pytest.mark.parametrize("layers", [1, 5])
def test_any_depth_of_mapping(layers: int) -> None:
    network = Generator(20, 9, G_SHAPE, mapping_layers=layers)
    assert network.mapping(torch.randn(3, 20), one_hot(3, 9)).shape == (3, network.num_ws, 24)
    d = Discriminator(replace(D_SHAPE, mapping_layers=layers))
    assert d(torch.zeros(3, 3, 16, 16), one_hot(3, 9)).shape == (3, 1)


def test_label_and_latent_both_matter() -> None:
    network, z = generator(), torch.randn(1, 20)
    classes = torch.eye(9)
    images = network(z.expand(9, -1), classes)
    differences = (images[:, None] - images[None]).abs().amax(dim=(2, 3, 4)) + torch.eye(9)
    assert float(differences.min()) > 1e-4
    assert not torch.equal(network(torch.randn(1, 20), classes[:1]), images[:1])


def test_the_discriminator_judges_by_the_label() -> None:
    network, image = Discriminator(D_SHAPE), torch.randn(1, 3, 16, 16)
    logits = network(image.expand(9, -1, -1, -1), torch.eye(9))
    assert len(logits.unique()) == 9


def test_truncation_to_zero_leaves_the_mean() -> None:
    network = generator()
    network.mapping.w_avg.normal_()
    images = network(torch.randn(3, 20), one_hot(3, 9), truncation_psi=0.0)
    assert torch.allclose(images[0], images[1])


def test_noise_is_fixed_off_or_drawn() -> None:
    network = generator()
    for parameter in network.parameters():
        if parameter.ndim == 0:
            parameter.fill_(0.5)
    ws = network.mapping(torch.randn(2, 20), one_hot(2, 9))
    const, none = (network.synthesis(ws, Noise(mode)) for mode in ("const", "none"))
    first, again, other = (
        network.synthesis(ws, Noise("random", torch.Generator().manual_seed(s))) for s in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not any(torch.allclose(a, b) for a, b in ((const, none), (const, first), (first, other)))


def test_a_clamp_bounds_every_layer() -> None:
    bound, seen = 0.05, []
    g, d = generator(replace(G_SHAPE, conv_clamp=bound)), Discriminator(replace(D_SHAPE, conv_clamp=bound))

    def watch(module: torch.nn.Module, _: object, out: torch.Tensor) -> None:
        if isinstance(module, SynthesisLayer | ToRGB) or (isinstance(module, Convolution) and module.clamp):
            seen.append(float(out.detach().abs().max()))

    for module in (*g.modules(), *d.modules()):
        module.register_forward_hook(watch)
    d(g(torch.randn(2, 20), one_hot(2, 9)), one_hot(2, 9))
    assert len(seen) == 5 + 3 + 1 + 4 + 1  # layers and torgb; fromrgb, two blocks of two, the last
    assert max(seen) == pytest.approx(bound, rel=1e-6)


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float16])
def test_lower_precision_in_the_highest_resolutions_changes_little(precision: torch.dtype) -> None:
    g_low = replace(G_SHAPE, num_fp16_res=1, low_precision=precision, conv_clamp=256.0)
    d_low = replace(D_SHAPE, num_fp16_res=1, low_precision=precision, conv_clamp=256.0)
    exact, low = generator(), generator(g_low)
    low.load_state_dict(exact.state_dict())
    assert [block.dtype for block in low.synthesis.blocks()] == [torch.float32, torch.float32, precision]
    z, c = torch.randn(4, 20), one_hot(4, 9)
    images = low(z, c)
    assert images.dtype == torch.float32
    assert float((images - exact(z, c)).abs().max() / images.abs().max()) < 0.03
    d_exact, d = Discriminator(D_SHAPE), Discriminator(d_low)
    d.load_state_dict(d_exact.state_dict())
    with torch.no_grad():
        assert float((d(images, c) - d_exact(images, c)).abs().max()) < 0.05


def test_never_below_eight_pixels() -> None:
    shape = replace(G_SHAPE, num_fp16_res=9, low_precision=torch.bfloat16)
    dtypes = [block.dtype for block in generator(shape).synthesis.blocks()]
    assert dtypes == [torch.float32, torch.bfloat16, torch.bfloat16]


def test_freezing_starts_at_the_image() -> None:
    network = Discriminator(D_SHAPE)
    network.freeze(5)  # fromrgb, conv0, conv1 and skip of 16 pixels, then conv0 of 8 pixels
    frozen = {name.rsplit(".", 1)[0] for name, p in network.named_parameters() if not p.requires_grad}
    assert frozen == {"b16.fromrgb", "b16.conv0", "b16.conv1", "b16.skip", "b8.conv0"}


@pytest.mark.parametrize("resolution", [4, 48, 0])
def test_a_size_that_is_no_power_of_two_is_refused(resolution: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        generator(replace(G_SHAPE, img_resolution=resolution))


def test_a_missing_label_or_latent_is_said() -> None:
    network = generator()
    with pytest.raises(ValueError, match="label"):
        network(torch.randn(1, 20), None)
    with pytest.raises(ValueError, match="latent"):
        network.mapping(None, one_hot(1, 9))
