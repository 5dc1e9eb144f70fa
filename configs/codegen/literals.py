"""Values that are not looked inside of, as expressions."""

from __future__ import annotations

import enum
import functools
import math
import pathlib
import sys
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar, cast

from ..core.leaf_types import (
    FORMS_BY_NAME,
    NAMED_BY_REPR,
    CallForm,
    constant_name,
    form_of,
    full_name,
)
from ..core.own_code import PUBLIC
from ..core.registry import BUILDABLE_TYPES
from ..core.sentinels import NO_VALUE, VARARGS
from ..core.shown import plain_repr, unfolds
from ..core.type_forms import UNION, form_name, is_alias, put_together, taken_apart
from ..traversal.traverse import Visit
from .errors import NoSourceError
from .identifiers import Imports
from .importable import symbol
from .layout import Atom, Expression, Group, bracketed, call, flat, quoted

T = TypeVar("T")

# Deeper values would exceed the limits of Python's parser.
_MAX_DEPTH: Final = 40
# The shortest limit that can be set for decimal integers is 640 digits.
_MAX_DECIMAL_BITS: Final = 2000


class LeafWriter:
    """Writes leaves, and adds their imports.

    Args:
        imports: What the source imports.
        callee: Given a callable and an expression for it, returns what to call in the source.
    """

    __slots__ = ("_callee", "_depth", "imports")

    def __init__(self, imports: Imports, callee: Callable[[Any, str], str]) -> None:
        self.imports = imports
        self._callee = callee
        self._depth = 0

    def write(self, value: object) -> Expression:
        """Return an expression for a leaf, or for a container without nodes inside a leaf.

        Raises:
            NoSourceError: There is none.
        """
        if not self._depth and unfolds(value):
            raise NoSourceError("it holds the same values again and again; make it in a function")
        if self._depth >= _MAX_DEPTH:
            raise NoSourceError(f"it is nested more than {_MAX_DEPTH} deep; make it in a function")
        self._depth += 1
        try:
            return _encoder(value)(self, value)
        finally:
            self._depth -= 1

    def symbol(self, value: object) -> str:
        """Return an expression for a callable: a name, or a generic alias.

        Raises:
            NoSourceError: There is none.
        """
        written = _alias(self, value) if is_alias(value) else _form(self, value)
        return written.text

    def call(
        self, fn: object, args: Iterable[Expression], kwargs: Mapping[str, Expression] | None = None
    ) -> Group:
        """Return a call that makes a value.

        Raises:
            NoSourceError: The callable cannot be imported.
        """
        return call(self._callee(fn, self.symbol(fn)), args, kwargs)

    def form(self, form: CallForm) -> Group:
        """Return the call that a form describes.

        Raises:
            NoSourceError: A part of it has no source.
        """
        kwargs = {name: self.write(value) for name, value in form.kwargs.items()}
        return self.call(form.callable, [self.write(value) for value in form.args], kwargs)


_Encoder = Callable[[LeafWriter, Any], Expression]


def register_source(cls: type[T], form: Callable[[T], CallForm]) -> None:
    """Let values of a class, though not of its subclasses, be written as calls.

    Args:
        cls: The class.
        form: Gives the call that makes such a value.

    Raises:
        TypeError: ``cls`` is not a class.
        ValueError: The class has a source form already.

    Example:
        >>> import ipaddress
        >>> from bytefig.configs import Config
        >>> register_source(
        ...     ipaddress.IPv4Address, lambda value: CallForm(ipaddress.IPv4Address, (str(value),))
        ... )
        >>> from bytefig.configs.codegen import to_source
        >>> print(to_source(Config(dict, host=ipaddress.IPv4Address("127.0.0.1"))))
        from ipaddress import IPv4Address
        <BLANKLINE>
        from bytefig.configs import Config
        <BLANKLINE>
        <BLANKLINE>
        def build_config():
            return Config(dict, host=IPv4Address("127.0.0.1"))
        <BLANKLINE>
    """
    if not isinstance(cls, type):  # pyright: ignore[reportUnnecessaryIsInstance] - a user's error
        raise TypeError(f"cannot register {cls!r}: it is not a class")
    if cls in _ENCODERS or full_name(cls) in FORMS_BY_NAME:
        raise ValueError(f"cannot register {cls.__qualname__}: it has a source form already")
    _ENCODERS[cls] = lambda writer, value: writer.form(form(value))


