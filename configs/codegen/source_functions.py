"""The functions of a source: the values that each makes, and the order in which all are made."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping

import attrs

from ..core.shown import shown
from ..traversal import traverse
from ..traversal.traverse import kind_of, walk
from .identifiers import Names
from .layout import Atom, Chain, Expression, Group, Variable, expression_parts, flat, lines


@attrs.frozen(eq=False)
class Statement:
    """A statement of a function.

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

    def defines(self, value: Expression) -> bool:
        """Return whether the value of an expression is defined here."""
        return self.target is value and not self.suffix and self.sign == " = "

    def used_parts(self) -> Iterator[Variable | Group]:
        """Yield the variables and groups that are used, beginning with the value."""
        if self.value is not None:
            yield from expression_parts(self.value)
        if self.target is not None and self.defined is None:
            yield from expression_parts(self.target)

    @property
    def defined(self) -> Variable | None:
        """The variable that is all of the target, if it gets a new value."""
        target = self.target
        return target if isinstance(target, Variable) and self.defines(target) else None

    def lines(self) -> list[str]:
        """Return the text; all variables have their names by now."""
        indent = 4 * (1 + self.level)
        if self.target is None:
            prefix = ""
        else:
            sign = self.sign if self.value is not None else ""
            prefix = f"{flat(self.target)}{self.suffix}{sign}"
        return lines(prefix, self.value or Atom(""), indent=indent)


@attrs.define(eq=False)
class Function:
    """A function of the source.

    Attributes:
        name: Its name.
        root: The value of the graph that it returns.
        caller: The function that calls it; None for the main one.
        statements: Its statements, without the last one.
        level: In how many blocks the next statement is.
        result: The expression that it returns; None until that is written.
        parameters: The variables of its callers that it uses: the items of its call.
        calls: The numbers of the program's calls that it makes, and the functions that it calls,
            in their order.
    """

    name: str
    root: object
    caller: Function | None = None
    statements: list[Statement] = attrs.field(factory=list)
    level: int = 0
    result: Expression | None = None
    parameters: list[tuple[str, Expression]] = attrs.field(factory=list)
    calls: list[int | Function] = attrs.field(factory=list)

    def with_callers(self) -> Iterator[Function]:
        """Yield the function, its caller, the caller of that, and so on."""
        function: Function | None = self
        while function is not None:
            yield function
            function = function.caller

    def numbers(self) -> list[int]:
        """Return the numbers of the program's calls, in this function and the ones it calls."""
        found: list[int] = []
        for each in self.calls:
            found += [each] if isinstance(each, int) else each.numbers()
        return found

    def lines(self) -> list[str]:
        """Return the text from ``def`` on; all variables have their names by now."""
        head = Group(f"{self.name}(", self.parameters, ")", is_call=True)
        found = lines("def ", head, ":", indent=0)
        found.extend(line for statement in self.statements for line in statement.lines())
        return found + lines("return ", self.result or Atom("None"))


