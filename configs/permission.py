"""Which names may be opened. All that reads names asks here: documents, values, tags and diffs.

An object is only ever looked up in the namespaces of modules and classes, so that no code of a
``__getattr__``, a property or another descriptor runs; only importing what is allowed runs code.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, Final, cast

from .aliases import current_name
from .core.errors import DocumentError, excerpt
from .core.names import near_match
from .core.type_forms import is_alias
from .symbols import (
    MISSING,
    bound_in_module,
    class_namespace,
    imported_name,
    is_public_name,
    loaded_module,
    module_namespace,
    module_of_class,
    static_attribute,
    static_lookup,
)

#: Builtins that `build` may call without permission, and why that is harmless. What they make of
#: values of a document is no larger than those values; see `Costs`.
CALLED_BUILTINS: Final[Mapping[str, str]] = {
    "bool": "asks for the truth of a value",
    "complex": "reads or converts one number",
    "dict": "copies entries; their keys are hashed, which is counted",
    "float": "reads or converts one number",
    "frozenset": "copies items; they are hashed, which is counted",
    "int": "reads or converts one number, of a length that Python limits",
    "list": "copies items, which are counted",
    "object": "takes nothing",
    "set": "copies items; they are hashed, which is counted",
    "slice": "keeps three values",
    "tuple": "copies items, which are counted",
}

#: Builtins that may be named without permission, as a callback or a type, but that `build` does
#: not call: what they make may be much larger than what they are given, or take much longer.
NAMED_BUILTINS: Final[Mapping[str, str]] = {
    "abs": "a function of one number",
    "all": "a reduction",
    "any": "a reduction",
    "ascii": "text of a value; as long as all paths in it, if it is shared inside",
    "bin": "text of a number",
    "bytearray": "a type; called with a number, it takes that many bytes",
    "bytes": "a type; called with a number, it takes that many bytes",
    "chr": "a character",
    "divmod": "a function of two numbers; takes quadratic time",
    "enumerate": "an iterator over what it is given",
    "hash": "a number; takes as long as all paths in a value",
    "hex": "text of a number",
    "isinstance": "a test; asks the metaclass",
    "issubclass": "a test; asks the metaclass",
    "len": "a count",
    "max": "a reduction; compares",
    "min": "a reduction; compares",
    "oct": "text of a number",
    "ord": "the number of a character",
    "repr": "text of a value; as long as all paths in it, if it is shared inside",
    "reversed": "an iterator over what it is given",
    "round": "a function of one number; of an integer, it can take as long as one likes",
    "sorted": "a list; compares",
    "str": "a type; text of a value, as `repr`",
    "sum": "a reduction; of lists, it takes quadratic time",
    "zip": "an iterator over what it is given",
}
# Not in either: `map`, `filter`, `iter` and `next`, which call what they are given, without an end
# if need be; `range` and `pow`, whose results have no limit; and the methods of all these classes:
# `str.format` reads attributes, `str.encode` imports, `str.center` takes any memory.

#: Types of plain values, which the standard library has classes for.
_PLAIN: Final = frozenset(
    (
        *("collections.Counter", "collections.OrderedDict", "collections.deque"),
        *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta"),
        *("datetime.timezone", "decimal.Decimal", "fractions.Fraction", "uuid.UUID"),
        *("pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "pathlib.PurePosixPath"),
        *("pathlib.PureWindowsPath", "pathlib.WindowsPath", "pathlib._local.Path"),
        *("pathlib._local.PosixPath", "pathlib._local.PurePath", "types.SimpleNamespace"),
    )
)
_LONGEST: Final = 1000
_SHOWN: Final = 200
_BUILTIN_NAMES: Final = {id(getattr(builtins, name)): name for name in NAMED_BUILTINS}
_BUILTIN_NAMES.update((id(getattr(builtins, name)), name) for name in CALLED_BUILTINS)


class NotAllowedError(DocumentError):
    """Something is named that may not be.

    Attributes:
        what: What.
        needed: What would have to be allowed.
    """

    def __init__(self, what: str, needed: str) -> None:
        """Say it, and how to allow it."""
        shown = repr(needed) if len(needed) <= _SHOWN else excerpt(needed)
        super().__init__(f"{what}; if you trust it, add it: allow=[..., {shown}]")
        self.what = what
        self.needed = needed


class Allowed:
    """The names that are allowed.

    Args:
        entries: Names of modules; ``"pkg.*"`` for a package and everything in it, but for its
            ``__main__``; ``"module:qualified.name"`` for one function, class or method; or
            functions and classes themselves.
        own: The name of a module of which the class methods may be named, if the class is among
            the entries.

    Raises:
        TypeError: ``entries`` is one string, or something in it is none of these.
        ValueError: A string in it is none of these.

    Example:
        >>> allowed = Allowed(["models", "lib.*"])
        >>> allowed("models"), allowed("models.big"), allowed("lib.deep.er")
        (True, False, True)
    """

    def __init__(self, entries: Iterable[object], own: str = "") -> None:
        if isinstance(entries, str):
            raise TypeError(f"allow takes a list of names of modules: allow=[{entries!r}]")
        self._modules: set[str] = set()
        self._packages: list[str] = []
        self._names: set[str] = set()
        self._objects: dict[int, object] = {}
        self._own = imported_name(own)
        for entry in entries:
            if isinstance(entry, str):
                self._add(entry)
            elif callable(entry) and not is_module(entry):
                self._objects[id(entry)] = entry
            else:
                raise TypeError(f"allow takes names of modules, not {entry!r}")

    def _add(self, entry: str) -> None:
        module, colon, qualname = entry.partition(":")
        name = module if colon else entry.removesuffix(".*")
        if not _is_module_name(name) or (colon and not is_public_name(qualname)):
            raise ValueError(
                f"{entry!r} is neither a name of a module, nor 'package.*' or 'module:name'"
            )
        if colon:
            self._names.add(f"{imported_name(module)}:{qualname}")
            return
        self._modules.add(imported_name(name))
        if name != entry:
            self._packages.append(f"{name}.")

    def __call__(self, module: str) -> bool:
        """Return whether all that a module defines may be named."""
        if module in self._modules:
            return True
        # Importing a `__main__` is running a program.
        return module.startswith(tuple(self._packages)) and not module.endswith(".__main__")

    def permits(self, value: object) -> bool:
        """Return whether an object that is at hand may be named."""
        return id(value) in self._objects or self(home_of(value))

    def opens(self, module: str, qualname: str) -> bool:
        """Return whether a module may be imported to look a name up in it."""
        return self(module) or f"{module}:{qualname}" in self._names

    def is_named(self, symbol: str) -> bool:
        """Return whether ``module:qualified.name`` is allowed by itself."""
        return symbol in self._names

    def reach(self, value: object, names: Iterable[str]) -> object:
        """Return the callable that names lead to inside of a class, or `MISSING`.

        In a class that was given itself, that is only another constructor: a nested class, and a
        class method if the class is of the target's own module. For all others, the module, or the
        class and the method, have to be allowed by name.
        """
        for name in names:
            inside = static_attribute(value, name)
            home = home_of(inside)
            same = home == home_of(value)
            nested = is_class(inside) and same
            constructor = type(inside) is MethodType and same and home == self._own
            if not self(home) and not nested and not constructor:
                return MISSING
            value = inside
        return value

    def resolve(self, symbol: object) -> Any:
        """Return the callable of a name, importing its module if that is allowed.

        Args:
            symbol: A part of a document, which should be ``module:qualified.name``.

        Raises:
            DocumentError: It is not, may not be named, cannot be imported, or there is no callable
                of that name.
        """
        module, qualname = _split(current_name(symbol) if isinstance(symbol, str) else symbol)
        if module == "builtins" and (qualname in CALLED_BUILTINS or qualname in NAMED_BUILTINS):
            return vars(builtins)[qualname]
        if not self.opens(module, qualname):
            found = self._given(module, qualname)
            if found is not MISSING:
                return found
            self.require(module)
        found = static_lookup(self.load(module), qualname)
        if found is MISSING or is_module(found) or not callable(found):
            names = [name for name in module_namespace(self.load(module)) if is_public_name(name)]
            near = near_match(qualname.partition(".")[0], names)
            raise DocumentError(f"there is no function or class {excerpt(symbol)}{near}")
        self.check(found, module, qualname)
        return found

    def check(self, found: object, module: str, qualname: str) -> None:
        """Refuse a name that an allowed module has only imported from elsewhere.

        Else it would open all of that, too: ``from os import system``.

        Raises:
            DocumentError: It has.
        """
        symbol = f"{module}:{qualname}"
        if symbol in self._names or id(found) in self._objects:
            return
        home = home_of(found)
        if type(found) is BuiltinFunctionType and found.__self__ is None and not home:
            # A static method of a class in C.
            home = home_of(static_lookup(self.load(module), qualname.rpartition(".")[0]))
        if not home:
            self.refuse(f"{excerpt(symbol)} does not say where it is defined, so it is not", symbol)
        elif home != module and not _is_twin(home, module) and not self(home):
            self.refuse(f"{excerpt(symbol)} is defined in {excerpt(home)}, which is not", home)

    def _given(self, module: str, qualname: str) -> object:
        """Return the object of a name if that was given itself, else `MISSING`."""
        loaded: Any = loaded_module(module)  # what was given was imported
        if not is_module(loaded):
            return MISSING
        first, *names = qualname.split(".")
        found = static_lookup(cast("ModuleType", loaded), first)
        # The name of a nested class may be longer than that of what was given.
        while id(found) not in self._objects and names and is_class(found):
            found = static_attribute(found, names.pop(0))
        return self.reach(found, names) if id(found) in self._objects else MISSING

    def check_call(self, fn: object) -> str:
        """Return the name of the builtin that calling ``fn`` calls without permission, or ``""``.

        Raises:
            DocumentError: It is one that `build` may not call without permission.
        """
        fn = called_by(fn)
        name = _BUILTIN_NAMES.get(id(fn), "")
        if not name or self.permits(fn) or f"builtins:{name}" in self._names:
            return ""
        if name not in CALLED_BUILTINS:
            self.refuse(f"{name} may be named, but calling it is not", f"builtins:{name}")
            return ""
        return name

    def require(self, module: str) -> None:
        """Raise `DocumentError` if a module is not allowed."""
        if not self(module):
            self.refuse(f"the module {excerpt(module)} is not", module)

    def refuse(self, what: str, needed: object) -> None:
        """Raise `NotAllowedError`: something would have to be allowed."""
        raise NotAllowedError(f"{what} allowed", str(needed))

    def load(self, module: str) -> ModuleType:
        """Return an allowed module, imported if need be.

        Raises:
            DocumentError: It cannot be imported.
        """
        loaded: Any = loaded_module(module)
        if loaded is None:
            try:
                loaded = importlib.import_module(module)
            except KeyboardInterrupt:  # it may be the user's
                raise
            except BaseException as error:  # the module's own code may raise anything
                raise DocumentError(f"cannot import {excerpt(module)}: {_said(error)}") from error
        if not is_module(loaded):
            raise DocumentError(f"{excerpt(module)} is not an ordinary module")
        return loaded


class Noted(Allowed):
    """Allows everything, and notes the permissions that this takes.

    Attributes:
        needed: The modules and names, in the order in which they were asked for.
    """

    def __init__(self, given: Allowed) -> None:
        super().__init__((), given._own)
        self._modules |= given._modules
        self._packages += given._packages
        self._names |= given._names
        self._objects |= given._objects
        self.needed: list[str] = []

    def refuse(self, what: str, needed: object) -> None:
        """Note the permission that a name would need, and allow it."""
        self.needed.append(str(needed))
        self._add(str(needed))


def names_of(module: ModuleType) -> list[object]:
    """Return the functions and classes that a module's own names open to values and files for it.

    They are those that it defines or imports by name, except from the standard library, whose
    functions act (``from os import system``).
    """
    own = imported_name(str(module_namespace(module).get("__name__")))
    return [
        value
        for name, value in module_namespace(module).items()
        if is_public_name(name) and callable(value) and _is_open(value, own)
    ]


def _is_open(value: object, own: object) -> bool:
    home = home_of(value)
    if is_module(value) or not home:
        return False
    if home == own:
        return True
    if is_class(value) and f"{home}.{qualname_of_class(value)}" in _PLAIN:
        return True
    return home.partition(".")[0] not in sys.stdlib_module_names


def called_by(fn: Any) -> object:
    """Return the callable inside of a callable: of a generic alias, a partial."""
    while True:
        if is_alias(fn):
            fn = fn.__origin__
        elif type(fn) is functools.partial:
            fn = fn.func
        else:
            return fn


def home_of(value: object) -> str:
    """Return the module that a callable says it is from, without running code of its class.

    Example:
        >>> home_of(inspect.signature), home_of([].append)
        ('inspect', '')
    """
    cls = type(value)
    bound = bound_in_module(value)
    if bound is not None:
        return bound[0]
    if cls is MethodType:
        return home_of(cast("MethodType", value).__func__)
    found: object
    if is_class(value):
        found = class_namespace(cast("type", value)).get("__module__")
        # Of a class written in C, `__module__` is computed, and cannot be hidden.
        found = found if isinstance(found, str) else module_of_class(cast("type", value))
    elif cls is FunctionType or cls is BuiltinFunctionType:
        found = cast("Any", value).__module__
        owner: object = getattr(value, "__self__", None)
        if found is None and is_class(owner):
            return home_of(owner)
    elif cls in _DESCRIPTORS:  # a method of a class written in C
        return home_of(cast("Any", value).__objclass__)
    else:
        found = inspect.getattr_static(value, "__module__", None)
        found = found if type(found) is str else home_of(cls)
    return imported_name(found) if type(found) is str else ""


qualname_of_class: Final[Callable[[Any], str]] = type.__dict__["__qualname__"].__get__
_DESCRIPTORS: Final = (ClassMethodDescriptorType, MethodDescriptorType, WrapperDescriptorType)


def is_class(value: object) -> bool:
    """Return whether a value is a class; unlike `isinstance`, this does not ask the value."""
    return issubclass(type(value), type)


def is_module(value: object) -> bool:
    """Return whether a value is a module, without asking it."""
    return issubclass(type(value), ModuleType)


def _split(symbol: object) -> tuple[str, str]:
    if not isinstance(symbol, str) or len(symbol) > _LONGEST or symbol.count(":") != 1:
        raise DocumentError(f"expected 'module:qualified.name', found {excerpt(symbol)}")
    module, qualname = symbol.split(":")
    if not _is_module_name(module):
        raise DocumentError(f"{excerpt(module)} is not the name of a module")
    module = imported_name(module)
    if not is_public_name(qualname):
        raise DocumentError(f"{excerpt(qualname)} is private, or is not a qualified name")
    return module, qualname


def _is_module_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _is_twin(home: str, module: str) -> bool:
    """Return whether a module is the part in C of one of the standard library: ``_decimal``."""
    return home == f"_{module}" and module in sys.stdlib_module_names


def _said(error: BaseException) -> str:
    try:
        return repr(error)
    except Exception:  # of the module's own class
        return type(error).__name__
