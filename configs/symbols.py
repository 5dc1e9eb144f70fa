"""Names of importable objects, ``module:qualified.name``, and how they are found again.

An object is only ever looked up in the namespaces of modules and classes, so that no code of a
``__getattr__``, a property or another descriptor runs.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from types import (
    BuiltinMethodType,
    ClassMethodDescriptorType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any, Final, cast

from .core.errors import DocumentError, UnwritableError, excerpt
from .core.own_code import PUBLIC
from .core.registry import BUILDABLE_TYPES

#: What a document may name without being allowed to: none of them can do harm when called.
SAFE_BUILTINS: Final = frozenset(
    (
        *("abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "chr", "complex"),
        *("dict", "divmod", "enumerate", "filter", "float", "frozenset", "hash", "hex", "int"),
        *("isinstance", "issubclass", "iter", "len", "list", "map", "max", "min", "next"),
        *("object", "oct", "ord", "pow", "range", "repr", "reversed", "round", "set", "slice"),
        *("sorted", "str", "sum", "tuple", "zip"),
    )
)
_LONGEST: Final = 1000
#: What `static_lookup` gives where there is nothing.
MISSING: Final = object()

_namespace_of_class = type.__dict__["__dict__"].__get__
_bases_of_class = type.__dict__["__mro__"].__get__


def module_namespace(module: ModuleType) -> Mapping[str, object]:
    """Return what a module holds, also of one that would be loaded by looking at it."""
    return object.__getattribute__(module, "__dict__")


def class_namespace(cls: type) -> Mapping[str, object]:
    """Return what a class itself holds."""
    return _namespace_of_class(cls)


def static_lookup(module: ModuleType, qualname: str) -> object:
    """Return the object of this name in a module, or `MISSING` if there is none.

    Args:
        module: The module.
        qualname: Names joined by dots; all but the last are those of classes.
    """
    first, *rest = qualname.split(".")
    found = module_namespace(module).get(first, MISSING)
    for name in rest:
        found = static_attribute(found, name)
    return found


def static_attribute(cls: object, name: str) -> object:
    """Return the attribute of a class without running any code of it, or `MISSING`."""
    if not isinstance(cls, type):
        return MISSING
    for base in _bases_of_class(cls):
        found = class_namespace(base).get(name, MISSING)
        if found is MISSING:
            continue
        if isinstance(found, staticmethod):
            return cast("Any", found).__func__
        if isinstance(found, classmethod):
            function: object = cast("Any", found).__func__
            return MethodType(function, cls) if isinstance(function, FunctionType) else MISSING
        if isinstance(found, ClassMethodDescriptorType):  # of a class written in C
            return found.__get__(None, cls)
        return found
    return MISSING


def is_public_name(qualname: str) -> bool:
    """Return whether each part of a qualified name is an identifier without an underscore first.

    Example:
        >>> is_public_name("Outer.Inner"), is_public_name("Outer.__init__")
        (True, False)
    """
    return all(part.isidentifier() and part[0] != "_" for part in qualname.split("."))


def symbol_of(value: object) -> str:
    """Return the name by which an object can be imported, after trying it.

    Args:
        value: A function, class, static method, or class method bound to a class.

    Raises:
        UnwritableError: There is none.

    Example:
        >>> symbol_of(dict.fromkeys)
        'builtins:dict.fromkeys'
    """
    if isinstance(value, MethodType | BuiltinMethodType):
        owner: object = value.__self__
        if isinstance(owner, type):
            try:
                symbol = f"{symbol_of(owner)}.{value.__name__}"
                return _verified(value, *symbol.split(":"))
            except UnwritableError:
                if isinstance(value, MethodType):
                    raise
                # Libraries in C offer methods of a private class as functions of a module.
        elif owner is not None and not isinstance(owner, ModuleType):
            kind = type(owner).__name__
            raise UnwritableError(f"{value.__name__} is a method of an instance of {kind}")
    module, qualname = said_name(value)
    if qualname is None:
        cls = type(value)
        raise UnwritableError(
            f"a {cls.__module__}.{cls.__qualname__} cannot be written: see register_codec"
        )
    if "<locals>" in qualname:
        raise UnwritableError(f"{qualname} is defined inside a function, so it cannot be imported")
    if "<lambda>" in qualname:
        raise UnwritableError("a lambda cannot be imported: use a function of a module")
    return _verified(value, module, qualname)


def said_name(value: object) -> tuple[str, str | None]:
    """Return the module and the qualified name that an object says it has; never raises.

    Example:
        >>> said_name(str.join), said_name(1)
        (('builtins', 'str.join'), ('builtins', None))
    """
    try:
        found: Any = value
        qualname = getattr(found, "__qualname__", None) or getattr(found, "__name__", None)
        owner = getattr(found, "__objclass__", None)  # of a method of a class written in C
        module = getattr(owner or found, "__module__", None)
    except Exception:  # an object of the user's, which may do anything when asked
        qualname = module = None
    return (
        module if isinstance(module, str) else "builtins",
        qualname if isinstance(qualname, str) else None,
    )


def public_name(value: object) -> tuple[str, str | None]:
    """Return what `said_name` does; for a class of nodes of this project, where it is public.

    Example:
        >>> from bytefig.configs import Config
        >>> public_name(Config)
        ('bytefig.configs', 'Config')
    """
    module, qualname = said_name(value)
    ours = isinstance(value, type) and value in BUILDABLE_TYPES
    return PUBLIC if ours and module.startswith(f"{PUBLIC}.") else module, qualname


def _verified(value: object, module: str, qualname: str) -> str:
    for name in _public_first(module) if is_public_name(qualname) else ():
        if _finds(name, qualname, value):
            return f"{name}:{qualname}"
    last = qualname.rpartition(".")[2]
    found: list[str] = []
    if is_public_name(last):
        found = [name for name in list(sys.modules) if name and _finds(name, last, value)]
    if found:
        # An alias, or an object in C that does not know its module: the shortest public name.
        return f"{min(found, key=_privacy)}:{last}"
    if not is_public_name(qualname):
        raise UnwritableError(f"{qualname} is private: names that start with _ are not written")
    raise UnwritableError(f"importing {module}:{qualname} does not give this object")


def _public_first(module: str) -> Iterable[str]:
    parts = module.split(".")
    for index, part in enumerate(parts):
        if part.startswith("_") and part != "__main__":
            if index:
                yield ".".join(parts[:index])
            elif len(parts) == 1:
                yield part.lstrip("_")
            break
    yield module


def _privacy(module: str) -> tuple[bool, int, str]:
    parts = module.split(".")
    return any(part.startswith("_") for part in parts), len(parts), module


def _finds(module: str, qualname: str, value: object) -> bool:
    loaded = sys.modules.get(module)
    if not isinstance(loaded, ModuleType):
        return False
    return is_same(static_lookup(loaded, qualname), value)


def is_same(found: object, value: object) -> bool:
    """Return whether what was found by a name is a value; a bound method is new each time."""
    return found is value or (
        isinstance(value, MethodType | BuiltinMethodType)
        and isinstance(found, MethodType | BuiltinMethodType)
        and found == value
    )


class Allowed:
    """The modules that a document may name.

    Args:
        patterns: Names of modules, or ``"pkg.*"`` for a package and everything in it.

    Raises:
        TypeError: ``patterns`` is one string, or something in it is not a string.
        ValueError: A pattern is neither.

    Example:
        >>> allowed = Allowed(["models", "lib.*"])
        >>> allowed("models"), allowed("models.big"), allowed("lib.deep.er")
        (True, False, True)
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        if isinstance(patterns, str):
            raise TypeError(f"allow takes a list of names of modules: allow=[{patterns!r}]")
        self._exact: set[str] = set()
        self._packages: list[str] = []
        for pattern in patterns:
            if not isinstance(pattern, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(f"allow takes names of modules, not {pattern!r}")
            name = pattern.removesuffix(".*")
            if not _is_module_name(name):
                raise ValueError(f"{pattern!r} is neither a name of a module nor 'package.*'")
            self._exact.add(name)
            if name != pattern:
                self._packages.append(f"{name}.")

    def __call__(self, module: str) -> bool:
        """Return whether a module may be named."""
        return module in self._exact or module.startswith(tuple(self._packages))

    def resolve(self, symbol: object) -> Any:
        """Return the callable of a name, importing its module if need be.

        Args:
            symbol: A part of a document, which should be ``module:qualified.name``.

        Raises:
            DocumentError: It is not, its module is not allowed or cannot be imported, or has no
                callable of that name.
        """
        module, qualname = _split(symbol)
        safe = module == "builtins" and qualname.split(".")[0] in SAFE_BUILTINS
        if not safe:
            self.require(module)
        found = static_lookup(self.load(module), qualname)
        if found is MISSING or isinstance(found, ModuleType) or not callable(found):
            raise DocumentError(f"there is no function or class {excerpt(symbol)}")
        home = _home(found)
        # Else a module that is allowed would open all that it imports: `from os import system`.
        if not safe and home and _top(home) != _top(module) and not self(home):
            raise DocumentError(
                f"{excerpt(symbol)} is defined in {excerpt(home)}, which is not allowed; if you"
                f" trust that, add it: allow=[..., {excerpt(home)}]"
            )
        return found

    def require(self, module: str) -> None:
        """Raise `DocumentError` if a module is not allowed."""
        if not self(module):
            raise DocumentError(
                f"the module {excerpt(module)} is not allowed; if you trust it, add it:"
                f" allow=[..., {excerpt(module)}]"
            )

    def load(self, module: str) -> ModuleType:
        """Return an allowed module, imported if need be.

        Raises:
            DocumentError: It cannot be imported.
        """
        loaded: Any = sys.modules.get(module)
        if loaded is None:
            try:
                loaded = importlib.import_module(module)
            except Exception as error:  # the module's own code may raise anything
                raise DocumentError(f"cannot import {excerpt(module)}: {error!r}") from error
        if not isinstance(loaded, ModuleType):
            raise DocumentError(f"{excerpt(module)} is not an ordinary module")
        return loaded


def _split(symbol: object) -> tuple[str, str]:
    if not isinstance(symbol, str) or len(symbol) > _LONGEST or symbol.count(":") != 1:
        raise DocumentError(f"expected 'module:qualified.name', found {excerpt(symbol)}")
    module, qualname = symbol.split(":")
    if not _is_module_name(module):
        raise DocumentError(f"{excerpt(module)} is not the name of a module")
    if not is_public_name(qualname):
        raise DocumentError(f"{excerpt(qualname)} is private, or is not a qualified name")
    return module, qualname


def _is_module_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _home(value: object) -> str:
    if isinstance(value, MethodType):
        value = value.__func__
    elif isinstance(value, BuiltinMethodType) and isinstance(value.__self__, type):
        value = cast("object", value.__self__)
    if isinstance(value, type):
        found = class_namespace(value).get("__module__")
        # Of a class written in C, `__module__` is computed, and cannot be hidden.
        found = found if isinstance(found, str) else type.__dict__["__module__"].__get__(value)
    else:
        owner: object = _static(value, "__objclass__")
        found = _static(owner if isinstance(owner, type) else value, "__module__")
    return found if isinstance(found, str) else ""


def _static(value: object, name: str) -> object:
    try:
        return object.__getattribute__(value, name)
    except Exception:  # it has none, or is of a class that computes it
        return None


def _top(module: str) -> str:
    return module.partition(".")[0].lstrip("_")
