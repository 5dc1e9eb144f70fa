"""From a graph to the source of a function: what both kinds of source have in common."""

from __future__ import annotations

import abc
import keyword
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..building.operations import call_method
from ..core.names import callable_name
from ..core.provenance import Provenance, SavedProvenance
from ..core.tag_type import TagType
from ..node.history import provenance_of
from ..signature.signature import Signature
from ..traversal.iteration import Place, places
from ..traversal.locating import count_uses
from ..traversal.paths import Attr, Key
from ..traversal.program_order import called, is_program_order_needed, reachable
from ..traversal.traverse import Visit, fold, is_shareable, kind_of
from .errors import CodegenError, NoSourceError, SourceProblem
from .layout import Atom, Chain, Expression, Variable, display, flat, height_of, lines
from .leaves import LeafWriter, dict_display, is_shared_leaf, named_tuple
from .names import Imports, Names, variable_name

if TYPE_CHECKING:
    from ..node.buildable import Buildable

# Groups nested in one statement: deeper ones are hard to read, and much deeper ones exceed the
# limits of Python's parser.
_MAX_HEIGHT: Final = 8
# How far up a node without a name of its own looks for one.
_NAME_STEPS: Final = 4


@attrs.frozen(eq=False)
class Statement:
    """A statement of the function.

    Attributes:
        target: What it assigns or edits; None for an expression alone.
        suffix: What follows the target, such as ``[0]``.
        value: The expression; None if the target and the suffix are all.
        sign: What stands between.
        level: In how many blocks it is.
    """

    target: Expression | None
    suffix: str
    value: Expression | None
    sign: str = " = "
    level: int = 0

    def variables(self) -> Iterator[Variable]:
        """Yield the variables of the target, of which those without a name are defined here."""
        parts = self.target.parts if isinstance(self.target, Chain) else (self.target,)
        yield from (part for part in parts if isinstance(part, Variable))

    def defines(self, value: Expression) -> bool:
        """Return whether the value of an expression is defined here."""
        return self.target is value and not self.suffix and self.sign == " = "

    def lines(self) -> list[str]:
        """Return the text; all variables have their names by now."""
        indent = 4 * (1 + self.level)
        if self.target is None:
            prefix = ""
        else:
            sign = self.sign if self.value is not None else ""
            prefix = f"{flat(self.target)}{self.suffix}{sign}"
        return lines(prefix, self.value or Atom(""), indent=indent)


#: Stands for the value of what is all written, as a statement.
WRITTEN: Final = Variable("nothing")


