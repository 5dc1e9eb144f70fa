"""The exemption policy table: what becomes of each call during capture, and why."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable
from types import MethodType
from typing import Any, Final

import attrs

from ..configs import BUILDABLE_TYPES, WeakIdentityCache, signature_of
from .frame import type_of
from .interceptor import C_CALLABLES, HEAP_TYPE

#: Says of a callable whether a rule is about it.
Matcher = Callable[[Any], bool]


class Decision(enum.Enum):
    """What capture does with a call."""

    EXEMPT = "run it as usual"
    RECORD = "make a config node of it"


@attrs.frozen
class Rule:
    """One row of a policy table.

    Attributes:
        matches: Says whether the rule is about a callable.
        decision: What to do with a call of it.
        reason: Why, in words for the user.
    """

    matches: Matcher
    decision: Decision
    reason: str


_EVERYTHING_ELSE: Final = Rule(lambda _: True, Decision.RECORD, "nothing exempts it")


@attrs.frozen(eq=False)
class PolicyTable:
    """Ordered rules; the first that matches a callable decides, and no match means RECORD.

    Immutable. Decisions are cached by the identity of the callable, weakly; a bound method is
    made anew at each attribute access, so its decision is not.

    Attributes:
        rules: The rules, first match wins.

    Example:
        >>> import math
        >>> LATEST.decide(math.sqrt).decision
        <Decision.EXEMPT: 'run it as usual'>
        >>> class Dense: ...
        >>> LATEST.decide(Dense).decision
        <Decision.RECORD: 'make a config node of it'>
    """

    rules: tuple[Rule, ...]
    _decided: WeakIdentityCache[Any, Rule] = attrs.field(
        factory=WeakIdentityCache[Any, Rule], init=False, repr=False
    )

    def decide(self, fn: Any) -> Rule:
        """Return the rule for a callable.

        Args:
            fn: Any callable; it need not be hashable.
        """
        if type(fn) is MethodType:
            return self._first(fn)
        rule = self._decided.get(fn)
        if rule is None:
            rule = self._first(fn)
            self._decided.set(fn, rule)
        return rule

    def explain(self, fn: Any) -> str:
        """Say what happens to a call of ``fn``, and why.

        Example:
            >>> LATEST.explain(len)
            'run it as usual: it is a builtin or a C function'
        """
        rule = self.decide(fn)
        return f"{rule.decision.value}: {rule.reason}"

    def extend(self, *rules: Rule) -> PolicyTable:
        """Return a table that asks the given rules first.

        Example:
            >>> table = LATEST.extend(Rule(lambda fn: fn is Rule, Decision.EXEMPT, "a record"))
            >>> table.explain(Rule)
            'run it as usual: a record'
        """
        return PolicyTable((*rules, *self.rules))

    def _first(self, fn: Any) -> Rule:
        for rule in self.rules:
            if rule.matches(fn):
                return rule
        return _EVERYTHING_ELSE


def from_predicate(exempts: Callable[[Any], Any]) -> PolicyTable:
    """Return a table that exempts what a predicate is true of, and records everything else.

    The predicate replaces the default rules, as ``experimental_exemption_policy`` does in Fiddle.

    Example:
        >>> from_predicate(lambda fn: fn is len).decide(print).decision
        <Decision.RECORD: 'make a config node of it'>
    """
    return PolicyTable(
        (Rule(lambda fn: bool(exempts(fn)), Decision.EXEMPT, "the exemption policy says so"),)
    )


def _is_builtin(fn: Any) -> bool:
    if type_of(fn) in C_CALLABLES:
        return True
    # A class that user code makes in a namespace without a ``__name__`` says "builtins" too, but
    # is a heap type.
    return isinstance(fn, type) and fn.__module__ == "builtins" and not fn.__flags__ & HEAP_TYPE


def _is_method(fn: Any) -> bool:
    return isinstance(fn, MethodType) and not isinstance(fn.__self__, type)


def _makes_configs(fn: Any) -> bool:
    if isinstance(fn, type):
        return fn in BUILDABLE_TYPES
    return str(getattr(fn, "__module__", "")).startswith("bytefig.")


def _is_exception(fn: Any) -> bool:
    return isinstance(fn, type) and BaseException in fn.__mro__


def _is_partial(fn: Any) -> bool:
    return fn is functools.partial


def _has_no_signature(fn: Any) -> bool:
    return not signature_of(fn).inferred


#: The default. Like Fiddle's, with what the reference page promises: methods of ordinary
#: instances and callables without a signature run as usual.
LATEST: Final = PolicyTable(
    (
        Rule(_is_builtin, Decision.EXEMPT, "it is a builtin or a C function"),
        Rule(_is_method, Decision.EXEMPT, "it is a method of an instance"),
        Rule(_makes_configs, Decision.EXEMPT, "it works on configs itself"),
        Rule(_is_exception, Decision.EXEMPT, "it is an exception class"),
        Rule(_is_partial, Decision.RECORD, "functools.partial becomes a Partial"),
        Rule(_has_no_signature, Decision.EXEMPT, "its signature cannot be inferred"),
    )
)
