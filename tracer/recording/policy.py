"""The policy table: the decision about each call during capture, and the reason."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import attrs

from ...configs import WeakIdentityCache
from ..engine.interception import Decision, PlainCalls
from ..engine.interceptor import is_plain_method, note_plain
from ..engine.values import Value, type_of
from .rules import EVERYTHING_ELSE, Rule, checked_rules, is_about_kind

if TYPE_CHECKING:
    import os


_pickle_table: Callable[[PolicyTable], tuple[Any, ...]] | None = None


def set_pickling(pickle_table: Callable[[PolicyTable], tuple[object, ...]]) -> None:
    """Set the ``__reduce__`` of tables, which knows the tables of this package."""
    global _pickle_table  # noqa: PLW0603 - one assignment when the tables are imported
    _pickle_table = pickle_table


@attrs.frozen
class PolicyTable:
    """Ordered rules; the first that matches a callable decides, and no match means RECORD.

    Immutable and hashable; two tables of the same rules are equal. Decisions are cached by the
    identity of the callable, weakly. A bound method is made anew at each attribute access: its
    decision is cached by its function, unless a rule may ask what it is bound to.

    Attributes:
        rules: The rules, first match wins.
        effects: Whether a graph keeps recorded calls whose results it does not use.

    Raises:
        TypeError: If something else than a `Rule` is among them.

    Example:
        >>> import math
        >>> from bytefig.tracer.recording.policy_tables import LATEST
        >>> LATEST.decide(math.sqrt).decision
        <Decision.EXEMPT: 'run it as usual'>
        >>> class Dense: ...
        >>> LATEST.decide(Dense).decision
        <Decision.RECORD: 'make a config node of it'>
    """

    rules: tuple[Rule, ...] = attrs.field(converter=checked_rules)
    effects: bool = attrs.field(default=True, kw_only=True)
    #: What a CALL may call itself, because the table is known to exempt it.
    plain: PlainCalls = attrs.field(factory=PlainCalls, init=False, repr=False, eq=False)
    _decided: WeakIdentityCache[object, Rule] = attrs.field(
        factory=WeakIdentityCache[object, Rule], init=False, repr=False, eq=False
    )
    #: Of bound methods, by their function; of those bound to instances, then to classes.
    _of_methods: tuple[WeakIdentityCache[object, Rule], ...] = attrs.field(
        factory=lambda: (WeakIdentityCache[object, Rule](), WeakIdentityCache[object, Rule]()),
        init=False,
        repr=False,
        eq=False,
    )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the rules; those that come with this package by their place in its tables."""
        assert _pickle_table is not None  # what has the tables sets it
        return _pickle_table(self)

    def decide(self, fn: Value) -> Rule:
        """Return the rule for a callable, which need not be hashable."""
        kind: type = type_of(fn)
        if kind is MethodType:
            return self._decide_method(fn)
        if kind is BuiltinFunctionType and is_plain_method(fn):
            rule = self._first(fn)
            if rule.decision is Decision.EXEMPT and self._is_about_kinds(rule, fn):
                note_plain(self.plain, fn)
            return rule
        rule = self._decided.get(fn)
        if rule is None:
            rule = self._first(fn)
            self._decided.set(fn, rule)
            if rule.decision is Decision.EXEMPT:
                note_plain(self.plain, fn)
        return rule

    def __call__(self, fn: object) -> bool:
        """Tell whether a call of ``fn`` runs as usual, as a predicate that is a policy does.

        Example:
            >>> from bytefig.tracer import LATEST, auto_config
            >>> class Shape: ...
            >>> config = auto_config(
            ...     lambda: [Shape(), dict(a=1)],
            ...     experimental_exemption_policy=lambda fn: fn is Shape or LATEST(fn),
            ...     experimental_result_must_contain_buildable=False,
            ... ).as_buildable()
            >>> type(config[0]).__name__, config[1]
            ('Shape', {'a': 1})
        """
        return self.decide(fn).decision is Decision.EXEMPT

    def explain(self, fn: object) -> str:
        """Say the decision about a call of ``fn``, and the reason.

        Example:
            >>> from bytefig.tracer.recording.policy_tables import LATEST
            >>> LATEST.explain(len)
            'run it as usual: it is a builtin or a C function'
        """
        rule = self.decide(fn)
        return f"{rule.decision.value}: {rule.reason}"

    def extend(self, *rules: Rule) -> PolicyTable:
        """Return a table that asks the given rules first.

        Example:
            >>> from bytefig.tracer import LATEST, Is
            >>> table = LATEST.extend(Rule(Is((Rule,)), Decision.EXEMPT, "a record"))
            >>> table.explain(Rule)
            'run it as usual: a record'
        """
        return attrs.evolve(self, rules=(*rules, *self.rules))

    def extend_from(self, path: str | os.PathLike[str]) -> PolicyTable:
        """Return a table that asks the rules of a TOML file first.

        Each rule is a ``[[rule]]`` with a ``match``, a glob on module and qualified name; a
        ``decision``, one of ``exempt``, ``record``, ``inline`` and ``step_into``; and, if
        wanted, a ``reason``::

            [[rule]]
            match = "numpy.*"
            decision = "exempt"

        Args:
            path: The file.

        Raises:
            PolicyFileError: A rule is wrong; it names the file and the line.
            OSError: The file cannot be read.
        """
        from .policy_file import load_rules  # noqa: PLC0415 - few need it, and tomllib is slow

        return self.extend(*load_rules(path))

    def _decide_method(self, method: MethodType) -> Rule:
        function: object = method.__func__
        # Without a module of its own, it goes by the class of the instance.
        if type(function) is not FunctionType or type(function.__module__) is not str:
            return self._first(method)
        decided = self._of_methods[isinstance(method.__self__, type)]
        rule = decided.get(function)
        if rule is None:
            rule = self._first(method)
            if self._is_about_kinds(rule, method):
                decided.set(function, rule)
        return rule

    def is_about_function(self, method: MethodType) -> bool:
        """Tell whether the decision about a bound method holds for its function, however bound."""
        return self._of_methods[isinstance(method.__self__, type)].get(method.__func__) is not None

    def _is_about_kinds(self, decisive: Rule, method: object) -> bool:
        """Tell whether the rules up to one do not ask for the receiver of a method."""
        for rule in self.rules:
            if not is_about_kind(rule.matches, method):
                return False
            if rule is decisive:
                break
        return True

    def _first(self, fn: object) -> Rule:
        for rule in self.rules:
            if rule.matches(fn):
                return rule
        return EVERYTHING_ELSE
