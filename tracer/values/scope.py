"""What the names of a text stand for, and which of them it may use.

A text may use what the target's module defines or imports by name, except from the standard
library, whose functions act (``from os import system``); what annotations name; and what is in
modules that are allowed. Looking a name up runs no code of the program, but importing what is
allowed does.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from enum import EnumMeta
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final, cast, get_args, get_origin

from ...configs import Config, Partial
from ...configs.for_tracer import (
    MISSING,
    Allowed,
    DocumentError,
    UnwritableError,
    hints_of,
    is_public_name,
    module_namespace,
    near_match,
    plain_hint,
    static_lookup,
    symbol_of,
)
from ..engine.values import type_of
from .trees import Name, is_a

_NODES: Final[Mapping[str, object]] = {"Config": Config, "Partial": Partial, "partial": Partial}
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
#: Builtin classes that may be referred to, as in ``dtype=float``; a literal says it shorter.
_BUILTIN: Final[Mapping[str, type]] = {
    cls.__name__: cls
    for cls in (bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple)
}
_DEEPEST: Final = 20
#: Classes that an annotation does not make callable by naming them.
_UNNAMED: Final = frozenset(
    cls for module in (builtins, types) for cls in vars(module).values() if isinstance(cls, type)
)


class Scope:
    """What the names in the texts for one target stand for.

    Args:
        module: The module of the target, if it has one.
        allow: The modules whose names may be used too: ``"torch.nn"``, or ``"torch.*"`` for all of
            a package. They are imported when a text names them.
        fn: The target: the classes that its annotations name may be used.

    Raises:
        ValueError: ``allow`` has something that is not a name of a module.

    Example:
        >>> from bytefig.tracer.values.text import Source
        >>> name = Name(Source("decoder.JSONDecoder", "--x"), ("decoder", "JSONDecoder"), 0)
        >>> import json
        >>> Scope(json, allow=["json.*"]).lookup(name)
        <class 'json.decoder.JSONDecoder'>
    """

    def __init__(
        self, module: ModuleType | None = None, allow: Iterable[str] = (), fn: Any = None
    ) -> None:
        self._module = module
        self._allow = tuple(allow)
        self._allowed = Allowed(self._allow)
        hints = [] if fn is None else _hints(fn)
        self._annotated = {cls.__name__: cls for hint in hints for cls in classes_in(hint)}

    @property
    def allowed(self) -> tuple[str, ...]:
        """The modules whose names may be used too."""
        return self._allow

    def lookup(self, name: Name, hint: Any = None, called: bool = False) -> Any:
        """Return what a name stands for.

        Args:
            name: The name.
            hint: The annotation of where it goes, whose classes are known by their names.
            called: Whether it is called.

        Raises:
            ValueLanguageError: It stands for nothing, or for what may not be used.
        """
        if name.sign:
            raise name.source.error(name.at, "a sign stands before a number only")
        named = {} if hint is None else {cls.__name__: cls for cls in classes_in(hint)}
        for look in (
            lambda: self._in(named, name),
            lambda: self._in(self._annotated, name),
            lambda: self._own(name),
            lambda: self._imported(name),
        ):
            found = look()
            if found is not MISSING:
                return found
        if name.text in _NODES:
            return _NODES[name.text]
        if name.text in _BUILTIN:
            if called:
                raise name.source.error(
                    name.at, f"{name.text} is a builtin, which is not called", "write the literal"
                )
            return _BUILTIN[name.text]
        raise self._unknown(name, named)

    def names(self) -> set[str]:
        """Return the names that stand for classes and functions."""
        usable = {
            name
            for name, value in self._namespace().items()
            if is_public_name(name) and callable(value) and self._may_use(value)
        }
        return usable | self._annotated.keys()

    def homes(self) -> set[str]:
        """Return the modules where what the names stand for is to be found."""
        found: set[str] = set()
        own = self._namespace()
        for value in (*(own.get(name) for name in self.names()), *self._annotated.values()):
            try:
                found.add(symbol_of(value).partition(":")[0])
                found.add(_home(value))
            except UnwritableError:
                continue
        return {name for name in found if name and name != "builtins"}

    def _namespace(self) -> Mapping[str, object]:
        return {} if self._module is None else module_namespace(self._module)

    def _in(self, classes: Mapping[str, type], name: Name) -> Any:
        holder = ModuleType("annotations")
        vars(holder).update(classes)
        found = self._found(holder, name.parts)
        # A method of such a class is not named by the annotation.
        return found if len(name.parts) == 1 or self._may_use(found) else MISSING

    def _own(self, name: Name) -> Any:
        if self._module is None:
            return MISSING
        first = module_namespace(self._module).get(name.parts[0], MISSING)
        if isinstance(first, ModuleType):
            return self._inside(name, first, 1)
        found = self._found(self._module, name.parts)
        if found is MISSING or self._may_use(found):
            return found
        home = _home(found) or "a module that is not known"
        raise name.source.error(
            name.at,
            f"{name.text} comes from {home}, which is not allowed",
            f"if you trust it, add --allow-import {home}",
        )

    def _inside(self, name: Name, module: ModuleType, start: int) -> Any:
        """Look in a module that the target's module has imported as a whole."""
        parts = name.parts
        while start < len(parts):
            if not self._allowed(module.__name__):
                raise name.source.error(
                    name.at,
                    f"{'.'.join(parts[:start])} is the module {module.__name__}, which is not"
                    " allowed",
                    f"if you trust it, add --allow-import {module.__name__}",
                )
            found = module_namespace(module).get(parts[start], MISSING)
            if not isinstance(found, ModuleType):
                return self._found(module, parts[start:])
            module, start = found, start + 1
        raise name.source.error(name.at, f"{name.text} is a module", "name something in it")

    def _imported(self, name: Name) -> Any:
        """Look in the modules that are allowed."""
        parts = name.parts
        for count in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:count])
            if self._allowed(module):
                return self._found(self._load(name, module), parts[count:])
        found: dict[int, Any] = {}
        for module in self._allow:
            if not module.endswith(".*"):
                value = self._found(self._load(name, module), parts)
                found[id(value)] = value
        found.pop(id(MISSING), None)
        if len(found) > 1:
            raise name.source.error(
                name.at, f"several of the allowed modules have {name.text}", "write its module, too"
            )
        return next(iter(found.values()), MISSING)

    def _load(self, name: Name, module: str) -> ModuleType:
        try:
            return self._allowed.load(module)
        except DocumentError as error:
            raise name.source.error(name.at, str(error), "allow a module that there is") from error

    def _found(self, module: ModuleType, parts: tuple[str, ...]) -> Any:
        if not all(map(is_public_name, parts)):
            return MISSING
        *path, last = parts
        owner = static_lookup(module, ".".join(path)) if path else None
        if isinstance(owner, EnumMeta):
            return cast("Mapping[str, Any]", owner.__members__).get(last, MISSING)
        found: Any = static_lookup(module, ".".join(parts))
        if path and hasattr(type_of(found), "__get__"):  # a property or the like has no value here
            return found if is_a(found, FunctionType | MethodType) else MISSING
        return found

    def _may_use(self, value: Any) -> bool:
        if isinstance(value, ModuleType):
            return False
        if not callable(value):
            return True
        home = _home(value)
        if self._module is not None and home == self._module.__name__:
            return True
        if not home:
            return False
        if self._allowed(home) or f"{home}.{getattr(value, '__qualname__', '')}" in _PLAIN:
            return True
        return home.partition(".")[0] not in sys.stdlib_module_names

    def _unknown(self, name: Name, named: Mapping[str, type]) -> Exception:
        near = near_match(name.text, self.names() | named.keys())
        fix = "name what the target's module has, or allow a module with --allow-import"
        if name.text.lower() in ("true", "false", "none", "null"):
            fix = "write True, False or None"
        elif not near:
            fix = f"for text, write quotes: '{name.text}'; or allow a module with --allow-import"
        return name.source.error(name.at, f"there is nothing called {name.text}{near}", fix)


def classes_in(hint: Any) -> Iterator[type]:
    """Yield the classes that an annotation names, builtins left out.

    Example:
        >>> from decimal import Decimal
        >>> [*classes_in(dict[str, Decimal | None])]
        [<class 'decimal.Decimal'>]
    """
    pending = [(hint, 0)]
    while pending:
        found, depth = pending.pop()
        found = plain_hint(found)
        origin: Any = get_origin(found) or found
        # What code without a module defines says that it is of ``builtins``, too.
        if isinstance(origin, type) and origin not in _UNNAMED:
            yield origin
        if depth < _DEEPEST:
            pending.extend((arg, depth + 1) for arg in get_args(found))


def _hints(fn: Any) -> list[Any]:
    hints = hints_of(fn)
    return [*hints.parameters.values(), hints.varargs, hints.varkw]


def _home(value: Any) -> str:
    """Return the module that a callable, or the class of a callable object, says it is from."""
    kind = type_of(value)
    # An object with a `__call__` may say anything of itself; its class says where that is from.
    own = is_a(value, type) or kind.__module__ == "builtins"
    found = getattr(value, "__module__", None) if own else kind.__module__
    return found if isinstance(found, str) else ""
