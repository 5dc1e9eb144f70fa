"""Values that a program needs during the capture, of nodes whose calls the policy knows as pure.

Such a node is built on the spot. It stays in the graph as far as the result reaches it; what the
program did by its value is fixed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, Final

from ...configs import (
    BUILDABLE_TYPES,
    Buildable,
    Config,
    build,
    contains_buildable,
    get_callable,
    independent_build,
    iter_nodes,
)
from ..engine.values import Args, Node, Value, type_of

#: What is not known.
UNKNOWN: Final = object()
_PURE_OPERATIONS: Final = frozenset(
    id(getattr(operator, name))
    for name in (
        *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "getitem"),
        *("lshift", "rshift", "and_", "or_", "xor", "neg", "pos", "invert"),
        *("lt", "le", "gt", "ge"),
    )
) | {id(getattr)}


class KnownValues:
    """The values of the nodes of one capture that it needs.

    Args:
        recorder: The `Recorder`.
    """

    __slots__ = ("_known", "_recorder")

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder
        #: By the id of a node: that, the ids of all nodes in it, up to which of those that are made
        #: nothing else uses one of them, and the value.
        self._known: dict[int, tuple[Node, frozenset[int], int, Value]] = {}

    def of(self, node: Node) -> Value:
        """Return the value that a node builds to; `UNKNOWN` if that takes more than pure calls.

        Raises:
            BuildError: A call fails, as it would in the plain function.
        """
        found = self._known.get(id(node))
        if found is None:
            inner = [*iter_nodes(node)]
            if not all(map(self._is_pure, inner)):
                return UNKNOWN
            found = (node, frozenset(map(id, inner)), 0, UNKNOWN)
        _, inside, checked, value = found
        made = self._recorder.made
        if self._are_used(inside, made[checked if checked <= len(made) else 0 :]):
            return UNKNOWN
        if value is UNKNOWN:
            with independent_build():
                value = build(node)
            # That nobody uses them is no effect.
            made[:] = [each for each in made if id(each) not in inside]
        self._known[id(node)] = (node, inside, len(made), value)
        return value

    def _is_pure(self, node: Node) -> bool:
        fn: Any = get_callable(node)
        if type_of(node) is not Config or node.__effects__:
            return False
        return id(fn) in _PURE_OPERATIONS or self._recorder.policy.decide(fn).pure

    def _are_used(self, inside: frozenset[int], made: list[Node]) -> bool:
        """Tell whether calls that may change their arguments are given one of some nodes."""
        others = [each for each in made if id(each) not in inside and not self._is_pure(each)]
        return any(id(node) in inside for each in others for node in _given(each))


def _given(node: Node) -> Iterator[Buildable[object]]:
    for value in node.__arguments__.values():
        yield from iter_nodes(value)


def _equal(value: Value, other: object) -> bool | None:
    found = value == other
    return found if isinstance(found, bool) else None


def _item(value: Value, key: object) -> Value:
    """Return an item of a sequence, as which only such values are iterated."""
    kind = type_of(value)
    is_sequence = hasattr(kind, "__len__") and hasattr(kind, "__getitem__")
    return None if not is_sequence or hasattr(kind, "keys") else value[key]


#: By the name of a special method: what answers for a value, or None if nothing does.
_ANSWERS: Final[dict[str, Callable[..., object]]] = {
    "bool": bool,
    "eq": _equal,
    "format": format,
    "getitem": _item,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def answer(values: KnownValues, node: Node, method: str, operands: Args) -> object:
    """Return the result of a special method of a node's value, or None if it is not known."""
    ask = _ANSWERS.get(method)
    if ask is None:
        return None
    value, *others = with_values(values, (node, *operands))
    return None if contains_buildable([value, *others]) else ask(value, *others)


def with_values(values: KnownValues, args: Args) -> Args:
    """Return arguments with the values of nodes in place of these, as far as they are known."""
    found: list[object] = []
    for arg in args:
        value = values.of(arg) if type_of(arg) in BUILDABLE_TYPES else UNKNOWN
        found.append(arg if value is UNKNOWN else value)
    return tuple(found)
