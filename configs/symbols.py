"""Names of importable objects, ``module:qualified.name``, and how they are found again.

An object is only ever looked up in the namespaces of modules and classes, so that no code of a
``__getattr__``, a property or another descriptor runs.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import (
    BuiltinMethodType,
    ClassMethodDescriptorType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any, Final, cast

from .core.errors import UnwritableError
from .core.own_code import PUBLIC
from .core.registry import BUILDABLE_TYPES, bases_of, class_namespace, class_of

#: What `static_lookup` gives where there is nothing.
MISSING: Final = object()

_BOUND: Final = (MethodType, BuiltinMethodType)
module_of_class: Final[Callable[[type], str]] = type.__dict__["__module__"].__get__
_function_of_static: Final[Callable[[object], object]] = staticmethod.__dict__["__func__"].__get__
_function_of_class: Final[Callable[[object], object]] = classmethod.__dict__["__func__"].__get__
module_namespace: Final[Callable[[ModuleType], Mapping[str, object]]] = cast(
    "Any", vars(ModuleType)
)["__dict__"].__get__
"""Return the namespace of a module, also of one that would be loaded by looking at it."""


def static_lookup(module: ModuleType, qualname: str) -> object:
    """Return the object of a qualified name in a module, or `MISSING` if there is none."""
    first, *rest = qualname.split(".")
    found = module_namespace(module).get(first, MISSING)
    for name in rest:
        found = static_attribute(found, name)
    return found


def static_attribute(cls: object, name: str) -> object:
    """Return the attribute of a class without running any code of it, or `MISSING`."""
    if not issubclass(type(cls), type):  # `isinstance` would ask it for its `__class__`
        return MISSING
    for base in bases_of(cast("type", cls)):
        found = class_namespace(base).get(name, MISSING)
        if found is MISSING:
            continue
        kind = type(found)
        if issubclass(kind, staticmethod):
            return _function_of_static(found)
        if issubclass(kind, classmethod):
            function = _function_of_class(found)
            return MethodType(function, cls) if type(function) is FunctionType else MISSING
        if kind is ClassMethodDescriptorType:  # of a class written in C
            return cast("Any", found).__get__(None, cls)
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
    if type(value) in _BOUND:  # `isinstance` would ask it for its `__class__`
        owner: object = cast("Any", value).__self__
        if isinstance(owner, type):
            try:
                symbol = f"{symbol_of(owner)}.{cast('Any', value).__name__}"
                return _verified(value, *symbol.split(":"))
            except UnwritableError:
                if type(value) is MethodType:
                    raise
                # Libraries in C offer methods of a private class as functions of a module.
        elif bound_in_module(value) is None and not isinstance(owner, ModuleType | None):
            kind = type(owner).__name__
            name = cast("Any", value).__name__
            raise UnwritableError(f"{name} is a method of an instance of {kind}")
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


def module_name(path: Path) -> str:
    """Return the name that other modules import a file by: from the first folder on that is none.

    Example:
        >>> module_name(Path("somewhere/model.cpython-311.pyc"))
        'model'
    """
    names = [path.name.partition(".")[0]]
    folder = path.parent
    if folder.name == "__pycache__":
        folder = folder.parent
    while any((folder / f"__init__{suffix}").is_file() for suffix in (".py", ".pyc")):
        names.insert(0, folder.name)
        folder = folder.parent
    if names[-1] == "__init__":
        names.pop()
    return ".".join(names)


def imported_name(module: str) -> str:
    """Return the name of a module; of a script that is run as ``__main__``, the one of its file.

    So that what a script saves can be read where it is imported. It stays ``__main__`` where the
    file has no such name, or the name is that of another module.
    """
    if module != "__main__":
        return module
    main = sys.modules.get(module)
    spec = getattr(main, "__spec__", None)
    name = getattr(spec, "name", None) or _name_of_script(getattr(main, "__file__", None))
    if not isinstance(name, str) or name.rpartition(".")[2] in ("", module):
        return module
    return name if sys.modules.get(name, main) is main else module


@functools.cache
def _name_of_script(file: str | None) -> str:
    if not isinstance(file, str) or not file.endswith(".py"):
        return ""
    name = module_name(Path(file).resolve())
    return name if all(part.isidentifier() for part in name.split(".")) else ""


def loaded_module(module: str) -> object:
    """Return a module that has been imported, or runs as a script of that name, or None."""
    loaded = sys.modules.get(module)
    if loaded is None and "__main__" in sys.modules and imported_name("__main__") == module:
        return sys.modules["__main__"]
    return loaded


def said_name(value: object) -> tuple[str, str | None]:
    """Return the module and the qualified name that an object says it has; never raises.

    Example:
        >>> said_name(str.join), said_name(1)
        (('builtins', 'str.join'), ('builtins', None))
    """
    bound = bound_in_module(value)
    if bound is not None:
        return bound
    try:
        found: object = value
        qualname = getattr(found, "__qualname__", None) or getattr(found, "__name__", None)
        owner = getattr(found, "__objclass__", None)  # of a method of a class written in C
        module = getattr(owner or found, "__module__", None)
    except Exception:  # an object of the user's, which may do anything when asked
        qualname = module = None
    return (
        imported_name(module) if isinstance(module, str) else "builtins",
        qualname if isinstance(qualname, str) else None,
    )


def bound_in_module(value: object) -> tuple[str, str] | None:
    """Return module and name of a method of an instance that a module offers as a function.

    Those of `random` are of one generator. The module is that of the class.
    """
    if type(value) not in _BOUND:
        return None
    bound = cast("Any", value)
    try:
        module, name = module_of_class(class_of(bound.__self__)), bound.__name__
    except AttributeError:  # the function, or the class, has lost it
        return None
    loaded = sys.modules.get(module) if type(module) is str else None
    if not isinstance(loaded, ModuleType) or module_namespace(loaded).get(name) is not value:
        return None
    return module, name


def public_name(value: object) -> tuple[str, str | None]:
    """Return the name as `said_name`; for a class of nodes of this project, the public one.

    Example:
        >>> from bytefig.configs import Config
        >>> public_name(Config)
        ('bytefig.configs', 'Config')
    """
    module, qualname = said_name(value)
    # `isinstance` would ask the value for its `__class__`.
    ours = issubclass(type(value), type) and cast("type", value) in BUILDABLE_TYPES
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
    if not all(part.isidentifier() for part in qualname.split(".")):
        raise UnwritableError(f"importing cannot find {qualname}, which is no name: give it one")
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
    loaded = loaded_module(module)
    return isinstance(loaded, ModuleType) and is_same(static_lookup(loaded, qualname), value)


def is_same(found: object, value: object) -> bool:
    """Return whether the object found by a name is a value; a bound method is new each time."""
    return found is value or (type(value) in _BOUND and type(found) in _BOUND and found == value)
