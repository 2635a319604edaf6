"""Reading a frame's embryo, plane and time from its name, by a regular expression with named groups.

Groups: `embryo` (required), `well`, `couple`, `plane` (micrometres), `frame`, `hpi` (hours), `grade`.
The pattern must match the whole path below the source's root, with forward slashes.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from gan.contract.resources import resource

GROUPS = ("embryo", "well", "couple", "plane", "frame", "hpi", "grade")


@dataclass(frozen=True)
class Preset:
    """A pattern that ships with the program, from `resources/patterns/*.toml`."""

    name: str
    title: str
    example: str
    pattern: str


def load_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        UserError: no such preset; the sentence lists them.
    """
    known = preset_names()
    if name not in known:
        raise UserError(f"There is no pattern preset “{name}”; use {', '.join(known)}.")
    value = tomllib.loads(resource("patterns", f"{name}.toml").read_text(encoding="utf-8"))
    return Preset(name, str(value["title"]), str(value["example"]), str(value["pattern"]))


def preset_names() -> tuple[str, ...]:
    """Names of the shipped presets, sorted."""
    return tuple(sorted(path.stem for path in resource("patterns").glob("*.toml")))


def compile_pattern(text: str) -> re.Pattern[str]:
    """The compiled pattern.

    Raises:
        UserError: no regular expression, no group `embryo`, or a group that means nothing.
    """
    try:
        pattern = re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise UserError(f"The file name pattern is no regular expression: {error}; correct it.") from error
    if "embryo" not in pattern.groupindex:
        raise UserError(
            "The file name pattern has no group (?P<embryo>...); add it around the embryo's name."
        )
    unknown = sorted(set(pattern.groupindex) - set(GROUPS))
    if unknown:
        raise UserError(f"The file name pattern has the unknown group {unknown[0]}; use {', '.join(GROUPS)}.")
    return pattern


def read_name(pattern: re.Pattern[str], root_name: str, path: str) -> ImportedFrame | RejectedFile:
    """What the pattern reads from a path; the root's own name is added where only then it matches."""
    match = pattern.fullmatch(path) or pattern.fullmatch(f"{root_name}/{path}")
    if match is None:
        return RejectedFile(path, "its name does not fit the pattern of this layout")
    found = {name: text.strip() for name, text in match.groupdict().items() if text}
    if not found.get("embryo"):
        return RejectedFile(path, "its name holds no embryo")
    try:
        return _frame(path, found)
    except ValueError as error:
        return RejectedFile(path, f"a number in its name cannot be read ({error})")


def _frame(path: str, found: dict[str, str]) -> ImportedFrame:
    embryo, well = found["embryo"], found.get("well")
    return ImportedFrame(
        path=path,
        embryo=f"{embryo} WELL{well}" if well else embryo,
        couple=found.get("couple", embryo if well else ""),
        plane=int(found["plane"]) if "plane" in found else None,
        index=int(found["frame"]) if "frame" in found else None,
        hpi=float(found["hpi"].replace(",", ".")) if "hpi" in found else None,
        remark=found.get("grade", ""),
    )
