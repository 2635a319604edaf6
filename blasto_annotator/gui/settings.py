"""What the application remembers of this user on this machine: one INI file outside every project."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

SHARPEST_FIRST = "label/sharpest_first"
"""Flag: a moment opens on its sharpest focal plane."""
NOTIFY = "train/notify"
"""Flag: the desktop tells that a round has ended while the window is not in front."""
KEYS_BY_PLACE = "keys/by_place"
"""Flag: letters count by their place on the keyboard, not as they are printed."""
KEYBOARD_LAYOUT = "keys/layout"
"""What is printed on the keys, as far as that was learned: one of `typed.LAYOUTS`."""
RECENT = 8
GRADERS = 12


@dataclass(frozen=True)
class RecentProject:
    """A project in the start page's list."""

    folder: str
    name: str
    sample: bool = False


class Settings:
    """Typed reading and writing of the settings file."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or user_config_path("blasto-annotator") / "window.ini"
        self._store = QSettings(str(self.file), QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        """A stored text."""
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def set_text(self, key: str, value: str) -> None:
        """Stores a text."""
        self._store.setValue(key, value)

    def number(self, key: str, default: float) -> float:
        """A stored number; the default where the file holds something else."""
        try:
            return float(self.text(key, str(default)))
        except ValueError:
            return default

    def flag(self, key: str, default: bool) -> bool:
        """A stored yes or no."""
        return self.text(key, "yes" if default else "no") == "yes"

    def set_flag(self, key: str, value: bool) -> None:
        """Stores yes or no."""
        self.set_text(key, "yes" if value else "no")

    def data(self, key: str) -> QByteArray:
        """Stored bytes, such as a window's geometry; empty where there are none."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_data(self, key: str, value: QByteArray) -> None:
        """Stores bytes."""
        self._store.setValue(key, value)

    @property
    def theme(self) -> str:
        """dark, light or system; dark until chosen."""
        return self.text("appearance/theme", "dark")

    @property
    def text_scale(self) -> float:
        """Size of the text, 0.8 to 1.6."""
        return min(max(self.number("appearance/text_scale", 1.0), 0.8), 1.6)

    def recent(self) -> list[RecentProject]:
        """Projects opened before, newest first."""
        return [RecentProject(**item) for item in self._list("session/recent") if isinstance(item, dict)]

    def remember_project(self, project: RecentProject) -> None:
        """Puts a project at the head of the list."""
        others = [known for known in self.recent() if known.folder != project.folder]
        self._set_list("session/recent", [asdict(item) for item in [project, *others][:RECENT]])

    def forget_project(self, folder: str) -> None:
        """Takes a project off the list; its folder is not touched."""
        self._set_list("session/recent", [asdict(item) for item in self.recent() if item.folder != folder])

    def graders(self) -> list[str]:
        """Names given before on this machine, newest first."""
        return [str(name) for name in self._list("session/graders")]

    def remember_grader(self, name: str) -> None:
        """Puts a name at the head of the list."""
        others = [known for known in self.graders() if known != name]
        self._set_list("session/graders", [name, *others][:GRADERS])

    def shortcut(self, key_id: str) -> str | None:
        """The key that the user chose for an action; None where the default holds."""
        chosen = self._store.value(f"keys/{key_id}")
        return chosen if isinstance(chosen, str) else None

    def set_shortcut(self, key_id: str, keys: str | None) -> None:
        """Keeps the user's key for an action; None goes back to the default."""
        if keys is None:
            self._store.remove(f"keys/{key_id}")
        else:
            self._store.setValue(f"keys/{key_id}", keys)

    def sync(self) -> None:
        """Writes the file now."""
        self._store.sync()

    def _list(self, key: str) -> list[object]:
        try:
            value = json.loads(self.text(key, "[]"))
        except ValueError:
            return []
        return value if isinstance(value, list) else []

    def _set_list(self, key: str, value: object) -> None:
        self.set_text(key, json.dumps(value, ensure_ascii=False))
