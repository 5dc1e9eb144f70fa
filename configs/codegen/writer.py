"""From a graph to the source of functions: the parts that both kinds of source share."""

from __future__ import annotations

import abc
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

import attrs

from ..building.operations import call_method
from ..core.names import callable_name
from ..core.slots import NodeSlots
from ..core.tag_type import TagType
from ..node.history import provenance_of
from ..traversal.iteration import Place, places
from ..traversal.location import count_uses
from ..traversal.paths import Attr, Key
from ..traversal.program_order import called, is_program_order_needed, reachable
from ..traversal.traverse import Visit, fold, is_shareable, kind_of
from .errors import NoSourceError
from .identifiers import Imports, Names, variable_name
from .layout import Atom, Commented, Expression, Variable, bracketed, height_of, size_of
from .literals import LeafWriter, container, is_shared_leaf
from .problems import Problems
from .source_functions import Function, Functions, Statement

if TYPE_CHECKING:
    from ..node.buildable import Buildable

# Groups nested in one statement: deeper ones are hard to read, and much deeper ones exceed the
# limits of Python's parser.
_MAX_HEIGHT: Final = 8
# How far up a node without a name of its own looks for one.
_NAME_STEPS: Final = 4


@attrs.frozen
class Options:
    """How a source is written; see `to_source`.

    Attributes:
        name: The name of the main function.
        sub_fixtures: The values that functions of their own return, by the names of those.
        max_expression_complexity: How many values an argument may be written with; None for any.
        include_history: Whether comments say where arguments were set.
    """

    name: str
    sub_fixtures: Mapping[str, object]
    max_expression_complexity: int | None
    include_history: bool

    def __attrs_post_init__(self) -> None:
        """Check the complexity.

        Raises:
            ValueError: It is negative.
        """
        most = self.max_expression_complexity
        if most is not None and most < 0:
            raise ValueError(f"max_expression_complexity has to be 0 or more, not {most}")


#: Stands for the value of what is all written, as a statement.
WRITTEN: Final = Variable("nothing")