class Functions:
    """The main function of a source, and the functions of its sub-fixtures.

    A value is made in the innermost function whose root is on every way to it.

    Args:
        name: The name of the main function.
        root: The graph.
        sub_fixtures: The values that functions of their own return, by the names of those.

    Raises:
        TypeError: A sub-fixture is no buildable and no container that can be edited.
        ValueError: A name is none, or is given twice; a sub-fixture is not in the graph.
    """

    def __init__(self, name: str, root: object, sub_fixtures: Mapping[str, object]) -> None:
        self.main = Function(name, root)
        self._owners: dict[int, Function] = {}
        self._by_root: dict[int, Function] = {}
        self._by_call: dict[int, Function] = {}
        _check_name(name)
        everything = {id(root), *_inside(root)} if sub_fixtures else set[int]()
        ruled: dict[str, set[int]] = {}
        for each, value in sub_fixtures.items():
            _check_name(each)
            if each == name:
                raise ValueError(f"the main function and a sub-fixture are both called {each!r}")
            _check_root(each, value, everything)
            ruled[each] = {id(value), *(everything - _inside(root, id(value)))}
        for each in sorted(ruled, key=lambda each: -len(ruled[each])):
            value = sub_fixtures[each]
            if id(value) in self._by_root:
                other = self._by_root[id(value)].name
                raise ValueError(f"sub-fixtures {other!r} and {each!r} are the same value")
            caller = self.owner(value)
            self._by_root[id(value)] = function = Function(each, value, caller)
            self._owners.update(dict.fromkeys(ruled[each], function))
        self.others = [self._by_root[id(value)] for value in sub_fixtures.values()]

    def owner(self, value: object) -> Function:
        """Return the function that makes a value."""
        return self._owners.get(id(value), self.main)

    def returning(self, value: object) -> Function | None:
        """Return the sub-fixture that a value is; None if it is none."""
        return self._by_root.get(id(value))

    def call(self, function: Function) -> Group:
        """Return the call of a function; its parameters are filled in by `finish`."""
        made = Group(f"{function.name}(", function.parameters, ")", is_call=True)
        self._by_call[id(made)] = function
        return made

    def finish(self, names: Names) -> list[Function]:
        """Name all variables and find all parameters.

        Returns:
            The functions that use a variable which is not defined when they are called.
        """
        return [*dict.fromkeys(self._run(self.main, [], names))]

    def _run(
        self, function: Function, scopes: list[tuple[Function, set[int]]], names: Names
    ) -> Iterator[Function]:
        """Go through the statements as they are run, and yield the functions in error."""
        own: set[int] = set()
        scopes = [*scopes, (function, own)]
        result = Statement(None, "", function.result)
        for statement in [*function.statements, result]:
            names_bound = _bound_by(statement)
            for part in [*statement.used_parts()]:
                called = self._by_call.get(id(part))
                if called is not None:
                    yield from self._run(called, scopes, names)
                elif isinstance(part, Variable):
                    if not part.text and part in names_bound:
                        _define(part, own, names)
                    elif not _pass_on(part, scopes):
                        yield function
            if statement.defined is not None:
                _define(statement.defined, own, names)

    def interleaved(self) -> list[Function]:
        """Return the sub-fixtures whose calls would come in another order than the program's."""
        numbers = self.main.numbers()
        if numbers == sorted(numbers):
            return []
        found: list[Function] = []
        for function in self.others:
            own = function.numbers()
            if own and sum(min(own) <= number <= max(own) for number in numbers) != len(own):
                found.append(function)
        return found or self.others


def _bound_by(statement: Statement) -> tuple[str | Expression, ...]:
    """Return the names that ``with`` or an unpacking binds, among other parts."""
    target = statement.target
    if isinstance(target, Chain) and not isinstance(target.parts[-1], Group):
        return target.parts
    return ()


def _define(variable: Variable, own: set[int], names: Names) -> None:
    variable.text = variable.text or names.take(variable.wanted)
    own.add(id(variable))


def _pass_on(variable: Variable, scopes: list[tuple[Function, set[int]]]) -> bool:
    """Make a variable a parameter of the functions between its own and the one that uses it."""
    for index in range(len(scopes) - 1, -1, -1):
        if id(variable) in scopes[index][1]:
            for function, known in scopes[index + 1 :]:
                function.parameters.append(("", variable))
                known.add(id(variable))
            return True
    return False


def _inside(root: object, closed: int = 0) -> set[int]:
    """Return the ids of all values inside of a graph, but for those inside of one only."""
    found = {id(root)}
    for node, kind in walk(root, {closed}):
        if id(node) != closed:
            found.update(map(id, traverse.parts_of(kind, node)[1]))
    return found


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{name!r} cannot be the name of a function")


def _check_root(name: str, value: object, everything: set[int]) -> None:
    kind = kind_of(value)
    if kind is None or not kind.mutable:
        raise TypeError(
            f"sub-fixture {name!r} has to be a buildable of the graph, or a container that can be"
            f" edited, not {shown(value)}"
        )
    if id(value) not in everything:
        raise ValueError(
            f"sub-fixture {name!r} is not in the graph: give the very object, not an equal one"
        )
