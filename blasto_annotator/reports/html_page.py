"""The self-contained HTML page that every written report stands on."""

from __future__ import annotations

from html import escape
from typing import Literal

from blasto_annotator.domain.typesetting import typeset
from gan.contract.resources import resource


def html_page(kind: Literal["agreement", "review"], title: str, body: str) -> str:
    """The whole page: `title` is plain text, `body` finished HTML, `kind` the style of its tables."""
    style = "".join(_read(name) for name in ("page.css", f"{kind}.css"))
    page = _read("page.html").replace("{{style}}", style.rstrip()).replace("{{title}}", escape(title))
    return page.replace("{{body}}", body)


def set_words(words: str) -> str:
    """Words as HTML, their figures typeset."""
    return escape(typeset(words))


def _read(name: str) -> str:
    return resource("reports", name).read_text(encoding="utf-8")
