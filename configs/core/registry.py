"""The classes of nodes and of most leaves, which is asked of every value of a graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final

BUILDABLE_TYPES: Final[set[type[Any]]] = set()
"""Every subclass of `Buildable` that exists, itself included; new ones add themselves."""

class_of: Final[Callable[[object], type[Any]]] = type
"""`type`, for values of which a type checker knows nothing: `cast` takes longer than asking."""

class_namespace: Final[Callable[[type], Mapping[str, object]]] = type.__dict__["__dict__"].__get__
"""Return the namespace of a class itself; no metaclass is asked."""

bases_of: Final[Callable[[type], tuple[type, ...]]] = type.__dict__["__mro__"].__get__
"""Return a class and its bases, in the order of look-up; no metaclass is asked."""

LEAF_TYPES: Final[set[type]] = {
    *(type(None), bool, int, float, complex, str, bytes),
    *(type, FunctionType, BuiltinFunctionType),
}
"""Types of most leaves, to tell them fast. All are immutable: their copy is the value itself."""

UNUSED_ID_BITS: Final = 4 if sys.maxsize > 1 << 32 else 3
"""How far to shift ids to the right in tables of all nodes of a graph.

An id is an address, and no object is shorter than two words, so what is left is unique still. With
a million nodes such a table takes half the time: a number's place in it is given by its lowest
bits, and nodes made one after the other, whose numbers are closer now, share a page of memory.
"""
