"""What the parts of a grade mean: Gardner 1999; the letter D is the Istanbul consensus's of 2025."""

from __future__ import annotations

EXPANSION = {
    1: "early: cavity less than half the embryo",
    2: "cavity at least half the embryo",
    3: "cavity fills the embryo",
    4: "expanded, zona thinning",
    5: "hatching through the zona",
    6: "hatched",
}
ICM = {
    "A": "prominent, many compact cells",
    "B": "discernible, several, loosely grouped",
    "C": "very few cells visible",
    "D": "none visible or degenerating",
}
TE = {
    "A": "many cells, cohesive epithelium",
    "B": "moderate number, loose epithelium",
    "C": "few, larger cells, poor epithelium",
    "D": "sparse or degenerating",
}
