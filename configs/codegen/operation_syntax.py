"""Nodes that stand for operations, written as a person does: ``model.layers[0] + 1``."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, cast

from ..building.operations import call_method, enter_context, leave_context, unpack
from ..core.slots import NodeSlots
from ..node.kinds import Config, Partial
from ..signature.signature import signature_of
from ..traversal.location import count_uses
from ..traversal.program_order import called, reachable
from .arguments import arguments_of
from .errors import NoSourceError
from .layout import Atom, Chain, Expression, Group, Variable, bound, call, can_be_keyword, flat
from .source_functions import Function
from .writer import WRITTEN, GraphWriter

_BINARY: Final = {
    **{"add": "+", "sub": "-", "mul": "*", "matmul": "@", "truediv": "/", "floordiv": "//"},
    **{"mod": "%", "pow": "**", "lshift": "<<", "rshift": ">>", "and_": "&", "or_": "|"},
    "xor": "^",
}
_COMPARED: Final = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_UNARY: Final = {"neg": "-", "pos": "+", "invert": "~"}


def _by_function(symbols: dict[str, str], before: str = "") -> dict[int, str]:
    """Return symbols by the `id` of the functions of `operator`, whose names begin with a text."""
    return {
        id(getattr(operator, before + (name.rstrip("_") if before else name))): symbol
        for name, symbol in symbols.items()
    }


_INFIX: Final = _by_function(_BINARY | _COMPARED)
_PREFIX: Final = _by_function(_UNARY)
_IN_PLACE: Final = _by_function(_BINARY, "i")
#: Values of these types leave an operation to the object at its right; text but for ``%``.
_LEAVING: Final = frozenset({bool, complex, float, int, list, str, tuple})

#: A `Visit` of a node, of which the results are expressions.
_Written: TypeAlias = Any
_Way: TypeAlias = Callable[["OperationWriter", GraphWriter, _Written], Expression]


class OperationWriter:
    """The nodes of a graph that are written as operations, and how.

    Attributes:
        has_with: Whether there is a ``with`` among them.
    """

    def __init__(self, graph: object) -> None:
        nodes = reachable(graph)
        self._effects = {id(effect) for node in nodes for effect in node.__effects__ or ()}
        self._ways: dict[int, _Way] = {}
        self._unpacked: dict[int, list[Expression]] = {}
        self._blocks: list[tuple[Function, int]] = []
        self.has_with = False
        candidates = [node for node in nodes if id(node.__fn_or_cls__) in _WAYS and _fits(node)]
        if not candidates:
            return
        self._uses = count_uses(graph)
        for node in candidates:
            number = id(node)
            if id(node.__fn_or_cls__) not in _STATEMENTS or (
                number in self._effects and self._uses[number] == 1
            ):
                self._ways[number] = _WAYS[id(node.__fn_or_cls__)]
        self._find_unpacked(candidates)
        self._find_blocks(candidates)

    def __contains__(self, node: object) -> bool:
        """Return whether a node is written as an operation."""
        return id(node) in self._ways

    def __bool__(self) -> bool:
        """Return whether any is."""
        return bool(self._ways)

    def write(self, writer: GraphWriter, visit: _Written) -> Expression:
        """Return an expression of a node that is written as an operation.

        Args:
            writer: What writes the graph; a statement is added to it.
            visit: The node, and its arguments, which are written.

        Returns:
            `WRITTEN` if a statement does all.
        """
        return self._ways[id(visit.node)](self, writer, visit)

    def _find_unpacked(self, nodes: Sequence[NodeSlots]) -> None:
        """Have those unpacked into names of which nothing but the items is used."""
        items: dict[int, dict[int, list[NodeSlots]]] = defaultdict(lambda: defaultdict(list))
        for node in nodes:
            key = node.__arguments__.get(1)
            if node.__fn_or_cls__ is operator.getitem and type(key) is int:
                items[id(node.__arguments__[0])][key].append(node)
        for node in nodes:
            if node.__fn_or_cls__ is not unpack:
                continue
            found, number = items[id(node)], id(node)
            total = len(found) + (number in self._effects)
            if (
                self._uses[number] == total
                and all(len(each) == 1 for each in found.values())
                and set(found) <= set(range(node.__arguments__[1]))  # pyright: ignore[reportArgumentType]
            ):
                self._ways.update((id(each[0]), _unpacked_item) for each in found.values())
                self._unpacked[number] = [
                    Variable("item") if index in found else Atom("_")
                    for index in range(node.__arguments__[1])  # pyright: ignore[reportArgumentType]
                ]
            else:
                del self._ways[number]

    def _find_blocks(self, nodes: Sequence[NodeSlots]) -> None:
        """Have contexts entered by ``with`` statements if each lies in another, or beside it."""
        entered: list[NodeSlots] = []
        blocks = [node for node in nodes if node.__fn_or_cls__ in (enter_context, leave_context)]
        for node in called(blocks):
            if node.__fn_or_cls__ is enter_context:
                entered.append(node)
            elif not entered or not _leaves(node, entered.pop()) or id(node) not in self._ways:
                break
        else:
            self.has_with = bool(blocks)
            if not entered and all(node.__order__ for node in blocks):
                return
        self.has_with = False
        for node in blocks:
            self._ways.pop(id(node), None)

    def unpack(self, writer: GraphWriter, visit: _Written) -> Expression:
        """Write the unpacking of a value into names."""
        names = self._unpacked[id(visit.node)]
        parts: list[str | Expression] = []
        for name in names:
            parts += [name, ", "]
        target = ["[", *parts[:-1], "]"] if len(names) < 2 else parts[:-1]
        writer.add(Chain(tuple(target)), "", visit.results[0])
        return WRITTEN

    def unpacked_item(self, visit: _Written) -> Expression:
        """Return the name of an item."""
        node: Config[object] = visit.node
        whole, index = node.__arguments__.values()
        return self._unpacked[id(whole)][cast("int", index)]

    def enter(self, writer: GraphWriter, visit: _Written) -> Expression:
        """Begin a ``with`` statement, with the call that makes its object if used only there."""
        (manager,) = visit.kind.flatten(visit.node)[1]
        value: Expression = visit.results[0]
        function = writer.function
        last = function.statements[-1] if function.statements else None
        if last is not None and last.defines(value) and self._uses[id(manager)] == 2:
            made = last.value or value
            if flat(made) is not None:  # it has no comments
                value = made
                function.statements.pop()
        name = WRITTEN if self._uses[id(visit.node)] == 1 else Variable("entered")
        header = ("with ", value) if name is WRITTEN else ("with ", value, " as ", name)
        writer.add(Chain(header), ":", None)
        function.level += 1
        self._blocks.append((function, len(function.statements)))
        return name

    def leave(self, writer: GraphWriter) -> Expression:
        """End a ``with`` statement.

        Raises:
            NoSourceError: It was begun in another function.
        """
        function, begin = self._blocks.pop()
        if function is not writer.function:
            raise NoSourceError(
                "a with block begins in one function and ends in another; choose other sub-fixtures"
            )
        if begin == len(function.statements):
            writer.add(None, "", Atom("pass"))
        function.level -= 1
        return WRITTEN


def _leaves(node: NodeSlots, entered: NodeSlots) -> bool:
    """Return whether a node leaves the context that another entered."""
    arguments = node.__arguments__
    return arguments[1] is entered and arguments[0] is entered.__arguments__[0]


def _fits(node: NodeSlots) -> bool:
    """Return whether the arguments of a node fit an operation on another node."""
    fn, arguments = id(node.__fn_or_cls__), node.__arguments__
    if type(node) is not Config or node.__argument_tags__:
        return False
    positions = [key for key in arguments if isinstance(key, int)]
    if positions != [*range(len(positions))]:
        return False
    count = _COUNTS.get(fn)
    if count is not None and len(arguments) != count:
        return False
    first, second = arguments.get(0), arguments.get(1)
    if fn == id(getattr) and not (2 <= len(arguments) <= 3 and isinstance(second, str)):
        return False
    if fn in _NAMED and not (isinstance(second, str) and can_be_keyword(second)):
        return False
    if node.__fn_or_cls__ is unpack and type(second) is not int:
        return False
    if type(first) is Config:
        return True
    if type(first) is Partial:  # whose call is that of its callable
        return node.__fn_or_cls__ is not operator.call
    leaves = type(first) in _LEAVING and not (isinstance(first, str) and _INFIX.get(fn) == "%")
    return fn in _INFIX and leaves and type(second) is Config


def _attribute(_: OperationWriter, __: GraphWriter, visit: _Written) -> Expression:
    if len(visit.results) == 2 and can_be_keyword(_name(visit)):
        return Chain((bound(visit.results[0]), f".{_name(visit)}"))
    return call("getattr", visit.results)


def _name(visit: _Written) -> str:
    return visit.node.__arguments__[1]


def _call(callee: str, visit: _Written, given: int) -> Expression:
    signature = signature_of(visit.node.__fn_or_cls__)
    positional, named, _ = arguments_of(signature, visit)
    return Chain((bound(visit.results[0]), call(callee, positional[given:], named)))


def _item(visit: _Written) -> Expression:
    key: Expression = visit.results[1]
    if type(visit.node.__arguments__[1]) is slice and isinstance(key, Group):
        start, stop, step = (_bound_of_slice(each) for _, each in key.items)
        key = Chain((*start, ":", *stop, *((":", *step) if step else ())))
    return Chain((bound(visit.results[0]), Group("[", (("", key),), "]")))


def _bound_of_slice(value: Expression) -> tuple[Expression, ...]:
    return () if isinstance(value, Atom) and value.text == "None" else (value,)


def _infix(_: OperationWriter, __: GraphWriter, visit: _Written) -> Expression:
    left, right = (_operand(each) for each in visit.results)
    symbol = _INFIX[id(visit.node.__fn_or_cls__)]
    return Chain((left, f" {symbol} ", right), binds=False)


def _operand(value: Expression) -> Expression:
    is_number = isinstance(value, Atom) and value.text[:1].isdigit()
    return value if is_number else bound(value)


def _prefix(_: OperationWriter, __: GraphWriter, visit: _Written) -> Expression:
    return Chain((_PREFIX[id(visit.node.__fn_or_cls__)], bound(visit.results[0])), binds=False)


def _in_place(_: OperationWriter, writer: GraphWriter, visit: _Written) -> Expression:
    target, value = visit.results
    wanted = target.wanted if isinstance(target, Variable) else "value"
    changed = writer.define(wanted, target)
    writer.add(changed, "", value, f" {_IN_PLACE[id(visit.node.__fn_or_cls__)]}= ")
    return changed


def _set_attribute(_: OperationWriter, writer: GraphWriter, visit: _Written) -> Expression:
    writer.add(bound(visit.results[0]), f".{_name(visit)}", visit.results[2])
    return WRITTEN


def _delete_attribute(_: OperationWriter, writer: GraphWriter, visit: _Written) -> Expression:
    writer.add(None, "", Chain(("del ", bound(visit.results[0]), f".{_name(visit)}")))
    return WRITTEN


def _set_item(_: OperationWriter, writer: GraphWriter, visit: _Written) -> Expression:
    writer.add(_item(visit), "", visit.results[2])
    return WRITTEN


def _delete_item(_: OperationWriter, writer: GraphWriter, visit: _Written) -> Expression:
    writer.add(None, "", Chain(("del ", _item(visit))))
    return WRITTEN


def _unpacked_item(operations: OperationWriter, _: GraphWriter, visit: _Written) -> Expression:
    return operations.unpacked_item(visit)


_WAYS: Final[dict[int, _Way]] = {
    **dict.fromkeys(_INFIX, _infix),
    **dict.fromkeys(_PREFIX, _prefix),
    **dict.fromkeys(_IN_PLACE, _in_place),
    id(getattr): _attribute,
    id(setattr): _set_attribute,
    id(delattr): _delete_attribute,
    id(call_method): lambda _, __, visit: _call(f".{_name(visit)}", visit, 2),
    id(operator.call): lambda _, __, visit: _call("", visit, 1),
    id(operator.getitem): lambda _, __, visit: _item(visit),
    id(operator.setitem): _set_item,
    id(operator.delitem): _delete_item,
    id(unpack): OperationWriter.unpack,
    id(enter_context): OperationWriter.enter,
    id(leave_context): lambda operations, writer, _: operations.leave(writer),
}
#: How many arguments there have to be.
_COUNTS: Final[dict[int, int]] = {
    **dict.fromkeys((*_INFIX, *_IN_PLACE), 2),
    **dict.fromkeys(_PREFIX, 1),
    **{id(fn): 1 for fn in (enter_context,)},
    **{id(fn): 2 for fn in (delattr, operator.getitem, operator.delitem, unpack)},
    **{id(fn): 2 for fn in (leave_context,)},
    **{id(fn): 3 for fn in (setattr, operator.setitem)},
}
#: What has the name of a member as its second argument.
_NAMED: Final = frozenset(map(id, (setattr, delattr, call_method)))
#: What has no value, and so can only be an effect.
_STATEMENTS: Final = frozenset(
    map(id, (setattr, delattr, operator.setitem, operator.delitem, leave_context))
)
