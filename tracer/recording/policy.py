"""The policy table: what becomes of each call during capture, and why."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

import attrs

from ...configs import WeakIdentityCache
from ..engine.frame import PlainCalls, type_of
from ..engine.interceptor import is_plain_method, note_plain

if TYPE_CHECKING:
    import os

#: Says of a callable whether a rule is about it.
Matcher = Callable[[Any], bool]


_ABOUT_KIND: Final[list[Matcher]] = []


def about_kind(matcher: Matcher) -> Matcher:
    """Mark a matcher that says the same of a method whatever instance it is bound to.

    Decisions about bound methods, which are made anew at each access, can then be kept.
    """
    _ABOUT_KIND.append(matcher)
    return matcher


class Decision(enum.Enum):
    """What capture does with a call."""

    EXEMPT = "run it as usual"
    RECORD = "make a config node of it"
    INLINE = "take its config graph"
    STEP_INTO = "interpret it too"


@attrs.frozen
class Is:
    """Matches these very objects, found by identity; a bound method also by its function.

    Example:
        >>> Is((len, print))(len), Is((len, print))(sum)
        (True, False)
    """

    objects: tuple[Any, ...] = attrs.field(eq=False)
    _ids: frozenset[int] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Index the objects, which the tuple keeps alive."""
        object.__setattr__(self, "_ids", frozenset(map(id, self.objects)))

    def __call__(self, fn: Any) -> bool:
        """Tell whether ``fn`` is one of them."""
        return id(fn) in self._ids or (type(fn) is MethodType and id(fn.__func__) in self._ids)


@attrs.frozen
class InModule:
    """Matches what a module, or a module inside it, defines.

    Example:
        >>> import json.decoder
        >>> InModule("json")(json.decoder.JSONDecoder), InModule("js")(json.dumps)
        (True, False)
    """

    module: str

    def __call__(self, fn: Any) -> bool:
        """Tell whether ``fn`` was defined there."""
        found = module_of(fn)
        return found == self.module or found.startswith(f"{self.module}.")


@attrs.frozen
class InstanceOf:
    """Matches callables of a type.

    Example:
        >>> InstanceOf(type)(int), InstanceOf(type)(len)
        (True, False)
    """

    kind: type

    def __call__(self, fn: Any) -> bool:
        """Tell whether ``fn`` is an instance of the type."""
        return isinstance(fn, self.kind)


@attrs.frozen
class Named:
    """Matches module and qualified name against a glob with ``*``, ``?`` and ``[...]``.

    Example:
        >>> import json
        >>> Named("json.*")(json.dumps), Named("json.load*")(json.dumps)
        (True, False)
    """

    glob: str

    def __call__(self, fn: Any) -> bool:
        """Tell whether the name fits."""
        name = getattr(fn, "__qualname__", None)
        if not isinstance(name, str):  # a callable object goes by its class
            name = type(fn).__qualname__
        return fnmatchcase(f"{module_of(fn)}.{name}", self.glob)


def module_of(fn: Any) -> str:
    """Return the name of the module that defines a callable, or an empty string."""
    found = getattr(fn, "__module__", None)
    if found is None and not isinstance(getattr(fn, "__self__", None), type | None):
        found = type(fn.__self__).__module__  # a method of an instance of a C type
    return found if isinstance(found, str) else ""


@attrs.frozen
class Rule:
    """One row of a policy table.

    Attributes:
        matches: Says whether the rule is about a callable: `Is`, `InModule`, `InstanceOf`,
            `Named`, or any predicate.
        decision: What to do with a call of it.
        reason: Why, in words for the user.
    """

    matches: Matcher = attrs.field(validator=attrs.validators.is_callable())
    decision: Decision = attrs.field(validator=attrs.validators.instance_of(Decision))
    reason: str


