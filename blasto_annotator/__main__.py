"""`blasto-annotator`: without arguments the window, with arguments the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Returns the exit code."""
    arguments = sys.argv[1:]
    if not arguments:
        return _open_window([])
    from blasto_annotator.cli.main import main as command_line

    return command_line(arguments, _open_window)


def _open_window(arguments: list[str]) -> int:
    from blasto_annotator.app import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
