"""Makes the environment in `.venv` and sees that the system's libraries are there. Standard library only.

`python3 tools/bootstrap.py demo|test`: called by the Makefile; safe to call again, quick when all is done.
Missing system packages are named, and installed where the user may; otherwise one sentence gives the line.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LIBRARIES = {  # what Qt loads at run time on X11 and Wayland -> Debian's package
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
TEST_PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool", "setxkbmap": "x11-xkb-utils"}


def main() -> int:
    """Prepares for `demo` or `test`; returns an exit status."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "demo"
    if sys.version_info < (3, 11):
        return refuse(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: "
            f"make PYTHON=python3.12 {purpose}"
        )
    missing = missing_packages(purpose)
    if missing and not install_packages(missing):
        line = f"apt-get install {' '.join(missing)}"
        return refuse(
            f"System packages are missing and you may not install them; ask an administrator to run: {line}"
        )
    return make_environment("dev" if purpose == "test" else "")


def refuse(sentence: str) -> int:
    """Prints one sentence on stderr."""
    print(sentence, file=sys.stderr)
    return 1


def missing_packages(purpose: str) -> list[str]:
    """Debian's names of what is missing (nothing is asked for outside Linux)."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for library, package in LIBRARIES.items() if not loads(library)]
    if purpose == "test":
        missing += [package for program, package in TEST_PROGRAMS.items() if not shutil.which(program)]
        if not has_postgresql():
            missing.append("postgresql")
    if not has_ensurepip():
        missing.append("python3-venv")
    if not has_font():
        missing.append("fonts-dejavu-core")
    return missing


def loads(library: str) -> bool:
    """Whether the dynamic loader finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_ensurepip() -> bool:
    """Whether `python -m venv` can work (Debian splits it off)."""
    return (
        VENV.exists()
        or subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode == 0
    )


def has_postgresql() -> bool:
    """Whether a PostgreSQL server can be started (Debian keeps its programs off the PATH)."""
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_font() -> bool:
    """Whether any scalable font is installed: without one every text is boxes."""
    folders = (
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        Path.home() / ".fonts",
        Path.home() / ".local/share/fonts",
    )
    return any(
        next(folder.rglob(pattern), None)
        for folder in folders
        if folder.exists()
        for pattern in ("*.ttf", "*.otf")
    )


def install_packages(packages: list[str]) -> bool:
    """Installs with apt-get, as root or with a sudo that asks nothing; False where that cannot be."""
    if not shutil.which("apt-get"):
        return False
    prefix: list[str] = []
    if os.geteuid() != 0:
        if (
            not shutil.which("sudo")
            or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode != 0
        ):
            return False
        prefix = ["sudo", "-n"]
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if (
        subprocess.run(
            install, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ).returncode
        == 0
    ):
        return True
    subprocess.run([*prefix, "apt-get", "update", "-qq"], env=environment, check=False)
    return subprocess.run(install, env=environment).returncode == 0


def make_environment(extra: str) -> int:
    """Creates `.venv` and installs the project into it, editable; does nothing when that is done already."""
    stamp = VENV / f"installed-{extra or 'run'}"
    wanted = fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return 0
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print("Making the environment in .venv (once; several minutes on a slow line)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    install = [str(python), "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"), "-e", target]
    if subprocess.run(install).returncode != 0:
        return refuse(
            "The Python packages could not be installed; the lines above say why (no network? no space?)."
        )
    for purpose in {"run", extra or "run"}:
        (VENV / f"installed-{purpose}").write_text(wanted)
    return 0


def fingerprint() -> str:
    """What the environment was made of."""
    parts = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
