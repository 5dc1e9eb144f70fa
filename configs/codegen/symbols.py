"""Functions, classes and modules by their names."""

from __future__ import annotations

import builtins
import keyword
import sys
import types
from typing import Any, Final

from ..traversal.traverse import BUILDABLE_TYPES
from .names import Imports

PUBLIC: Final = __name__.rpartition(".codegen")[0]
_BOUND: Final = (types.MethodType, types.BuiltinMethodType)


class NoSourceError(Exception):
    """A value has no source; the text says why and what to do."""


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
        if _same(getattr(owner, name, None), value) and _is_name(name):
            return f"{symbol(imports, owner)}.{name}"
    module, qualname = _module(value), _qualname(value)
    if not isinstance(qualname, str):
        raise NoSourceError(
            f"objects of class {type(value).__name__} have no source; make it inside a function"
            " that the graph configures, or see register_source"
        )
    names = qualname.split(".")
    if not all(map(_is_name, names)):
        raise NoSourceError(f"{qualname} cannot be imported; define it at the top of a module")
    if module == "builtins" or module is None:
        if _same(_follow(builtins, names), value):
            return qualname
        # Here are the types that the interpreter hides, under other names.
        hidden = [name for name, found in vars(types).items() if found is value]
        if hidden:
            return imports.member("types", hidden[0])
        module = "builtins"
    for candidate in _modules(value, module):
        if _same(_follow(sys.modules.get(candidate), names), value):
            return ".".join([imports.member(candidate, names[0]), *names[1:]])
    raise NoSourceError(f"{module} has no {qualname} that is this value; give it a name there")


def _owner(value: Any) -> type | None:
    owner = _asked(value, "__self__")
    return owner if isinstance(owner, type) and hasattr(value, "__name__") else None


def _asked(value: Any, name: str) -> Any:
    try:
        return getattr(value, name, None)
    except Exception:  # an object of the user's, which may do anything when asked
        return None


def _module(value: Any) -> str | None:
    module = _asked(value, "__module__")
    if module is None:  # a method of a class written in C
        module = _asked(_asked(value, "__objclass__"), "__module__")
    return module if isinstance(module, str) else None


def _qualname(value: Any) -> object:
    qualname = _asked(value, "__qualname__")
    return qualname if isinstance(qualname, str) else _asked(value, "__name__")


def _modules(value: Any, module: str) -> list[str]:
    """Return where to look: for our own nodes and for private modules, the public place first."""
    parents = [module]
    while "." in parents[-1]:
        parents.append(parents[-1].rpartition(".")[0])
    if isinstance(value, type) and value in BUILDABLE_TYPES and module.startswith(PUBLIC):
        return [PUBLIC, module]
    private = any(part.startswith("_") for part in module.split(".")) and module != "__main__"
    return parents[::-1] if private else parents


def _follow(start: Any, names: list[str]) -> Any:
    for name in names:
        start = getattr(start, name, None)
    return start


def _same(found: Any, value: Any) -> bool:
    if found is value:
        return True
    # A bound method is made anew at each access.
    return type(found) is type(value) and isinstance(value, _BOUND) and found == value


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)
