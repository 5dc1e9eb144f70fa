"""Values and states as a reader of a constructor knows them, without running it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import attrs

#: A parameter, or the object that a chain of attributes of it leads to.
Root: TypeAlias = tuple[str, ...]
#: The root of what may refer to the object under construction.
THE_OBJECT: Final[Root] = ()
_MAX_STEPS: Final = 4


class UnreadableError(Exception):
    """A constructor cannot be followed; the text completes "its constructor"."""


class ValueKind(enum.Enum):
    """The kind of a value."""

    UNKNOWN = enum.auto()
    PARAMETER = enum.auto()  # what was passed for it; its name
    SELF = enum.auto()  # the object under construction
    CONSTANT = enum.auto()  # this very object, or one equal to it
    OBJECT = enum.auto()  # a class, function or module, found by name
    METHOD = enum.auto()  # a function, bound to the object under construction
    SUPER = enum.auto()  # ``super()`` of it; the class whose bases come next
    SEQUENCE = enum.auto()  # a list or tuple of known length; a `Star` may be among the values
    MAPPING = enum.auto()  # a dict as pairs of name and value; a `Star` has the name None
    NULL = enum.auto()


@attrs.frozen(eq=False)
class Value:
    """A value, as far as it is known.

    Attributes:
        kind: Its kind.
        payload: As the kind says.
        roots: The objects that it may share state with.
        starred: In a sequence, whether it stands for all of its elements.
    """

    kind: ValueKind
    payload: Any = None
    roots: frozenset[Root] = frozenset()
    starred: bool = False

    def same(self, other: Value) -> bool:
        """Return whether nothing tells the two apart."""
        if self is other:
            return True
        if self.kind is not other.kind or self.roots != other.roots:
            return False
        mine, theirs = self.payload, other.payload
        if self.kind in LITERALS:
            return len(mine) == len(theirs) and all(map(_same_part, mine, theirs))
        return mine is theirs or (isinstance(mine, str) and mine == theirs)


#: What is known of containers that the constructor itself makes.
LITERALS: Final = (ValueKind.SEQUENCE, ValueKind.MAPPING)


def _same_part(one: Any, other: Any) -> bool:
    """Compare parts of a sequence, or of a mapping: pairs of a name and a value."""
    if isinstance(one, Value):
        return one.starred == other.starred and one.same(other)
    return one[0] == other[0] and one[1].same(other[1])


NOTHING_KNOWN: Final = Value(ValueKind.UNKNOWN)
NULL: Final = Value(ValueKind.NULL)
SELF: Final = Value(ValueKind.SELF, None, frozenset((THE_OBJECT,)))


def parameter(name: str) -> Value:
    """Return the value of a parameter."""
    return Value(ValueKind.PARAMETER, name, frozenset(((name,),)))


def constant(value: object) -> Value:
    """Return the value of a constant."""
    return Value(ValueKind.CONSTANT, value)


def unknown(parts: Iterable[Value]) -> Value:
    """Return a value that is known by its parts only."""
    roots = frozenset[Root]().union(*(part.roots for part in parts))
    return Value(ValueKind.UNKNOWN, None, roots) if roots else NOTHING_KNOWN


def attribute_of(owner: Value, name: str) -> Value:
    """Return an attribute of a value of which little is known."""
    roots = ((*root, name) if root and len(root) < _MAX_STEPS else root for root in owner.roots)
    return Value(ValueKind.UNKNOWN, None, frozenset(roots))


def join(one: Value, other: Value) -> Value:
    """Return one value for two of which either may be there."""
    return one if one.same(other) else unknown((one, other))


@attrs.define(eq=False)
class FrameState:
    """The value stack, the variables, and the attributes of the object, at one instruction."""

    stack: list[Value]
    variables: dict[str, Value]
    attributes: dict[str, Value]

    def copy(self) -> FrameState:
        """Return a copy to change."""
        return FrameState(list(self.stack), dict(self.variables), dict(self.attributes))

    def pop(self, count: int) -> list[Value]:
        """Take values off the stack; the last one was on top."""
        start = len(self.stack) - count
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def joined(self, other: FrameState) -> FrameState | None:
        """Return the state if either is the case; None if that is no less than here."""
        if len(self.stack) != len(other.stack):
            raise UnreadableError("has code that cannot be followed")
        stack = [join(one, two) for one, two in zip(self.stack, other.stack, strict=True)]
        variables = joined_names(self.variables, other.variables)
        attributes = joined_names(self.attributes, other.attributes)
        same = (
            all(a.same(b) for a, b in zip(stack, self.stack, strict=True))
            and _same_names(variables, self.variables)
            and _same_names(attributes, self.attributes)
        )
        return None if same else FrameState(stack, variables, attributes)


def joined_names(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    """Return the values of names; one that only one side has is unknown."""
    return {
        name: join(one.get(name, NOTHING_KNOWN), other.get(name, NOTHING_KNOWN))
        for name in {**one, **other}
    }


def _same_names(one: dict[str, Value], other: dict[str, Value]) -> bool:
    return one.keys() == other.keys() and all(one[name].same(other[name]) for name in one)
