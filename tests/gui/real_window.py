"""The application as a person has it: its real `main()` in a process and on a display of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from blasto_annotator.gui.settings import RecentProject, Settings

PATIENCE_S = 240.0
CHECKOUT = Path(__file__).resolve().parents[2]
HARNESS = """
import sys
from blasto_annotator.__main__ import main
sys.argv = ["blasto-annotator"]
code = main()
print(f"torch: {'torch' in sys.modules}, exit code: {code}")
"""


@contextmanager
def display(size: str = "1280x720") -> Iterator[str]:
    """An X server of our own; the test is skipped where there is none to start."""
    missing = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} is not installed: a real window cannot be driven")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@dataclass
class RealWindow:
    """A child process with the window, driven by keys, watched through its log."""

    places: Path
    display: str
    project: Path | None = None
    harness: bool = False
    process: subprocess.Popen[str] = field(init=False)
    _before: int = field(default=0, init=False)
    """Log lines of earlier sessions."""

    @property
    def log_file(self) -> Path:
        return self.places / "state" / "blasto-annotator" / "log" / "window.log"

    def start(self) -> RealWindow:
        """Starts the application; it opens the project as that of its last session."""
        settings = self.settings()
        if self.project is not None:
            settings.remember_project(RecentProject(str(self.project), self.project.name))
            settings.set_text("session/project", str(self.project))
        settings.sync()
        self._before = len(self._all_lines())
        command = ["-c", HARNESS] if self.harness else ["-m", "blasto_annotator"]
        self.process = subprocess.Popen(
            [sys.executable, *command], env=self._environment(), cwd=CHECKOUT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        return self

    def settings(self) -> Settings:
        """Its settings, for what is to be set before the start."""
        return Settings(self.places / "config" / "blasto-annotator" / "window.ini")

    def log(self) -> list[str]:
        """The lines that this session has logged so far."""
        return self._all_lines()[self._before :]

    def _all_lines(self) -> list[str]:
        return self.log_file.read_text(encoding="utf-8").splitlines() if self.log_file.exists() else []

    def wait_for(self, words: str, times: int = 1) -> None:
        """Waits until a log line with these words was written so many times."""
        end = time.monotonic() + PATIENCE_S
        while sum(words in line for line in self.log()) < times:
            if self.process.poll() is not None:
                pytest.fail(f"the window ended: {self.process.communicate()[0]}")
            if time.monotonic() > end:
                pytest.fail(f"no “{words}” in the log: {self.log()[-5:]}")
            time.sleep(0.02)

    def focus(self, name: str = "Blasto Annotator") -> None:
        """Gives a window the keyboard, as a window manager would."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                found = self._xdotool("search", "--sync", "--onlyvisible", "--name", name)
                self._xdotool("windowfocus", "--sync", found.split()[-1])
            except subprocess.CalledProcessError:  # some window went while X was asked for all of them
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                return

    def type_text(self, text: str, delay_ms: int = 12) -> None:
        """Types characters."""
        self._xdotool("type", "--delay", str(delay_ms), text)

    def press(self, *keys: str) -> None:
        """Presses keys in xdotool's names, such as `ctrl+z`."""
        self._xdotool("key", *keys)

    def release(self, keys: str) -> None:
        """Lets go of keys that a killed typist held down: X would repeat them into the next window."""
        self._xdotool("keyup", *keys)

    def mouse(self, *words: object) -> None:
        """Moves and presses, in xdotool's words; coordinates are of the screen."""
        self._xdotool(*map(str, words))

    def lay_out_keyboard(self, layout: str) -> None:
        """Another keyboard layout, such as `fr`; the test is skipped where none can be set."""
        if shutil.which("setxkbmap") is None:
            pytest.skip("setxkbmap is not installed: no other keyboard can be laid out")
        subprocess.run(["setxkbmap", "-display", self.display, layout], check=True, timeout=PATIENCE_S)

    def grade_as(self, name: str) -> None:
        """Answers the question for the grader."""
        self.type_text(name)
        self.press("Return")
        self.wait_for(f"grades as {name}")

    def saved(self) -> list[str]:
        """What the window said is saved: `4AB · E1 · 104.0 h`, in order."""
        return [line.split(": ", 2)[2] for line in self.log() if "saved label row" in line]

    def kill(self) -> None:
        """SIGKILL: no handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def close(self) -> str:
        """Quits by its key and returns what the process printed."""
        self.press("ctrl+q")
        return self.process.communicate(timeout=PATIENCE_S)[0]

    def _xdotool(self, *arguments: str) -> str:
        environment = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(
            ["xdotool", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=True,
        )
        return done.stdout

    def _environment(self) -> dict[str, str]:
        own = {"XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state", "XDG_DATA_HOME": "data"}
        places = {name: str(self.places / folder) for name, folder in own.items()}
        kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        return {**kept, **places, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}


def walk(
    tmp_path: Path, screen: str, project: Path, module: str, *arguments: object
) -> subprocess.CompletedProcess[str]:
    """A person's walk through the window as a process with places of its own, the project opened at start."""
    places = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "STATE", "DATA")}
    settings = Settings(tmp_path / "config" / "blasto-annotator" / "window.ini")
    settings.remember_project(RecentProject(str(project), project.name))
    settings.set_text("session/project", str(project))
    settings.sync()
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **places, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"},
    )
