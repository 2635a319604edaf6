"""`blasto-annotator`: alone or with a project's folder the window, otherwise the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Returns the exit code."""
    arguments = sys.argv[1:]
    if not arguments:
        return _open_window([])
    from blasto_annotator.cli.main import main as command_line
    from blasto_annotator.cli.main import names_project

    if names_project(arguments):
        return _open_window(arguments)
    return command_line(arguments, _open_window)


def window() -> int:
    """The window alone, for a shortcut: started without a console. Returns the exit code."""
    return _open_window(sys.argv[1:])


def _open_window(arguments: list[str]) -> int:
    from blasto_annotator.app import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