class GraphWriter(abc.ABC):
    """Writes one graph, children first: shared and deeply nested values go into variables.

    Args:
        name: The name of the function.
        in_statements: Whether each call of a program is a statement of its own.
    """

    def __init__(self, name: str, *, in_statements: bool = False) -> None:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f"{name!r} cannot be the name of a function")
        self._name = name
        self._names = Names(name)
        self.imports = Imports(self._names)
        self.leaves = LeafWriter(self.imports, self.callee)
        self.statements: list[Statement] = []
        self.level = 0
        self._problems: list[SourceProblem] = []
        self._places: dict[int, Place] = {}
        self._stack: list[Visit] = []
        self._uses: Counter[int] = Counter()
        self._shared_leaves: dict[int, Variable] = {}
        # The ids of nodes that are statements of their own, and of those whose value nobody needs.
        self._calls: set[int] = set()
        self._effects: set[int] = set()
        self._in_statements = in_statements
        # The numbers of the calls in statements, and of those in expressions that are written yet;
        # by the id of such an expression, how many are in it.
        self._stated: list[int] = []
        self._pending: list[int] = []
        self._sizes: dict[int, int] = {}

    #: Whether effects are values of the source, too.
    needs_effects: bool = False

    @abc.abstractmethod
    def callee(self, fn: object, text: str) -> str:
        """Return what to call so that the call runs and makes a value, given the callable."""

    @abc.abstractmethod
    def write_node(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        """Return an expression for a buildable whose arguments are written.

        Raises:
            NoSourceError: There is none.
        """

    def finish_node(self, node: Buildable[object], value: Expression) -> Expression:
        """Add what has to be done to a buildable after it is made; return an expression for it."""
        return value

    @abc.abstractmethod
    def header(self, root: object) -> list[str]:
        """Return decorators of the function; what they name is imported."""

    def write(self, root: object) -> str:
        """Return the source.

        Raises:
            CodegenError: Values have no source.
            CycleError: The graph contains itself.
        """
        self._uses = count_uses(root, lambda value: kind_of(value) or is_shared_leaf(value))
        result: Any = self._write_in_order(root)
        header = self.header(root)
        if self._problems:
            raise CodegenError(self._problems)
        for statement in self.statements:
            for variable in statement.variables():
                variable.text = variable.text or self._names.take(variable.wanted)
        body = [line for statement in self.statements for line in statement.lines()]
        body.extend(lines("return ", result))
        imports = self.imports.lines()
        gap = ["", ""] if imports else []
        return "\n".join([*imports, *gap, *header, f"def {self._name}():", *body, ""])

    def _write_in_order(self, root: object) -> object:
        """Return the expression of a graph; calls are statements where their order matters."""
        memo: dict[int, object] = {}

        def write(value: object) -> object:
            stack = self._stack
            return fold(value, self._combine, self._leaf, memo, stack, effects=False)

        nodes = reachable(root)
        if not self._in_statements and not is_program_order_needed(root, nodes):
            return write(root)
        hosts = [node for node in nodes if node.__effects__]
        calls = called(nodes)
        self._places = {id(place.value): place for place, first in places(root) if first is None}
        self._effects = {id(effect) for node in hosts for effect in node.__effects__ or ()}
        self._calls = set(map(id, calls))
        for node in calls:
            write(node)
        result: Any = write(root)
        if hosts and not isinstance(result, Variable | Atom):
            result = self.define("result", result)
        for host in hosts:
            written = [write(effect) for effect in host.__effects__ or ()]
            self.finish_effects(memo[id(host)], written)
        return result

    def finish_effects(self, host: object, effects: list[object]) -> None:  # noqa: B027 - not a must
        """Add what has to be done for the effects of a node that are written, as the node is."""

    def is_call(self, node: object) -> bool:
        """Return whether it matters in which order a node is made."""
        return id(node) in self._calls

    def is_shared(self, node: object) -> bool:
        """Return whether a node is used more than once."""
        return self._uses[id(node)] > 1

    def define(self, wanted: str, value: Expression) -> Variable:
        """Add a statement that defines a variable."""
        variable = Variable(wanted)
        self.add(variable, "", value)
        return variable

    def add(
        self, target: Expression | None, suffix: str, value: Expression | None, sign: str = " = "
    ) -> None:
        """Add a statement; see `Statement`."""
        self.statements.append(Statement(target, suffix, value, sign, self.level))

    def place(self, stack: Sequence[Visit]) -> Place:
        """Return the place of the innermost node.

        Places are kept, so that all of them together cost no more than the graph.
        """
        known = len(stack)
        while known and id(stack[known - 1].node) not in self._places:
            known -= 1
        for level in range(known, len(stack)):
            node = stack[level].node
            if level:
                parent = stack[level - 1]
                key = parent.keys[len(parent.results)]
                place = Place(node, self._places[id(parent.node)], parent.kind, key)
            else:
                place = Place(node, None, None, None)
            self._places[id(node)] = place
        return self._places[id(stack[-1].node)]

    def report(
        self, stack: Sequence[Visit], reason: str, index: int | None = None, child: object = None
    ) -> None:
        """Add a problem of the innermost node, or of its child at an index."""
        place, visit = self.place(stack), stack[-1]
        if index is not None:
            place = Place(child, place, visit.kind, visit.keys[index])
        self._problems.append(SourceProblem(place, reason, _origin(stack, index)))

    def _leaf(self, value: object) -> Expression:
        known = self._shared_leaves.get(id(value))
        if known is not None:
            return known
        try:
            expression = self.leaves.write(value)
        except NoSourceError as error:
            if self._stack:
                self.report(self._stack, str(error), len(self._stack[-1].results), value)
            else:
                self._problems.append(
                    SourceProblem(Place(value, None, None, None), str(error), None)
                )
            return Atom("None")
        if self._uses[id(value)] < 2:
            return expression
        variable = self.define(self._wanted(self._stack, value), expression)
        self._shared_leaves[id(value)] = variable
        return variable

    @property
    def is_in_order(self) -> bool:
        """Whether the calls that are written are made in the order of the program."""
        numbers = self._stated + self._pending
        return numbers == sorted(numbers)

    def _combine(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        written: list[object] = visit.results
        size = sum(self._sizes.pop(id(part), 0) for part in written)
        expression = self._written(visit, stack)
        order = visit.node.__order__ if visit.kind.buildable else 0
        if order:
            self._pending.append(order)
            size += 1
        if isinstance(expression, Variable) and size:
            self._stated += self._pending[-size:]
            del self._pending[-size:]
        elif size:
            self._sizes[id(expression)] = size
        return expression

    def _written(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        try:
            expression = self._expression(visit, stack)
        except NoSourceError as error:
            self.report(stack, str(error))
            return Atom("None")
        node = visit.node
        if expression is WRITTEN:
            return expression
        if id(node) in self._effects and not self.needs_effects and not self.is_shared(node):
            self.add(None, "", expression)
            return expression
        shared = id(node) in self._calls or (
            self.is_shared(node) and is_shareable(visit.kind, node)
        )
        if not isinstance(expression, Variable) and (
            shared or (height_of(expression) >= _MAX_HEIGHT and len(stack) > 1)
        ):
            return self.define(self._wanted(stack[:-1], node), expression)
        return expression

    def _expression(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        if visit.kind.buildable:
            value = self.write_node(visit, stack)
            return self.finish_node(visit.node, value)
        cls: Any = visit.node.__class__
        written: list[Any] = visit.results
        if cls is list:
            return display("[]", written)
        if cls is tuple:
            return display("()", written)
        if cls is dict:
            return dict_display(self.leaves, visit.keys, written)
        if cls is defaultdict:
            factory = self.leaves.write(visit.node.default_factory)
            content = [dict_display(self.leaves, visit.keys, written)] if written else []
            return self.leaves.call(defaultdict, [factory, *content])
        if cls is slice:
            return self.leaves.call(slice, written)
        if cls is deque:
            limit = visit.node.maxlen
            limited = {} if limit is None else {"maxlen": self.leaves.write(limit)}
            return self.leaves.call(deque, [display("[]", written)], limited)
        if cls is OrderedDict:
            pairs: list[Expression] = [
                display("()", [self.leaves.write(key), value])
                for key, value in zip(visit.keys, written, strict=True)
            ]
            return self.leaves.call(OrderedDict, [display("[]", pairs)])
        if issubclass(cls, tuple):
            return named_tuple(self.leaves, visit.node, written)
        raise NoSourceError(
            f"a container of class {cls.__name__} has no source; use a list or dict"
        )

    def tags(self, tags: Collection[TagType]) -> Expression:
        """Return an expression for a list of tags."""
        ordered = sorted(tags, key=lambda tag: tag.name)
        return display("[]", [Atom(self.leaves.symbol(tag)) for tag in ordered])

    def variable(self, node: Buildable[object], value: Expression) -> Variable:
        """Return a variable that holds a buildable, so that it can be edited."""
        if isinstance(value, Variable):
            return value
        return self.define(self._wanted(self._stack[:-1], node), value)

    def _wanted(self, parents: Sequence[Visit], value: Any) -> str:
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
        return variable_name(_said(value)) if buildable else "values"


def _said(node: Buildable[object]) -> str:
    """Return the name of a callable; of what stands for another, the name of that."""
    fn: object = node.__fn_or_cls__
    if fn is getattr or fn is call_method:
        return str(node.__arguments__.get(1))
    return "value" if getattr(fn, "__module__", "") == "_operator" else callable_name(fn)


def arguments_of(
    signature: Signature, visit: Visit, form: int = 0
) -> tuple[list[Expression], dict[str, Expression], dict[int, Expression]]:
    """Sort the written arguments of a node by how a call takes them.

    Args:
        signature: That of the callable.
        visit: The node.
        form: How many of the first keys are given by position, up to one that is not set.

    Returns:
        Positional arguments; named ones; and by position those that no call can give, because one
        before them is not set.

    Raises:
        NoSourceError: There is a gap among the ``*args``.
    """
    left: dict[Any, Any] = dict(zip(visit.keys, visit.results, strict=True))
    arity = len(signature.keys)
    variadic = sorted(key for key in left if isinstance(key, int) and key >= arity)
    if variadic != [*range(arity, arity + len(variadic))]:
        raise NoSourceError("an argument is missing among its *args; set cfg[VARARGS:] anew")
    positional: list[Expression] = []
    count = max(signature.positional_only, form)
    keys = [*signature.keys, *variadic] if variadic else signature.keys[:count]
    for key in keys:
        if key not in left:
            break
        positional.append(left.pop(key))
    named = {key: value for key, value in left.items() if isinstance(key, str)}
    gaps = {key: value for key, value in left.items() if isinstance(key, int)}
    return positional, named, gaps


def _origin(stack: Sequence[Visit], index: int | None) -> Provenance | SavedProvenance | None:
    """Return the line that set a value: of the innermost argument that it is, or is inside of."""
    innermost = stack[-1]
    if index is None and innermost.kind.buildable:
        return innermost.node.__provenance__
    for visit in reversed(stack):
        if visit.kind.buildable:
            at = index if visit is innermost and index is not None else len(visit.results)
            return provenance_of(visit.node, visit.keys[at])
    return None
