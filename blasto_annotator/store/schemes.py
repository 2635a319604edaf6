"""The grading schemes that ship with the application."""

from __future__ import annotations

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.schemes import Scheme, parse_scheme
from gan.contract.resources import resource

DEFAULT_SCHEME = "gardner-3group"


def scheme_names() -> list[str]:
    """Names of the shipped schemes, the default first."""
    names = {path.stem for path in resource("schemes").glob("*.toml")}
    return [DEFAULT_SCHEME, *sorted(names - {DEFAULT_SCHEME})]


def load_scheme(name: str) -> Scheme:
    """The scheme called `name`.

    Raises:
        UserError: there is none; the sentence lists the names.
    """
    names = scheme_names()
    if name not in names:
        raise UserError(f"There is no grading scheme “{name}”; choose one of {', '.join(names)}.")
    return parse_scheme(resource("schemes", f"{name}.toml").read_text(encoding="utf-8"))
