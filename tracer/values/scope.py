"""The objects of the names in a text, and which of them it may use.

A text may use what the target's module defines or imports by name, except from the standard
library, whose functions act (``from os import system``); what annotations name; and what is in
modules that are allowed. Looking a name up runs no code of the program, but importing what is
allowed does.
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from enum import EnumMeta
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final, cast, get_args, get_origin

from ...configs import Config, Partial
from ...configs.for_tracer import (
    MISSING,
    Allowed,
    DocumentError,
    Hints,
    NotAllowedError,
    class_namespace,
    hints_of,
    home_of,
    is_module,
    is_public_name,
    loaded_module,
    module_namespace,
    names_of,
    near_match,
    plain_hint,
    static_attribute,
)
from ..errors import ValueLanguageError
from .presets import fits_preset
from .trees import Name

_NODES: Final[Mapping[str, object]] = {"Config": Config, "Partial": Partial, "partial": Partial}
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
    """The objects of the names in the texts for one target.

    Args:
        module: The module of the target, if it has one.
        allow: The modules whose names may be used too: ``"torch.nn"``, or ``"torch.*"`` for all of
            a package. They are imported when a text names them.
        fn: The target: the classes that its annotations name may be used.
        also: Functions and classes that files may name, too.
        running: Gives what to enter while a preset runs, which may raise anything.

    Raises:
        ValueError: ``allow`` has something that is not a name of a module.

    Example:
        >>> from bytefig.tracer.values.source_text import SourceText
        >>> name = Name(SourceText("decoder.JSONDecoder", "--x"), ("decoder", "JSONDecoder"), 0)
        >>> import json
        >>> Scope(json, allow=["json.*"]).lookup(name)
        <class 'json.decoder.JSONDecoder'>
    """

    def __init__(
        self,
        module: ModuleType | None = None,
        allow: Iterable[str] = (),
        fn: object = None,
        also: Iterable[object] = (),
        running: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._module = module
        self._allow = tuple(allow)
        self.running = running
        #: What was made of the parts of files, by the id of the part, so that it is made once.
        self.made: dict[int, tuple[object, object]] = {}
        #: Values that were read, by their text and the id of the annotation.
        self.parsed: dict[tuple[str, int], tuple[object, object]] = {}
        self._hints: dict[int, tuple[object, Hints]] = {}
        #: The classes that the annotations of the target name, by their own names.
        self._annotated: dict[str, type] = {}
        if fn is not None:
            hints = self.hints(fn)
            for hint in (*hints.parameters.values(), hints.varargs, hints.varkw):
                self._annotated.update(_by_name(hint))
        own = [] if module is None else names_of(module)
        name = "" if module is None else module.__name__
        #: What may be named, here and in files for the same target.
        self.allowed = Allowed([*self._allow, *own, *self._annotated.values(), *also], name)

    def lookup(self, name: Name, hint: object = None, called: bool = False) -> Any:
        """Return the object of a name; classes in the annotation are known by their own.

        Raises:
            ValueLanguageError: It stands for nothing, or for what may not be used.
        """
        if name.sign:
            raise name.error("a sign stands before a number only")
        named = {} if hint is None else _by_name(hint)
        for look in (
            lambda: self._in(named, name),
            lambda: self._in(self._annotated, name),
            lambda: self._own(name),
            lambda: self._imported(name),
            lambda: self._qualified(name),
        ):
            found = look()
            if found is not MISSING:
                return found
        if name.text in _NODES:
            return _NODES[name.text]
        if name.text in _BUILTIN:
            if called:
                what = f"{name.text} is a builtin, which is not called"
                # There is no literal of an empty set.
                empty = name.text in ("set", "frozenset")
                fix = "write the items: {1, 2}; [] for none" if empty else "write the literal"
                raise name.error(what, fix)
            return _BUILTIN[name.text]
        raise self._unknown(name, named)

    def find(self, name: Name, hint: object = None) -> object:
        """Return the object of a name; None if there is none, or it may not be used."""
        try:
            return self.lookup(name, hint)
        except ValueLanguageError:
            return None

    def hints(self, fn: Any) -> Hints:
        """Return the annotations of a callable, which are read once."""
        known = self._hints.get(id(fn))
        if known is None:
            known = self._hints[id(fn)] = (fn, hints_of(fn))
        return known[1]

    def names(self) -> set[str]:
        """Return the names that stand for classes and functions."""
        usable = {
            name
            for name, value in self._namespace().items()
            if is_public_name(name) and callable(value) and self.allowed.permits(value)
        }
        return usable | self._annotated.keys()

    def presets(self, hint: object) -> list[str]:
        """Return the names of the presets that say of themselves that they fit an annotation."""
        found = ((name, self._namespace().get(name)) for name in sorted(self.names()))
        return [name for name, value in found if fits_preset(value, hint)]

    def _namespace(self) -> Mapping[str, object]:
        return {} if self._module is None else module_namespace(self._module)

    def _in(self, classes: Mapping[str, type], name: Name) -> object:
        first, *rest = name.parts
        return self._inside(classes[first], rest) if first in classes else MISSING

    def _own(self, name: Name) -> object:
        first, *rest = name.parts
        found = self._namespace().get(first, MISSING) if is_public_name(first) else MISSING
        if is_module(found):
            return self._in_module(name, cast("ModuleType", found), 1)
        if found is MISSING or not callable(found) or self.allowed.permits(found):
            return self._inside(found, rest)
        home = home_of(found) or "a module that is not known"
        what = f"{name.text} comes from {home}, which is not allowed"
        raise name.error(what, f"if you trust it, add --allow-import {home}")

    def _in_module(self, name: Name, module: ModuleType, start: int) -> object:
        """Look in a module that the target's module has imported as a whole."""
        parts = name.parts
        while start < len(parts):
            if not self.allowed.opens(module.__name__, ".".join(parts[start:])):
                what = f"{'.'.join(parts[:start])} is the module {module.__name__}"
                fix = f"if you trust it, add --allow-import {module.__name__}"
                raise name.error(f"{what}, which is not allowed", fix)
            found = module_namespace(module).get(parts[start], MISSING)
            if not is_module(found):
                return self._of_module(name, module, parts[start:])
            module, start = cast("ModuleType", found), start + 1
        raise name.error(f"{name.text} is a module", "name something in it")

    def _imported(self, name: Name) -> object:
        """Look in the modules that are allowed."""
        parts = name.parts
        for count in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:count])
            if self.allowed.opens(module, ".".join(parts[count:])):
                return self._of_module(name, self._load(name, module), parts[count:])
        found: dict[int, object] = {}
        for entry in self._allow:
            module, colon, only = entry.partition(":")
            if not module.endswith(".*") and (not colon or only == name.text):
                value = self._of_module(name, self._load(name, module), parts)
                found[id(value)] = value
        found.pop(id(MISSING), None)
        if len(found) > 1:
            what = f"several of the allowed modules have {name.text}"
            raise name.error(what, "write its module, too")
        return next(iter(found.values()), MISSING)

    def _qualified(self, name: Name) -> object:
        """Look for an allowed object under the name of its module, and of the own module."""
        for count in range(len(name.parts) - 1, 0, -1):
            module, qualname = ".".join(name.parts[:count]), ".".join(name.parts[count:])
            if is_module(loaded_module(module)):
                try:
                    return self.allowed.resolve(f"{module}:{qualname}")
                except NotAllowedError as error:
                    fix = f"if you trust it, add --allow-import {error.needed}"
                    raise name.error(error.what, fix) from None
                except DocumentError:
                    break
        return MISSING

    def _load(self, name: Name, module: str) -> ModuleType:
        try:
            return self.allowed.load(module)
        except DocumentError as error:
            raise name.error(str(error), "allow a module that there is") from error

    def _of_module(self, name: Name, module: ModuleType, parts: tuple[str, ...]) -> object:
        """Look in a module that is allowed; the objects that it imports are not."""
        first, *rest = parts
        found = module_namespace(module).get(first, MISSING) if is_public_name(first) else MISSING
        found = self._inside(found, rest, trusted=True)
        if found is not MISSING and callable(found):
            try:
                self.allowed.check(found, module.__name__, ".".join(parts))
            except NotAllowedError as error:
                fix = f"if you trust it, add --allow-import {error.needed}"
                raise name.error(error.what, fix) from None
        return found

    def _inside(self, value: object, names: list[str], trusted: bool = False) -> object:
        """Follow names from a value, itself if there are none; return the end, or `MISSING`."""
        if not all(map(is_public_name, names)):
            return MISSING
        owner = found = value
        for each in names:
            owner, found = found, static_attribute(found, each)
        if names and issubclass(type(owner), EnumMeta):
            members: Any = class_namespace(cast("type", owner))["_member_map_"]
            return members.get(names[-1], MISSING)
        is_function = type(found) in (FunctionType, MethodType)
        if names and not is_function and static_attribute(type(found), "__get__") is not MISSING:
            return MISSING  # a property or the like has no value here
        if names and callable(found) and not trusted:
            return self.allowed.reach(value, names)
        return found

    def _unknown(self, name: Name, named: Mapping[str, type]) -> Exception:
        near = near_match(name.text, self.names() | named.keys())
        fix = "name what the target's module has, or allow a module with --allow-import"
        if name.text.lower() in ("true", "false", "none", "null"):
            fix = "write True, False or None"
        elif not near:
            fix = f"for text, write quotes: '{name.text}'; or allow a module with --allow-import"
        return name.error(f"there is nothing called {name.text}{near}", fix)


def classes_in(hint: object, builtin: bool = False) -> Iterator[type]:
    """Yield the classes that an annotation names, builtins left out unless they are asked for.

    Example:
        >>> from decimal import Decimal
        >>> [*classes_in(dict[str, Decimal | None])]
        [<class 'decimal.Decimal'>]
    """
    pending = [(hint, 0)]
    while pending:
        found, depth = pending.pop()
        found = plain_hint(found)
        origin: object = get_origin(found) or found
        # What code without a module defines says that it is of ``builtins``, too.
        if isinstance(origin, type) and (builtin or origin not in _UNNAMED):
            yield origin
        if depth < _DEEPEST:
            pending.extend((arg, depth + 1) for arg in get_args(found))


def _by_name(hint: object) -> dict[str, type]:
    return {cls.__name__: cls for cls in classes_in(hint)}