def _is_about_kind(matcher: Matcher) -> bool:
    if isinstance(matcher, Is):
        return not any(
            type(found) is MethodType or is_plain_method(found) for found in matcher.objects
        )
    return type(matcher) in _KINDS or bool([known for known in _ABOUT_KIND if matcher is known])


_KINDS: Final = frozenset({InModule, InstanceOf, Named})

_EVERYTHING_ELSE: Final = Rule(lambda _: True, Decision.RECORD, "nothing exempts it")


def _rules(rules: Iterable[Any]) -> tuple[Rule, ...]:
    given = tuple(rules)
    for rule in given:
        if not isinstance(rule, Rule):
            raise TypeError(
                f"a PolicyTable is made of Rules, not of {rule!r}: write, for instance,"
                ' Rule(Named("numpy.*"), Decision.EXEMPT, "arrays are values")'
            )
    return given


@attrs.frozen
class PolicyTable:
    """Ordered rules; the first that matches a callable decides, and no match means RECORD.

    Immutable and hashable; two tables of the same rules are equal. Decisions are cached by the
    identity of the callable, weakly. A bound method is made anew at each attribute access: its
    decision is cached by its function, unless a rule may ask what it is bound to.

    Attributes:
        rules: The rules, first match wins.

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

    rules: tuple[Rule, ...] = attrs.field(converter=_rules)
    #: What a CALL may call itself, because the table is known to exempt it.
    plain: PlainCalls = attrs.field(factory=PlainCalls, init=False, repr=False, eq=False)
    _decided: WeakIdentityCache[Any, Rule] = attrs.field(
        factory=WeakIdentityCache[Any, Rule], init=False, repr=False, eq=False
    )
    #: Of bound methods, by their function; of those bound to instances, then to classes.
    _of_methods: tuple[WeakIdentityCache[Any, Rule], ...] = attrs.field(
        factory=lambda: (WeakIdentityCache[Any, Rule](), WeakIdentityCache[Any, Rule]()),
        init=False,
        repr=False,
        eq=False,
    )

    def decide(self, fn: Any) -> Rule:
        """Return the rule for a callable.

        Args:
            fn: Any callable; it need not be hashable.
        """
        kind: type = type_of(fn)
        if kind is MethodType:
            return self._decide_method(fn)
        if kind is BuiltinFunctionType and is_plain_method(fn):
            rule = self._first(fn)
            if rule.decision is Decision.EXEMPT and self._is_about_kinds(rule):
                note_plain(self.plain, fn)
            return rule
        rule = self._decided.get(fn)
        if rule is None:
            rule = self._first(fn)
            self._decided.set(fn, rule)
            if rule.decision is Decision.EXEMPT:
                note_plain(self.plain, fn)
        return rule

    def explain(self, fn: Any) -> str:
        """Say what happens to a call of ``fn``, and why.

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
            >>> from bytefig.tracer.recording.policy_tables import LATEST
            >>> table = LATEST.extend(Rule(Is((Rule,)), Decision.EXEMPT, "a record"))
            >>> table.explain(Rule)
            'run it as usual: a record'
        """
        return PolicyTable((*rules, *self.rules))

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
        function: Any = method.__func__
        # Without a module of its own, it goes by the class of the instance.
        if type(function) is not FunctionType or type(function.__module__) is not str:
            return self._first(method)
        decided = self._of_methods[isinstance(method.__self__, type)]
        rule = decided.get(function)
        if rule is None:
            rule = self._first(method)
            if self._is_about_kinds(rule):
                decided.set(function, rule)
        return rule

    def _is_about_kinds(self, decisive: Rule) -> bool:
        """Tell whether the rules up to one do not ask what a method is bound to."""
        for rule in self.rules:
            if not _is_about_kind(rule.matches):
                return False
            if rule is decisive:
                break
        return True

    def _first(self, fn: Any) -> Rule:
        for rule in self.rules:
            if rule.matches(fn):
                return rule
        return _EVERYTHING_ELSE
