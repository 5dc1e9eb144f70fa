"""Converting parsed text to a value of the annotation where it goes.

No library does it: to one that converts by annotations, a `Config` is an object of the wrong class,
and a bare word is nothing. What it gives is checked by the matcher that `validate` uses.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Collection
from enum import Enum
from inspect import formatannotation
from typing import Any, Final, get_args, get_origin

import attrs

from ...configs import (
    BUILDABLE_TYPES,
    Config,
    CycleError,
    Partial,
    Place,
    Signature,
    add_declared_tags,
    map_graph,
    signature_of,
)
from ...configs.for_tracer import (
    ANY,
    UNIONS,
    HintMatcher,
    native_signature,
    near_match,
    plain_hint,
    short_repr,
)
from ..engine.values import type_of
from ..errors import ValueLanguageError
from .items import COLLECTIONS, text_of_key, typed_dict
from .presets import preset_of
from .scalars import (
    NONES,
    UnfitError,
    constant_converter,
    is_choice,
    is_textual,
    text_last,
    word_value,
)
from .scope import Scope
from .source_text import SourceText
from .trees import Call, Name, Tree, is_a

_GIVE_KNOWN: Final = "give arguments that it takes"


class Converter:
    """Converts one parsed text, whose names a scope knows."""

    def __init__(self, source: SourceText, scope: Scope) -> None:
        self._source = source
        self._scope = scope
        self._matcher = HintMatcher()
        #: The offset of what is being converted, for what has none of its own.
        self._at: int = 0

    def convert(self, tree: object, hint: object) -> Any:
        """Return the value of an annotation, None for any, that a part of a text stands for.

        Raises:
            ValueLanguageError: There is none; its column is that of the part.
        """
        hint = ANY if hint is None else plain_hint(hint)  # None is no annotation here
        if hint is ANY or hint is object:
            return self._untyped(tree)
        before = self._at
        self._at = getattr(tree, "at", before)
        try:
            return self._convert(tree, hint)
        finally:
            self._at = before

    def unfit(self, tree: object, hint: object, reason: str = "") -> ValueLanguageError:
        """Return the error about a part that does not fit."""
        what = reason or f"expected {formatannotation(hint)}, not {short_repr(tree, 60)}"
        fix = f"give a value of {formatannotation(hint)}"
        return self._source.error(self._at, what, fix)

    def _convert(self, tree: object, hint: object) -> object:
        origin: Any = get_origin(hint) or hint
        if origin in UNIONS:
            return self._union(tree, hint)
        if origin is typing.Literal:
            return self._literal(tree, hint)
        if isinstance(tree, Call):
            return self._fitting(self._call(tree, hint), hint)
        if isinstance(tree, Name):
            return self._name(tree, hint, origin)
        if typing.is_typeddict(origin):
            return typed_dict(self, tree, hint)
        collect = COLLECTIONS.get(origin)
        if collect is not None:
            return collect(self, tree, hint)
        if is_a(tree, dict | tuple | list) and _has_fields(origin):
            return self._fitting(self._from_fields(tree, origin), hint)
        return self._constant(tree, hint, origin)

    def _constant(self, tree: object, hint: object, origin: object) -> object:
        convert = constant_converter(origin)
        if convert is not None:
            try:
                return convert(tree)
            except UnfitError as error:
                raise self.unfit(tree, hint, f"{short_repr(tree, 60)}: {error}") from None
        return self._fitting(self._untyped(tree), hint)

    def _name(self, name: Name, hint: object, origin: Any) -> object:
        if constant_converter(origin) is not None:
            try:
                return word_value(origin, name.text)
            except UnfitError as error:
                found = self._scope.find(name, hint)
                if preset_of(found) is not None:
                    return self._fitting(self._run(found, (), {}, name), hint)
                raise self.unfit(name, hint, f"{name.text}: {error}") from None
        found = self._value(name, hint)
        if self._matcher.fits(Place(found), hint):
            return found
        if preset_of(found) is not None:
            return self._fitting(self._run(found, (), {}, name), hint)
        if issubclass(type_of(found), type):  # the class where an instance is expected
            node = self._node(Config, found, (), {}, name)
            if self._matcher.fits(Place(node), hint):
                return node
        raise self.unfit(name, hint)

    def _literal(self, tree: object, hint: object) -> object:
        word = tree.text if isinstance(tree, Name) else tree
        for value in get_args(hint):
            if type_of(value) is type_of(word) and value == word:
                return value
            if isinstance(value, Enum) and word in (value.name, str(value)):
                return value
        choices = get_args(hint)
        near = near_match(str(word), [each for each in choices if type_of(each) is str])
        shown = ", ".join(map(repr, choices))
        raise self.unfit(tree, hint, f"expected one of {shown}, not {short_repr(tree, 60)}{near}")

    def _union(self, tree: object, hint: object) -> object:
        """Convert to the first option that takes a part as it is, else to the first one at all.

        Choices come first, and text last: every word is some.
        """
        plain = [plain_hint(option) for option in get_args(hint)]
        for option in plain:
            if type_of(tree) is option:
                return tree
        if tree is None and type(None) not in plain:
            raise self.unfit(tree, hint)
        if isinstance(tree, Name) and tree.text.lower() in NONES and type(None) in plain:
            if not any(map(is_textual, plain)):
                return None
            fix = f"write None, or '{tree.text}' in quotes for the text"
            raise self._source.error(self._at, f"{tree.text} may be None or text", fix)
        errors: list[ValueLanguageError] = []
        for option in sorted(plain, key=lambda each: (not is_choice(each), *text_last(each))):
            try:
                return self.convert(tree, option)
            except ValueLanguageError as error:
                errors.append(error)
        inside = [error for error in errors if error.column > self._at]
        if len(inside) == 1:
            raise inside[0]
        only = [option for option in plain if option is not type(None)]
        if len(only) == 1 and is_a(tree, dict | list):
            self.convert(tree, only[0])  # it says what is wrong in there
        raise errors[0] if isinstance(tree, Call) else self.unfit(tree, hint)

    def _untyped(self, tree: Tree) -> object:
        if isinstance(tree, Name):
            return self._value(tree, None)
        if isinstance(tree, Call):
            return self._call(tree, None)
        if is_a(tree, list | tuple):
            return type_of(tree)(self._untyped(item) for item in tree)
        if is_a(tree, set | frozenset | dict):
            return self._hashed(tree)
        return tree

    def _hashed(self, tree: Tree) -> object:
        """Return the set or dict of a part without an annotation."""
        items = [self._untyped(item) for item in tree]
        try:
            if is_a(tree, dict):
                return dict(zip(items, map(self._untyped, tree.values()), strict=True))
            return type_of(tree)(items)
        except ValueLanguageError:
            raise
        except Exception as error:  # no hash, or one of the user's
            raise self.unfit(tree, ANY, f"this cannot be: {error}") from None

    def _value(self, name: Name, hint: object) -> object:
        found = self._scope.lookup(name, hint)
        if type_of(found) not in _COPIED:
            return found
        try:
            # A graph or container of the module's stays as it is there.
            return map_graph(lambda value: value, found)
        except CycleError:
            raise name.error(f"{name.text} contains itself", "name another") from None

    def _call(self, call: Call, hint: object) -> object:
        fn = self._scope.lookup(call.fn, hint, called=True)
        if fn is Config or fn is Partial:
            return self._written_node(fn, call)
        if not callable(fn) or type(fn) in BUILDABLE_TYPES:
            raise call.fn.error(f"{call.fn.text} cannot be called", "name a class or a function")
        if call.kind is not None:
            return self._node(call.kind, fn, call.args, call.kwargs, call)
        if preset_of(fn) is not None:
            return self._run(fn, call.args, call.kwargs, call)
        return self._node(Config, fn, call.args, call.kwargs, call)

    def _run(
        self, fn: Any, args: tuple[Tree, ...], kwargs: dict[str, Tree], tree: Call | Name
    ) -> object:
        """Return the graph that a preset gives; configs among its arguments are passed on."""
        node = self._node(Config, fn, args, kwargs, tree)
        signature = signature_of(fn)
        missing = signature.missing(node.__arguments__)
        if missing:
            shown = ", ".join(str(signature.parameter_name(key)) for key in missing)
            what = f"{signature.name} needs {shown}"
            raise self._source.error(tree.at, what, f"write {signature.name}(...)")
        # A wrapper takes any names, and what it wraps does not.
        declared = native_signature(fn).parameters.values()
        if not any(each.kind is each.VAR_KEYWORD for each in declared):
            for name in kwargs:
                if name not in signature.names:
                    raise self._unknown(name, signature, (), tree)
        positional, named = signature.call_arguments(node.__arguments__)
        make = preset_of(fn)
        assert make is not None
        with self._scope.running():
            return make(*positional, **named)

    def _written_node(self, cls: object, call: Call) -> object:
        """Make the node of ``Config(fn, ...)`` or ``Partial(fn, ...)``."""
        if not call.args or not isinstance(call.args[0], Name):
            what = f"{call.fn.text} needs the name of a class or function first"
            raise call.fn.error(what, f"write {call.fn.text}(MyClass, ...)")
        name = call.args[0]
        fn = self._scope.lookup(name, called=True)
        if not callable(fn) or fn is Config or fn is Partial:
            raise name.error(f"{name.text} cannot be called", "name a class")
        return self._node(cls, fn, call.args[1:], call.kwargs, call)

    def _node(
        self, cls: Any, fn: Any, args: tuple[Tree, ...], kwargs: dict[str, Tree], tree: Call | Name
    ) -> Any:
        try:
            signature = signature_of(fn)
            bound = signature.bind(args, kwargs)
        except TypeError as error:
            named = (name for name in kwargs if f"argument {name!r}" in str(error))
            at = next((self._source.keyword_at(name, tree.at) for name in named), tree.at)
            raise self._source.error(at, str(error), _GIVE_KNOWN) from None
        hints = self._scope.hints(fn)
        for name in kwargs:
            if not hints.allow(name, signature.names):
                raise self._unknown(name, signature, hints.fields or (), tree)
        arity = len(signature.keys)
        arguments: dict[int | str, object] = {}
        for key, value in bound.items():
            before = self._at
            is_named = isinstance(key, str)
            self._at = self._source.keyword_at(key, tree.at) if is_named else tree.at
            try:
                arguments[key] = self.convert(value, hints.of(key, arity))
            finally:
                self._at = before
        node = cls.__from_bound__(fn, arguments, getattr(tree, "place", None))
        add_declared_tags(node)
        return node

    def _unknown(
        self, name: str, signature: Signature, others: Collection[str], tree: Call | Name
    ) -> ValueLanguageError:
        """Return the error about a named argument that a callable does not take."""
        at = self._source.keyword_at(name, tree.at)
        return self._source.error(at, signature.explain(name, others), _GIVE_KNOWN)

    def _from_fields(self, tree: Tree, cls: Any) -> object:
        """Make the node of a dataclass, or class like it, from a dict or, for some, a sequence."""
        name = Name(self._source, (cls.__name__,), self._at)
        if is_a(tree, dict):
            named = {text_of_key(key): value for key, value in tree.items()}
            if all(is_a(key, str) for key in named):
                return self._node(Config, cls, (), named, name)
        elif hasattr(cls, "_fields"):
            return self._node(Config, cls, tuple(tree), {}, name)
        raise self.unfit(tree, cls)

    def _fitting(self, value: object, hint: object) -> object:
        if not self._matcher.fits(Place(value), hint):
            raise self.unfit(value, hint)
        return value


#: Copied when a name stands for one.
_COPIED: Final = frozenset((list, dict, set, tuple, Config, Partial))


def _has_fields(cls: Any) -> bool:
    if not is_a(cls, type):
        return False
    if dataclasses.is_dataclass(cls) or attrs.has(cls):
        return True
    return tuple in cls.__mro__ and hasattr(cls, "_fields")
