"""Functions and classes by their names, as expressions."""

from __future__ import annotations

import builtins
import keyword
import types
from typing import Any

from ..core.errors import UnwritableError
from ..symbols import (
    is_same,
    loaded_module,
    public_name,
    static_attribute,
    static_lookup,
    symbol_of,
)
from .errors import NoSourceError
from .identifiers import Imports


def symbol(imports: Imports, value: Any) -> str:
    """Return an expression for something that can be found by its name, and import it.

    Args:
        imports: What the source imports.
        value: A function, a class, a class method and the like.

    Raises:
        NoSourceError: Looking the name up does not give the value.
    """
    owner = _owner(value)
    if owner is not None:  # a method bound to a class
        name = value.__name__
        if is_same(static_attribute(owner, name), value) and _is_name(name):
            try:
                return f"{symbol(imports, owner)}.{name}"
            except NoSourceError:
                found = _elsewhere(imports, value)
                if found is None:
                    raise
                return found
    module, qualname = public_name(value)
    if qualname is None:
        raise NoSourceError(
            f"objects of class {type(value).__name__} have no source; make it inside a function"
            " that the graph configures, or see register_source"
        )
    names = qualname.split(".")
    if not all(map(_is_name, names)):
        raise NoSourceError(f"{qualname} cannot be imported; define it at the top of a module")
    if module == "builtins":
        if is_same(static_lookup(builtins, qualname), value):
            return qualname
        # Here are the types that the interpreter hides, under other names.
        hidden = [name for name, found in vars(types).items() if found is value]
        if hidden:
            return imports.member("types", hidden[0])
    for candidate in _modules(module):
        loaded = loaded_module(candidate)
        if isinstance(loaded, types.ModuleType) and is_same(static_lookup(loaded, qualname), value):
            return ".".join([imports.member(candidate, names[0]), *names[1:]])
    found = _elsewhere(imports, value)
    if found is not None:
        return found
    raise NoSourceError(f"{module} has no {qualname} that is this value; give it a name there")


def _elsewhere(imports: Imports, value: object) -> str | None:
    """Return an expression for a value under another name than its own, as C functions have."""
    try:
        module, _, name = symbol_of(value).partition(":")
    except UnwritableError:
        return None
    first, *rest = name.split(".")
    return ".".join([imports.member(module, first), *rest])


def _owner(value: object) -> type | None:
    try:
        owner = getattr(value, "__self__", None)
    except Exception:  # an object of the user's, which may do anything when asked
        return None
    return owner if isinstance(owner, type) and hasattr(value, "__name__") else None


def _modules(module: str) -> list[str]:
    """Return where to look: of a private module, the public ones that hold it come first."""
    parents = [module] if "." in module else [module, module.lstrip("_")]
    while "." in parents[-1]:
        parents.append(parents[-1].rpartition(".")[0])
    private = any(part.startswith("_") for part in module.split(".")) and module != "__main__"
    return parents[::-1] if private else parents


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)
