"""What the commands write to, where it is no terminal."""

from __future__ import annotations

import io
import sys

import pytest

from blasto_annotator.cli.console import accept_any_text


@pytest.mark.parametrize(("platform", "written"), [("win32", "№7".encode()), ("linux", b"\\u21167")])
def test_windows_hands_on_utf_8_and_elsewhere_what_cannot_be_shown_is_escaped(
    monkeypatch: pytest.MonkeyPatch, platform: str, written: bytes
) -> None:
    piped = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(piped, encoding="cp1252"))

    accept_any_text(platform)
    print("№7", end="", flush=True)

    assert piped.getvalue() == written