def is_shared_leaf(value: object) -> bool:
    """Return whether it matters that the same leaf is used twice."""
    return type(value) in _SHARED_LEAVES or full_name(type(value)) in _SHARED_BY_NAME


def _encoder(value: object) -> _Encoder:
    cls = type(value)
    found = _ENCODERS.get(cls)
    if found is not None:
        return found
    if cls in BUILDABLE_TYPES:
        raise NoSourceError(f"this {cls.__name__} is inside of a value that is not looked into")
    if issubclass(cls, enum.Enum):
        return _enum_member
    if issubclass(cls, pathlib.PurePath):
        return _path
    if tuple in cls.__mro__ and hasattr(cls, "_fields"):
        return _named_tuple
    if is_alias(value):
        return _alias
    form = form_of(value)
    if form is not None:
        return lambda writer, _: writer.form(form)
    if full_name(cls) in NAMED_BY_REPR:
        return _named_by_repr
    module, *names = (constant_name(value) or "").split(".")
    if names:
        return lambda writer, _: Atom(
            ".".join([writer.imports.member(module, names[0]), *names[1:]])
        )
    return lambda writer, _: _form(writer, value)


def _literal(_: LeafWriter, value: object) -> Expression:
    return Atom(repr(value))


def _int(_: LeafWriter, value: int) -> Expression:
    if value.bit_length() <= _MAX_DECIMAL_BITS:
        return Atom(repr(value))
    return Atom(f"{'-' if value < 0 else ''}0x{abs(value):X}")


def _float(writer: LeafWriter, value: float) -> Expression:
    if math.isfinite(value):
        return Atom(repr(value).replace("e+", "e"))
    sign = "-" if math.copysign(1, value) < 0 else ""
    name = "nan" if math.isnan(value) else "inf"
    return Atom(f"{sign}{writer.imports.module('math')}.{name}")


def _string(_: LeafWriter, value: str | bytes) -> Expression:
    return Atom(quoted(value))


def _items(writer: LeafWriter, value: Iterable[object]) -> list[Expression]:
    return [writer.write(item) for item in value]


def _set(writer: LeafWriter, value: set[Any]) -> Expression:
    if not value:
        return writer.call(set, ())
    kinds: set[type] = set(map(type, value))
    if kinds in ({int}, {str}):
        return bracketed("{}", _items(writer, sorted(value)))
    # Their order must not depend on hashes, and comparing could mean anything.
    return bracketed("{}", sorted(_items(writer, value), key=lambda item: cast("str", flat(item))))


def _frozenset(writer: LeafWriter, value: frozenset[object]) -> Expression:
    return writer.call(frozenset, [_set(writer, set(value))] if value else ())


def _dict(writer: LeafWriter, value: dict[object, object]) -> Expression:
    return dict_display(writer, value, _items(writer, value.values()))


def dict_display(
    writer: LeafWriter, keys: Iterable[object], values: Iterable[Expression]
) -> Expression:
    """Return a dict display.

    Raises:
        NoSourceError: A key has no source.
    """
    written: list[tuple[str, Expression]] = []
    for key, value in zip(keys, values, strict=True):
        try:
            written.append((f"{flat(writer.write(key))}: ", value))
        except NoSourceError as error:
            raise NoSourceError(f"its key {plain_repr(key)}: {error}") from None
    return Group("{", tuple(written), "}")


def container(leaves: LeafWriter, visit: Visit) -> Expression:
    """Return an expression for a container whose items are written.

    Raises:
        NoSourceError: There is none.
    """
    cls: Any = visit.node.__class__
    written = cast("list[Expression]", visit.results)
    if cls is list:
        return bracketed("[]", written)
    if cls is tuple:
        return bracketed("()", written)
    if cls is dict:
        return dict_display(leaves, visit.keys, written)
    if cls is defaultdict:
        factory = leaves.write(visit.node.default_factory)
        content = [dict_display(leaves, visit.keys, written)] if written else []
        return leaves.call(defaultdict, [factory, *content])
    if cls is slice:
        return leaves.call(slice, written)
    if cls is deque:
        limit = visit.node.maxlen
        limited = {} if limit is None else {"maxlen": leaves.write(limit)}
        return leaves.call(deque, [bracketed("[]", written)], limited)
    if cls is OrderedDict:
        pairs: list[Expression] = [
            bracketed("()", [leaves.write(key), value])
            for key, value in zip(visit.keys, written, strict=True)
        ]
        return leaves.call(OrderedDict, [bracketed("[]", pairs)])
    if issubclass(cls, tuple):
        return named_tuple(leaves, visit.node, written)
    raise NoSourceError(f"a container of class {cls.__name__} has no source; use a list or dict")


