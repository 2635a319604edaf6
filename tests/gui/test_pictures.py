"""Pictures of the window's states: a state is really reached, in the theme and size that were asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blasto_annotator.gui.theme import LIGHT
from tests.gui.pictures.__main__ import STATES, main


def test_a_state_is_reached_and_photographed_in_its_theme_and_size(tmp_path: Path) -> None:
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("Xvfb or xdotool is not installed: a real window cannot be driven")
    wanted = ["--only", "start-new*", "--theme", "light", "--scale", "2"]
    assert main([str(tmp_path), *wanted]) == 0
    (file,) = tmp_path.rglob("*.png")
    assert file.relative_to(tmp_path).as_posix() == "light-2560x1440@2/start-new-project.png"
    with Image.open(file) as picture:
        assert picture.size == (2560, 1440)
        colours, counts = np.unique(
            np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0, return_counts=True
        )
    red, green, blue = colours[counts.argmax()]
    assert f"#{red:02x}{green:02x}{blue:02x}" == LIGHT.window


def test_every_state_has_a_name_of_its_own() -> None:
    names = [state.name for state in STATES]
    assert len(set(names)) == len(names)
