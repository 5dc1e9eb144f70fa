"""The effects of a constructor so far, and the function of it that is being followed."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import FunctionType, MemberDescriptorType
from typing import Final

import attrs

from ..engine.values import type_of
from .abstract import (
    LITERALS,
    NOTHING_KNOWN,
    SELF,
    THE_OBJECT,
    Root,
    UnreadableError,
    Value,
    ValueKind,
    join,
    joined_names,
    unknown,
)

_MISSING: Final = object()


class Construction(ABC):
    """The effects of a constructor on the object and on its arguments.

    Attributes:
        cls: The class.
        touched: Roots of arguments that the constructor may have changed.
        used: Parameters that it looks at.
        written: Attributes that it may set.
        shared: The ids of containers that variables refer to: they may be filled.
        attributes: The attributes that the function that is followed has set so far.
    """

    def __init__(self, cls: type) -> None:
        """Begin with an object that has no attributes."""
        self.cls = cls
        self.touched: set[Root] = set()
        self.used: set[str] = set()
        self.written: set[str] = set()
        self.shared: set[int] = set()
        self.attributes: dict[str, Value] = {}

    @abstractmethod
    def call(
        self, fn: FunctionType, args: Sequence[Value], kwargs: Mapping[str | None, Value]
    ) -> Value:
        """Follow a call; the key None of ``kwargs`` stands for the content of a ``**kwargs``."""

    def touch(self, values: Sequence[Value], how: str) -> None:
        """Note that the state of values may be changed by code that is not followed.

        Raises:
            UnreadableError: One refers to the object under construction.
        """
        for value in values:
            if THE_OBJECT in value.roots:
                raise UnreadableError(f"passes the object itself to {how}")
            self.touched |= value.roots

    def store(self, name: str, value: Value) -> None:
        """Set an attribute of the object."""
        found = inspect.getattr_static(self.cls, name, None)
        if isinstance(found, property):
            if not isinstance(found.fset, FunctionType):
                raise UnreadableError(f"sets the property {name}, which cannot be followed")
            self.call(found.fset, [SELF, value], {})
            return
        if not isinstance(found, MemberDescriptorType) and hasattr(type_of(found), "__set__"):
            value = NOTHING_KNOWN  # a descriptor does with it what it likes
        self.written.add(name)
        self.attributes[name] = value

    def load(self, name: str) -> Value:
        """Return an attribute of the object."""
        if name == "__dict__":
            raise UnreadableError("uses the __dict__ of the object")
        if name == "__class__":
            return Value(ValueKind.OBJECT, self.cls)
        found = inspect.getattr_static(self.cls, name, None)
        if isinstance(found, property):
            if not isinstance(found.fget, FunctionType):
                raise UnreadableError(f"reads the property {name}, which cannot be followed")
            return self.call(found.fget, [SELF], {})
        if name in self.attributes:
            value = self.attributes[name]
            if value.kind in LITERALS:  # it may be filled from now on
                self.attributes[name] = unknown([value])
            return value
        if isinstance(found, FunctionType):
            return Value(ValueKind.METHOD, found, SELF.roots)
        if isinstance(found, staticmethod | classmethod | type):
            return Value(ValueKind.OBJECT, found)
        if name.startswith("__") and hasattr(found, "__get__"):
            return Value(ValueKind.UNKNOWN, None, SELF.roots)
        return NOTHING_KNOWN

    def load_super(self, after: type, name: str) -> Value:
        """Return an attribute of ``super()``."""
        mro = self.cls.__mro__
        for base in mro[mro.index(after) + 1 :] if after in mro else ():
            found = vars(base).get(name, _MISSING)
            if found is _MISSING:
                continue
            if isinstance(found, FunctionType):
                return Value(ValueKind.METHOD, found, SELF.roots)
            if base is object and name in ("__init__", "__setattr__"):
                return Value(ValueKind.METHOD, found, SELF.roots)
            break
        return Value(ValueKind.UNKNOWN, None, SELF.roots)


@attrs.define(eq=False)
class Activation:
    """A function that is followed.

    Attributes:
        construction: What its steps do to the object.
        globals: Its global namespace.
        class_cell: What its ``__class__`` is, if it has one.
        result: What it returns, or None if it has not yet.
        at_exit: The attributes of the object then.
    """

    construction: Construction
    globals: dict[str, object]
    class_cell: Value | None
    result: Value | None = None
    at_exit: dict[str, Value] | None = None

    def returns(self, value: Value) -> None:
        """Note one way in which the function ends."""
        attributes = self.construction.attributes
        self.result = value if self.result is None else join(self.result, value)
        self.at_exit = (
            dict(attributes) if self.at_exit is None else joined_names(self.at_exit, attributes)
        )