def _named_tuple(writer: LeafWriter, value: Any) -> Expression:
    return named_tuple(writer, value, _items(writer, value))


def named_tuple(writer: LeafWriter, value: Any, items: list[Expression]) -> Expression:
    """Return the call that makes a named tuple.

    Raises:
        NoSourceError: Its class has no source.
    """
    return writer.call(value.__class__, (), dict(zip(value._fields, items, strict=True)))


def _enum_member(writer: LeafWriter, value: Any) -> Expression:
    cls: Any = cast("type[enum.Enum]", type(value))
    text = symbol(writer.imports, cls)
    if isinstance(value, enum.Flag) and value not in cls.__members__.values():
        flag: Any = value
        members: list[Any] = [*flag]
        if members and functools.reduce(lambda one, other: one | other, members) == value:
            return Atom(" | ".join(f"{text}.{member.name}" for member in members))
        return writer.form(CallForm(cls, (flag.value,)))
    name = str(value.name)
    if name.isidentifier() and getattr(cls, name, None) is value:
        return Atom(f"{text}.{name}")
    return Atom(f"{text}[{quoted(name)}]")


def _path(writer: LeafWriter, value: pathlib.PurePath) -> Expression:
    native = type(value) is type(pathlib.Path())
    return writer.form(CallForm(pathlib.Path if native else type(value), (str(value),)))


def _module(writer: LeafWriter, value: types.ModuleType) -> Expression:
    if sys.modules.get(value.__name__) is not value:
        raise NoSourceError(f"the module {value.__name__} cannot be imported")
    return Atom(writer.imports.module(value.__name__))


def _named_by_repr(writer: LeafWriter, value: object) -> Expression:
    module, _, name = repr(value).rpartition(".")
    if getattr(sys.modules.get(module), name, None) is not value:
        raise NoSourceError(f"the module {module} has no {name}")
    return Atom(f"{writer.imports.module(module)}.{name}")


def _sentinel(writer: LeafWriter, value: object) -> Expression:
    return Atom(writer.imports.member(PUBLIC, repr(value)))


def _alias(writer: LeafWriter, value: object) -> Atom:
    """A generic alias such as ``list[int]``, or a union."""
    origin, args = taken_apart(value)
    if origin is UNION:
        return Atom(" | ".join(str(flat(writer.write(arg))) for arg in args))
    if not _is_made_of(value, origin, args):
        raise NoSourceError(f"the generic alias {plain_repr(value)} has no source; give it a name")
    inside = ", ".join(str(flat(writer.write(arg))) for arg in args)
    return Atom(f"{_form(writer, origin).text}[{inside or '()'}]")


def _form(writer: LeafWriter, value: object) -> Atom:
    """Return an expression for a class, or for a form of `typing`."""
    name = form_name(value)
    if name is not None:
        return Atom(writer.imports.member("typing", name))
    return Atom(symbol(writer.imports, value))


def _is_made_of(value: object, origin: object, args: tuple[object, ...]) -> bool:
    try:
        return put_together(origin, args) == value
    except Exception:  # typing is particular about what a form takes
        return False


_ENCODERS: Final[dict[type, _Encoder]] = {
    type(None): _literal,
    bool: _literal,
    type(Ellipsis): _literal,
    type(NotImplemented): _literal,
    int: _int,
    float: _float,
    str: _string,
    bytes: _string,
    list: lambda writer, value: bracketed("[]", _items(writer, value)),
    tuple: lambda writer, value: bracketed("()", _items(writer, value)),
    set: _set,
    frozenset: _frozenset,
    dict: _dict,
    types.ModuleType: _module,
    type(NO_VALUE): _sentinel,
    type(VARARGS): _sentinel,
}

#: Leaves that can be edited, or are equal to themselves only.
_SHARED_LEAVES: Final = frozenset({set, bytearray, functools.partial})
_SHARED_BY_NAME: Final = frozenset({"collections.Counter"})
