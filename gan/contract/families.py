"""The list of generator families: one line each, so that the window can offer them without torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FamilyEntry:
    """A generator family that `gan` can train."""

    name: str
    title: str
    module: str
    """Module with `Config` (frozen dataclass) and `build(config, setting) -> Family`."""


FAMILIES: tuple[FamilyEntry, ...] = (
    FamilyEntry("stylegan2", "StyleGAN2-ADA, class-conditional", "gan.families.stylegan2"),
)


def family_entry(name: str) -> FamilyEntry:
    """The entry called `name`.

    Raises:
        KeyError: no such family.
    """
    return {entry.name: entry for entry in FAMILIES}[name]
