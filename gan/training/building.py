"""From a configuration to a family: its module, its options, its networks."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, cast

from gan.contract.errors import UserError
from gan.contract.families import family_entry
from gan.training.family import Family, Setting
from gan.training.memory import explained_shortage


def build_family(name: str, options: Mapping[str, Any], setting: Setting) -> Family:
    """Builds the family called `name` with its options, its weights drawn from torch's default generator.

    Raises:
        UserError: no such family, an option it does not know or cannot take, or too little memory.
    """
    module = _module(name)
    with explained_shortage(setting):
        try:
            return cast(Family, module.build(read_options(module.Config, options), setting))
        except ValueError as error:
            raise UserError(f"The family {name} cannot be built like this: {error}.") from error


def transfer_settings(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options that are others where a run starts from trained networks, as the family's `transferred` says.

    Raises:
        UserError: as for `build_family`.
    """
    module = _module(name)
    try:
        given = read_options(module.Config, options)
    except ValueError as error:
        raise UserError(f"The family {name} cannot be built like this: {error}.") from error
    changed = module.transferred(given) if hasattr(module, "transferred") else given
    both = ((field.name, getattr(given, field.name), getattr(changed, field.name)) for field in fields(given))
    return {name: after for name, before, after in both if after != before}


def _module(name: str) -> Any:
    try:
        return importlib.import_module(family_entry(name).module)
    except KeyError as error:
        raise UserError(f"There is no generator family {name!r} in this version.") from error


def read_options(config_class: type[Any], options: Mapping[str, Any]) -> Any:
    """The family's `Config` from plain values (JSON's lists become tuples).

    Raises:
        UserError: an option that the family does not know, or a value of another kind.
        ValueError: the family refuses a value.
    """
    known = {field.name: field for field in fields(config_class)}
    values = {}
    for name, value in options.items():
        if name not in known:
            raise UserError(f"There is no option {name!r}: the family knows {', '.join(sorted(known))}.")
        values[name] = _fitting(known[name], _without_lists(value))
    return config_class(**values)


def _fitting(field: Field[Any], value: Any) -> Any:
    """The value, where the field's type (text such as `float | None`) takes it."""
    kinds = [kind.strip() for kind in str(field.type).split("|")]
    if value is None and "None" in kinds:
        return None
    if "float" in kinds and type(value) in (int, float):
        if math.isfinite(value):
            return float(value)
    elif type(value).__name__ in [kind.partition("[")[0] for kind in kinds]:
        return value
    default = None if field.default is MISSING else field.default
    like = repr(default) if default is not None else " or ".join(_WORDS.get(kind, kind) for kind in kinds)
    raise UserError(f"The option {field.name} is {_shown(value)}, but must be like {like}.")


_WORDS = {"float": "a number", "int": "a whole number", "None": "null"}


def _shown(value: Any) -> str:
    return "null" if value is None else repr(value)


def _without_lists(value: Any) -> Any:
    return tuple(_without_lists(item) for item in value) if isinstance(value, list) else value