class GraphWriter(abc.ABC):
    """Writes one graph, children first: shared and deeply nested values go into variables.

    Args:
        root: The graph.
        options: How it is written.
        in_statements: Whether each call of a program is a statement of its own.
    """

    def __init__(self, root: object, options: Options, *, in_statements: bool = False) -> None:
        self.options = options
        self._root = root
        self._functions = Functions(options.name, root, options.sub_fixtures)
        #: The function that statements are added to.
        self.function = self._functions.main
        self._names = Names(options.name, *options.sub_fixtures)
        self.imports = Imports(self._names)
        self.leaves = LeafWriter(self.imports, self.callee)
        self.problems = Problems()
        self._stack: list[Visit] = []
        self._uses: Counter[int] = Counter()
        self._shared_leaves: dict[int, Variable] = {}
        # The ids of nodes that are statements of their own, and of those whose value nobody needs.
        self._calls: set[int] = set()
        self._effects: set[int] = set()
        self._in_statements = in_statements
        # The calls in expressions that no statement has yet; by the id of such an expression, how
        # many are in it.
        self._pending: list[int | Function] = []
        self._sizes: dict[int, int] = {}

    #: Whether effects are values of the source, too.
    needs_effects: bool = False

    @abc.abstractmethod
    def callee(self, fn: object, text: str) -> str:
        """Return the text of a callee whose call runs and makes a value."""

    @abc.abstractmethod
    def write_node(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        """Return an expression for a buildable whose arguments are written.

        Raises:
            NoSourceError: There is none.
        """

    def finish_node(self, node: Buildable[object], value: Expression) -> Expression:
        """Add the statements that edit a new buildable; return an expression for it."""
        return value

    def write_container(self, visit: Visit) -> Expression:
        """Return an expression for a container whose items are written.

        Raises:
            NoSourceError: There is none.
        """
        return container(self.leaves, visit)

    @abc.abstractmethod
    def header(self, root: object) -> list[str]:
        """Return the decorators of a function, given its value, and import their names."""

    def write(self) -> str:
        """Return the source.

        Raises:
            CodegenError: Values have no source.
            CycleError: The graph contains itself.
        """
        self._uses = count_uses(self._root, lambda value: kind_of(value) or is_shared_leaf(value))
        main = self._functions.main
        main.result = self._write_in_order()
        main.calls += self._pending
        functions = [main, *self._functions.others]
        headers = [self.header(function.root) for function in functions]
        if not self.problems.found:
            for function in self._functions.finish(self._names):
                self.problems.refuse(
                    self._root, function, "it uses what is made after it would be called"
                )
        self.problems.check()
        parts = [
            "\n".join([*header, *function.lines(), ""])
            for header, function in zip(headers, functions, strict=True)
        ]
        imports = "\n".join([*self.imports.lines(), ""])
        return "\n\n".join([imports, *parts] if imports else parts)

    def check_order(self) -> None:
        """Refuse functions that make calls of the program in another order.

        Raises:
            CodegenError: There are some.
        """
        for function in self._functions.interleaved() if self._calls else ():
            self.problems.refuse(
                self._root, function, "other calls of the program come between its own"
            )
        self.problems.check()

    def _write_in_order(self) -> Expression:
        """Return the expression of the graph; calls are statements where their order matters."""
        root = self._root
        memo: dict[int, Expression] = {}

        def write(value: object) -> Expression:
            stack = self._stack
            return cast(
                "Expression", fold(value, self._combine, self._leaf, memo, stack, effects=False)
            )

        nodes = reachable(root)
        if not self._in_statements and not is_program_order_needed(root, nodes):
            return write(root)
        hosts = [node for node in nodes if node.__effects__]
        calls = called(nodes)
        self.problems.places = {
            id(place.value): place for place, first in places(root) if first is None
        }
        self._effects = {id(effect) for node in hosts for effect in node.__effects__ or ()}
        self._calls = set(map(id, calls)) | set(map(id, hosts))
        for node in calls:
            write(node)
        result = write(root)
        self.function = self._functions.main
        if hosts and not isinstance(result, Variable | Atom):
            result = self.define("result", result)
        for host in hosts:
            written = [write(effect) for effect in host.__effects__ or ()]
            self.function = self._functions.owner(host)
            self.finish_effects(self._seen_inside(host, memo[id(host)]), written)
        return result

    def finish_effects(self, host: Expression, effects: list[Expression]) -> None:  # noqa: B027 - not a must
        """Add the statements that give a node its effects; all of them are written."""

    def is_call(self, node: Buildable[object]) -> bool:
        """Return whether it matters in which order a node is made."""
        return node.__order__ > 0 and id(node) in self._calls

    def is_shared(self, node: object) -> bool:
        """Return whether a node is used more than once."""
        return self._uses[id(node)] > 1

    def is_sub_fixture(self, node: object) -> bool:
        """Return whether a function of its own returns a node."""
        return self._functions.returning(node) is not None

    def define(self, wanted: str, value: Expression) -> Variable:
        """Add a statement that defines a variable."""
        variable = Variable(wanted)
        self.add(variable, "", value)
        return variable

    def add(
        self, target: Expression | None, suffix: str, value: Expression | None, sign: str = " = "
    ) -> None:
        """Add a statement; see `Statement`."""
        function = self.function
        function.statements.append(Statement(target, suffix, value, sign, function.level))

    def _leaf(self, value: object) -> Expression:
        known = self._shared_leaves.get(id(value))
        if known is not None:
            return known
        try:
            expression = self.leaves.write(value)
        except NoSourceError as error:
            if self._stack:
                index = len(self._stack[-1].results)
                self.problems.add(self._stack, str(error), index, value)
            else:
                self.problems.add_at(Place(value), str(error))
            return Atom("None")
        if self._uses[id(value)] < 2:
            return expression
        self.function = self._functions.owner(value)
        variable = self.define(self._wanted(self._stack, value), expression)
        self._shared_leaves[id(value)] = variable
        return variable

    @property
    def is_in_order(self) -> bool:
        """Whether the calls that are written are made in the order of the program."""
        numbers = self._functions.main.numbers()
        return numbers == sorted(numbers)

    def _combine(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        node, written = visit.node, visit.results
        self.function = self._functions.owner(node)
        size = sum(self._sizes.pop(id(part), 0) for part in written)
        if self.function.caller is not None:
            children = visit.kind.flatten(node)[1]
            known = cast("list[Expression]", written)
            visit.results = [*map(self._seen_inside, children, known)]
        if visit.kind.buildable and self.has_comments(node):
            self._add_comments(visit)
        function = self._functions.returning(node)
        expression = self._written(visit, stack)
        expression = self._placed(expression, visit, stack, returned=function is not None)
        if visit.kind.buildable and node.__order__:
            self._pending.append(node.__order__)
            size += 1
        self._count(expression, size)
        return expression if function is None else self._called(function, expression, visit, stack)

    def _written(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        """Return the expression of a value, where it is not known yet whether it is a statement."""
        try:
            if visit.kind.buildable:
                return self.finish_node(visit.node, self.write_node(visit, stack))
            return self.write_container(visit)
        except NoSourceError as error:
            self.problems.add(stack, str(error))
            return Atom("None")

    def _placed(
        self, expression: Expression, visit: Visit, stack: Sequence[Visit], *, returned: bool
    ) -> Expression:
        """Add a statement for an expression if it needs one; return an expression of its value.

        Args:
            expression: The expression.
            visit: The value.
            stack: The visits that lead to it.
            returned: Whether a function returns it.
        """
        node = visit.node
        if isinstance(expression, Variable):
            return expression
        shared = self.is_shared(node) and is_shareable(visit.kind, node)
        if id(node) in self._effects and not (self.needs_effects or shared or returned):
            self.add(None, "", expression)
            return WRITTEN
        if (
            id(node) in self._calls
            or (shared and not returned)
            or self.needs_variable(expression, stack, whole=returned or len(stack) == 1)
        ):
            return self.define(self._wanted(stack[:-1], node), expression)
        return expression

    def needs_variable(
        self, expression: Expression, stack: Sequence[Visit], *, whole: bool
    ) -> bool:
        """Return whether an expression that is used once has to be in a variable.

        Args:
            expression: The expression.
            stack: The visits that lead to its value.
            whole: Whether it is no part of another.
        """
        if whole:
            return False
        most = self.options.max_expression_complexity
        height, size = self.measure(expression)
        return height >= _MAX_HEIGHT or (most is not None and size > most)

    def measure(self, expression: Expression) -> tuple[int, int]:
        """Return how deep an expression is, and how many values it has."""
        return height_of(expression), size_of(expression)

    def _count(self, expression: Expression, size: int) -> None:
        """Note that the last of the pending calls are in an expression, or in its statement."""
        if isinstance(expression, Variable) and size:
            self.function.calls += self._pending[-size:]
            del self._pending[-size:]
        elif size:
            self._sizes[id(expression)] = size

    def _called(
        self, function: Function, result: Expression, visit: Visit, stack: Sequence[Visit]
    ) -> Expression:
        """End a function with the expression that it returns; return one of its call."""
        if result is WRITTEN or function.caller is None:
            self.problems.add(
                stack, f"sub-fixture {function.name!r} is a statement, without a value"
            )
            return Atom("None")
        function.result = result
        size = self._sizes.pop(id(result), 0)
        function.calls += self._pending[len(self._pending) - size :]
        self._pending[len(self._pending) - size :] = [function]
        self.function = function.caller
        call = self._functions.call(function)
        expression = self._placed(call, visit, stack, returned=False)
        self._count(expression, 1)
        return expression

    def _seen_inside(self, value: object, expression: Expression) -> Expression:
        """Return the expression of a value in the function that is written now.

        What acts on the value of a function is written after that, and in that function.
        """
        for function in self.function.with_callers():
            if function.root is value and function.result is not None:
                return function.result
        return expression

    def has_comments(self, node: Buildable[object]) -> bool:
        """Return whether comments are written behind the arguments of a node."""
        return self.options.include_history

    def _add_comments(self, visit: Visit) -> None:
        for index, key in enumerate(visit.keys):
            place = provenance_of(visit.node, key)
            if place is not None:
                text = "".join(
                    each if each.isprintable() else repr(each)[1:-1] for each in f"set at {place}"
                )
                visit.results[index] = Commented(
                    visit.results[index],  # pyright: ignore[reportArgumentType]
                    text,
                )

    def tags(self, tags: Collection[TagType]) -> Expression:
        """Return an expression for a list of tags."""
        ordered = sorted(tags, key=lambda tag: tag.name)
        return bracketed("[]", [Atom(self.leaves.symbol(tag)) for tag in ordered])

    def variable(self, node: Buildable[object], value: Expression) -> Variable:
        """Return a variable that holds a buildable, so that it can be edited."""
        if isinstance(value, Variable):
            return value
        return self.define(self._wanted(self._stack[:-1], node), value)

    def _wanted(self, parents: Sequence[Visit], value: object) -> str:
        """Return a name for a value from the argument or key that it is."""
        kind = kind_of(value)
        buildable = kind is not None and kind.buildable
        for visit in [*reversed(parents[-_NAME_STEPS:])]:
            element = visit.kind.element(visit.keys[len(visit.results)])
            if isinstance(element, Attr):
                return variable_name(element.name)
            if isinstance(element, Key) and isinstance(element.key, str):
                return variable_name(element.key)
            if buildable:
                break
        return variable_name(_said(cast("NodeSlots", value))) if buildable else "values"


def _said(node: NodeSlots) -> str:
    """Return the name of a callable, or the name of the member that it stands for."""
    fn: object = node.__fn_or_cls__
    if fn is getattr or fn is call_method:
        return str(node.__arguments__.get(1))
    return "value" if getattr(fn, "__module__", "") == "_operator" else callable_name(fn)
