"""An expert who follows a rule, for development: no embryologist, and every result says so.

He measures an image: radius, thickness, contrast, evenness and roundness of the outer ring (zona and
trophectoderm), granularity and brightness inside, unrest outside. Perfect is what lies as near to the drawn
embryos of some class as 95 % of held-out drawn embryos do (Mahalanobis distance). The class is told by a
small network trained on the drawn truth. Generated images never enter either.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from quick_learning import CLASSES, DrawnSet, standardised, train_classifier
from torch import Tensor, nn

WITHIN = 0.95
ANGLES, RADII = 32, 15
FEATURES = ("radius", "thickness", "contrast", "evenness", "roundness", "granularity", "brightness", "unrest")


@dataclass(frozen=True)
class Region:
    """What drawn embryos of a class measure."""

    mean: np.ndarray
    precision: np.ndarray
    limit: float

    def excess(self, features: np.ndarray) -> np.ndarray:
        """Distances [N] of features [N, 8], in units of the limit: up to 1 is perfect."""
        gap = features - self.mean
        return np.sqrt(np.einsum("ni,ij,nj->n", gap, self.precision, gap)) / self.limit


@dataclass(frozen=True)
class Expert:
    """Judges images [N, 1, 32, 32] in [-1, 1]."""

    regions: tuple[Region, ...]
    classifier: nn.Module

    def perfect(self, images: Tensor) -> np.ndarray:
        """Which images [N] could be embryos of some class."""
        features = measure(images)
        return np.min([region.excess(features) for region in self.regions], axis=0) <= 1

    @torch.no_grad()
    def right(self, images: Tensor, labels: Tensor) -> np.ndarray:
        """Which images [N] look like their class."""
        return (self.classifier(standardised(images)).argmax(1) == labels).numpy()


def learn(drawn: DrawnSet) -> Expert:
    """Regions from the training embryos, their limits from the held-out ones."""
    features, regions = measure(drawn.images), []
    for label in range(len(CLASSES)):
        own = (drawn.labels == label).numpy()
        held_out = drawn.held_out.numpy()
        known = features[own & ~held_out]
        precision = np.linalg.inv(np.cov(known.T) + 1e-4 * np.eye(len(FEATURES)))
        away = Region(known.mean(0), precision, 1.0).excess(features[own & held_out])
        regions.append(Region(known.mean(0), precision, float(np.quantile(away, WITHIN))))
    return Expert(tuple(regions), train_classifier(drawn))


def checks(expert: Expert, drawn: DrawnSet) -> dict[str, float]:
    """Share called perfect of held-out drawn embryos, and of the same spoilt in ways that an expert sees."""
    images = drawn.images[drawn.held_out]
    pixels = images[:, 0].numpy()
    blurred = np.stack([cv2.GaussianBlur(image, (0, 0), 1.5) for image in pixels])
    random = np.random.RandomState(0)
    grainy = pixels + random.normal(0, 0.15, pixels.shape).astype(np.float32)
    squeeze = np.float32([[0.7, 0, 4.65], [0, 1, 0]])
    squeezed = np.stack(
        [cv2.warpAffine(i, squeeze, (32, 32), borderMode=cv2.BORDER_REPLICATE) for i in pixels]
    )
    halves = np.concatenate([pixels[:, :, :16], np.roll(pixels, len(pixels) // 2, 0)[:, :, 16:]], 2)
    spoilt = {"blurred": blurred, "grainy": grainy, "squeezed": squeezed, "halves of two": halves}
    found = {"held out": float(expert.perfect(images).mean())}
    for name, changed in spoilt.items():
        found[name] = float(expert.perfect(torch.from_numpy(changed)[:, None].clamp(-1, 1)).mean())
    right = expert.right(images, drawn.labels[drawn.held_out])
    return {**found, "right class of held out": float(right.mean())}


def measure(images: Tensor) -> np.ndarray:
    """Features [N, 8] of images [N, 1, 32, 32] in [-1, 1]; lengths and contrasts as logarithms."""
    return np.stack([_measure(image) for image in images[:, 0].numpy()])


def _measure(image: np.ndarray) -> np.ndarray:
    edges = np.hypot(cv2.Sobel(image, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(image, cv2.CV_32F, 0, 1) / 8)
    centre = _centre(edges)
    ring = _polar(edges, centre)[:, 4:]
    peaks, places = ring.max(1), ring.argmax(1) + 4.5
    profile = ring.mean(0)
    radius = float(places.mean())
    inside, outside = _masks(image.shape, centre, radius)
    grain = cv2.Laplacian(image, cv2.CV_32F)
    values = (
        radius,
        float((profile > profile.max() / 2).sum()),
        float(peaks.mean()),
        float(peaks.std() / (peaks.mean() + 1e-6)),
        float(places.std() / radius) + 0.02,
        float(grain[inside].std()),
        1.5 + float(image[inside].mean()),
        float(image[outside].std()) + 0.01,
    )
    return np.log(np.maximum(values, 1e-3))


def _centre(edges: np.ndarray) -> tuple[float, float]:
    strong = np.where(edges > np.quantile(edges, 0.6), edges, 0) + 1e-9
    rows, columns = np.indices(edges.shape)
    return float((columns * strong).sum() / strong.sum()), float((rows * strong).sum() / strong.sum())


def _polar(values: np.ndarray, centre: tuple[float, float]) -> np.ndarray:
    """[angles, radii]; 0 outside the image."""
    how = cv2.WARP_POLAR_LINEAR | cv2.WARP_FILL_OUTLIERS
    return cv2.warpPolar(values, (RADII, ANGLES), centre, float(RADII), how)


def _masks(
    shape: tuple[int, ...], centre: tuple[float, float], radius: float
) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(shape)
    away = np.hypot(columns - centre[0], rows - centre[1])
    return away < max(0.7 * radius, 2), away > min(1.35 * radius, 14)
