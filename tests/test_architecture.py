"""The rooms keep their doors shut: import-linter's contracts hold, and the window needs no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_import_rule_holds() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "0 broken" in done.stdout


def test_importing_the_contract_loads_neither_torch_nor_numpy() -> None:
    code = (
        "import sys, pkgutil, importlib, gan.contract as c\n"
        "for m in pkgutil.iter_modules(c.__path__): importlib.import_module(f'gan.contract.{m.name}')\n"
        "print(sorted({'torch', 'numpy', 'PIL', 'cv2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
