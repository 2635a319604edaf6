"""The Review page's keys, for the key sheet."""

from __future__ import annotations

from blasto_annotator.gui.review.marks import (
    BRUSH_KEY,
    CLASS_LETTERS,
    DEFECT_KEYS,
    GRADE_KEY,
    NOTE_KEY,
    OWN_DEFECT_KEYS,
    REALISM_KEYS,
    REALISM_TITLES,
    WRONG_CLASS_KEY,
)
from blasto_annotator.gui.review.session_keys import NINE_KEY, PICTURE_KEY, PIXELS_KEY, STAY_KEY

KEYS: tuple[tuple[str, str], ...] = (
    *((key, REALISM_TITLES[realism]) for key, realism in REALISM_KEYS.items()),
    (WRONG_CLASS_KEY, "Wrong class"),
    (" ".join(DEFECT_KEYS), "Defects"),
    (" ".join(OWN_DEFECT_KEYS), "Defects that the laboratory named"),
    (BRUSH_KEY, "Brush: show where a defect is"),
    (f"{' '.join(CLASS_LETTERS[:3])} …", "Class it looks like"),
    (GRADE_KEY, "Grade it looks like, such as 4AB"),
    (NOTE_KEY, "Write a note"),
    ("Enter", "Save what is marked and go on"),
    ("← →", "Look around"),
    ("PgUp PgDn", "The nine before, the next nine"),
    ("Backspace", "Take the last verdict back"),
    (STAY_KEY, "Stay on the image until Enter"),
    (NINE_KEY, "Nine images at a time"),
    ("1  2  3", "In a triage by nine: of the chosen image, else of all without a verdict"),
    (PIXELS_KEY, "Single pixels, not smoothed"),
    (PICTURE_KEY, "Brightness, contrast, gamma: shown or hidden"),
    ("+ - 0", "Zoom in, out, fit"),
    ("Esc", "Pause"),
    ("1  2", "In “Real or generated?”: real, generated; of a pair: left, right"),
)
"""Keys and what they do."""
