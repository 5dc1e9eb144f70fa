"""The rules of a policy table: a matcher and a decision each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from types import MethodType
from typing import Any, Final

import attrs

from ..engine.interception import Decision
from ..engine.interceptor import is_plain_method
from ..engine.values import Value

#: Says of a callable whether a rule is about it.
Matcher = Callable[[Value], bool]

_ABOUT_KIND: Final[list[Matcher]] = []


def about_kind(matcher: Matcher) -> Matcher:
    """Mark a matcher that says the same of a method whatever instance it is bound to.

    Decisions about bound methods, which are made anew at each access, can then be kept.
    """
    _ABOUT_KIND.append(matcher)
    return matcher


@attrs.frozen
class Is:
    """Matches these very objects, found by identity; a bound method also by its function.

    Example:
        >>> Is((len, print))(len), Is((len, print))(sum)
        (True, False)
    """

    objects: tuple[Value, ...] = attrs.field(eq=False)
    _ids: frozenset[int] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Index the objects, which the tuple keeps alive."""
        object.__setattr__(self, "_ids", frozenset(map(id, self.objects)))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the objects: in another process they have other ids."""
        return Is, (self.objects,)

    def __call__(self, fn: object) -> bool:
        """Tell whether ``fn`` is one of them."""
        return id(fn) in self._ids or (type(fn) is MethodType and id(fn.__func__) in self._ids)

    def asks_what_is_bound(self, method: Value) -> bool:
        """Tell whether a method of the same name is one of them."""
        name = method.__name__
        return any(
            (type(found) is MethodType or is_plain_method(found)) and found.__name__ == name
            for found in self.objects
        )


@attrs.frozen
class DrawsGlobally:
    """Matches the functions of modules that use a random generator all of the process shares.

    Those of `random` and ``numpy.random`` are methods bound to it. Where they run decides what is
    drawn afterwards, so they are calls like any other. A generator of one's own runs as usual.

    Example:
        >>> import random
        >>> DrawsGlobally()(random.seed), DrawsGlobally()(random.Random(0).seed)
        (True, False)
    """

    def __call__(self, fn: object) -> bool:
        """Tell whether ``fn`` is one of them; a module that nobody has imported has none."""
        name: Value = getattr(fn, "__name__", None)
        for module, names in _GENERATORS.items():
            loaded = sys.modules.get(module)
            if loaded is not None and vars(loaded).get(name) is fn:
                return name in names if names else hasattr(fn, "__self__")
        return False

    def asks_what_is_bound(self, method: object) -> bool:
        """Tell whether a method is of a class of generators."""
        return module_of(method) in ("random", "numpy.random.mtrand")


_OF_TORCH: Final = """
    bernoulli multinomial normal poisson rand rand_like randint randint_like randn randn_like
    randperm
"""
#: By module, the names of the functions that draw; none where these are the bound methods.
_GENERATORS: Final[dict[str, frozenset[str]]] = {
    "random": frozenset(),
    "numpy.random": frozenset(),
    "torch": frozenset(_OF_TORCH.split()),
}


@attrs.frozen
class InModule:
    """Matches the functions and classes of a module, or of a module inside it.

    Example:
        >>> import json.decoder
        >>> InModule("json")(json.decoder.JSONDecoder), InModule("js")(json.dumps)
        (True, False)
    """

    module: str

    def __call__(self, fn: object) -> bool:
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

    def __call__(self, fn: object) -> bool:
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

    def __call__(self, fn: object) -> bool:
        """Tell whether the name fits."""
        name = getattr(fn, "__qualname__", None)
        if not isinstance(name, str):  # a callable object goes by its class
            name = type(fn).__qualname__
        return fnmatchcase(f"{module_of(fn)}.{name}", self.glob)


def module_of(fn: Value) -> str:
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
        pure: Whether a call that is recorded does nothing but give a value that its arguments
            tell. Where operations are deferred, it is made at once if that value is needed.
    """

    matches: Matcher = attrs.field(validator=attrs.validators.is_callable())
    decision: Decision = attrs.field(validator=attrs.validators.instance_of(Decision))
    reason: str
    pure: bool = False


def is_about_kind(matcher: Matcher, method: object) -> bool:
    """Tell whether a matcher says the same of a method as of all that are bound otherwise."""
    asks: Any = getattr(matcher, "asks_what_is_bound", None)
    if asks is not None:
        return not asks(method)
    return type(matcher) in _KINDS or bool([known for known in _ABOUT_KIND if matcher is known])


_KINDS: Final = frozenset({InModule, InstanceOf, Named})

#: What becomes of a call that no rule is about.
EVERYTHING_ELSE: Final = Rule(lambda _: True, Decision.RECORD, "nothing exempts it")


def checked_rules(rules: Iterable[Any]) -> tuple[Rule, ...]:
    """Return rules as a tuple.

    Raises:
        TypeError: Something else is among them.
    """
    given = tuple(rules)
    for rule in given:
        if not isinstance(rule, Rule):
            raise TypeError(
                f"a PolicyTable is made of Rules, not of {rule!r}: write, for instance,"
                ' Rule(Named("numpy.*"), Decision.EXEMPT, "arrays are values")'
            )
    return given
