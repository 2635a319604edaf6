"""How a weak phase object looks under oblique (Hoffman-like) illumination, in and out of focus.

The image of a thin slab is its optical phase filtered by a transfer function. With a pupil whose amplitude is
a ramp across y and a source that is a horizontal slit, the weak-object transfer function of partially
coherent imaging (Streibl 1985, "Three-dimensional imaging by a microscope") has two parts: a y-gradient that
is strongest in focus, and a curvature term that grows with defocus (bright and dark Becke lines).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft

from blasto_annotator.sample.arrays import Image

WAVELENGTH_UM = 0.635 / 1.33
"""Red light of the incubator's microscope, in water."""
CUTOFF = 0.72
"""Highest passed frequency, cycles per micrometre (objective of NA 0.4, oblique light)."""
SLIT_X, SLIT_Y = 0.09, 0.05
"""Half angles of the illuminating slit: out-of-focus things smear along x."""
RAMP = 0.16
"""Frequency (cycles per micrometre) at which the pupil's ramp saturates."""
RELIEF = 1.15
"""Strength of the one-sided relief."""
RELIEF_DEPTH_UM = 60.0
"""Defocus at which half the relief is left: the slit's image no longer sits on its stop."""
TILT = 0.18
"""Angle between the relief's direction and y, radians."""
EVENED, EVENED_SHARE = 0.026, 0.7
"""Frequency below which the relief is weakened, and by how much: the slit is wide."""
CONTOUR, CONTOUR_FROM = 0.5, 0.11
"""Strength of the dark bodies and bright seams seen from every side, and the frequency where they begin."""
CURVATURE = 0.75
"""Strength of the Becke lines."""


@dataclass(frozen=True)
class Transfer:
    """A transfer function on the grid of `rfft2`, [size, size // 2 + 1]."""

    contour: Image
    """Its real part: what is seen from every side."""
    relief: Image
    """Its imaginary part: what is lit from one side."""


@lru_cache(maxsize=64)
def transfer(defocus_um: float, size: int, pixel_um: float) -> Transfer:
    """Transfer function from a slab's phase to relative intensity.

    Args:
        defocus_um: height of the focal plane above the slab.
        size: pixels a side.
        pixel_um: size of a pixel.
    """
    uy = np.fft.fftfreq(size, pixel_um)[:, None]
    ux = np.fft.rfftfreq(size, pixel_um)[None, :]
    square = ux * ux + uy * uy
    blur = np.exp(-2.0 * (np.pi * defocus_um) ** 2 * ((SLIT_X * ux) ** 2 + (SLIT_Y * uy) ** 2))
    passed = blur / (1.0 + (np.sqrt(square) / CUTOFF) ** 12)
    phase = np.pi * WAVELENGTH_UM * defocus_um * square
    contour = CONTOUR * (1.0 - np.exp(-square / CONTOUR_FROM**2))
    along = uy * np.cos(TILT) + ux * np.sin(TILT)
    steep = 1.0 - EVENED_SHARE * np.exp(-square / EVENED**2)
    relief = RELIEF / (1.0 + (defocus_um / RELIEF_DEPTH_UM) ** 2) * steep * np.tanh(along / RAMP)
    return Transfer(
        contour=(-passed * (contour * np.cos(phase) + CURVATURE * np.sin(phase))).astype(np.float32),
        relief=(-passed * relief * np.cos(phase)).astype(np.float32),
    )


def focus_stack(slabs: dict[float, Image], heights: tuple[float, ...], pixel_um: float) -> list[Image]:
    """Relative intensity (0 where nothing changes the light) at each focal plane.

    Args:
        slabs: phase of each slab [size, size] by its height in micrometres.
        heights: heights of the focal planes.
        pixel_um: size of a pixel.
    """
    size = next(iter(slabs.values())).shape[0]
    sums = [np.zeros((2, size, size // 2 + 1), np.float32) for _ in heights]
    for z, slab in slabs.items():
        spectrum = scipy.fft.rfft2(slab)
        parts = np.ascontiguousarray(spectrum.real), np.ascontiguousarray(spectrum.imag)
        for total, height in zip(sums, heights, strict=True):
            _add_filtered(total, parts, transfer(round(height - z, 3), size, pixel_um))
    return [scipy.fft.irfft2(total[0] + 1j * total[1], (size, size)) for total in sums]


def _add_filtered(total: Image, spectrum: tuple[Image, Image], passed: Transfer) -> None:
    """Adds a filtered spectrum to a sum, both as real and imaginary parts.

    numpy rounds a complex product differently when it reuses an operand's memory, which depends on which
    thread filled the cache; real products do not differ, and the same embryo must give the same bytes.
    """
    real, imaginary = spectrum
    product = real * passed.contour
    total[0] += product
    total[0] -= np.multiply(imaginary, passed.relief, out=product)
    total[1] += np.multiply(real, passed.relief, out=product)
    total[1] += np.multiply(imaginary, passed.contour, out=product)
