"""`validate` and `check`: the arguments of a graph against the annotations of its callables."""

from __future__ import annotations

from collections.abc import Container
from inspect import formatannotation
from typing import Any, Literal, TypeAlias

import attrs

from ..core.errors import ProblemsError
from ..core.keys import ArgumentKey
from ..core.provenance import Provenance, SavedProvenance
from ..core.registry import BUILDABLE_TYPES
from ..core.sentinels import NO_VALUE
from ..node.buildable import Buildable
from ..node.dunders.representation import short_repr
from ..node.history import provenance_of
from ..node.kinds import Partial
from ..signature.signature import Signature, signature_of
from ..traversal.iteration import Place, iterate, places
from ..traversal.traverse import kind_of
from .type_matching import HintMatcher

ProblemKind: TypeAlias = Literal["type", "missing", "unknown"]


@attrs.frozen(eq=False)
class Problem:
    """An argument that a callable would not take, or not be happy with.

    Attributes:
        place: Where it is; inside a container, the item that does not fit.
        kind: ``"type"``, ``"missing"`` or ``"unknown"``.
        expected: What is expected there, as text.
        provenance: Where the argument was set, or the node made.
    """

    place: Place
    kind: ProblemKind
    expected: str
    provenance: Provenance | SavedProvenance | None

    @property
    def path(self) -> str:
        """The path, such as ``<root>.layers[0]``; worked out when asked for."""
        return str(self.place)

    @property
    def value(self) -> Any:
        """The value; `NO_VALUE` if it is missing."""
        return self.place.value

    def __str__(self) -> str:
        """Return one or two lines."""
        value = "is not set" if self.kind == "missing" else f"= {short_repr(self.value, 80)}"
        where = "" if self.provenance is None else f"\n    set at {self.provenance}"
        return f"{self.path} {value}: {self.expected}{where}"


@attrs.frozen(eq=False)
class UnresolvedHint:
    """An annotation that could not be evaluated, so that nothing was checked against it.

    Attributes:
        place: The first node of the callable.
        parameter: The name of the parameter, or ``"return"``.
        text: The annotation.
    """

    place: Place
    parameter: str
    text: str


class ValidationError(ProblemsError, TypeError):
    """Arguments of a graph do not fit the annotations of its callables.

    Attributes:
        problems: All of them; the text shows the first twenty.
    """

    problems: tuple[Problem, ...]

    def summary(self, count: int) -> str:
        """Return the text of a number of problems."""
        noun = "argument does" if count == 1 else "arguments do"
        return f"{count} {noun} not fit"


def validate(graph: object) -> list[Problem]:
    """Return every argument that does not fit its annotation, is missing or is unknown.

    A node is taken for what it builds: a `Config` for an instance of its class, or what its
    function is annotated to return; a `Partial` for a callable. An int is good for a float. What
    cannot be told is allowed: annotations that cannot be evaluated (see `unresolved_hints`),
    protocols that are not ``runtime_checkable``, and callables without a signature.

    Args:
        graph: A buildable, or containers that hold some. Cycles are fine.

    Returns:
        The problems in the order of the graph, each node's once; empty if all is well.

    Example:
        >>> from bytefig.configs import Config
        >>> def layer(units: int, rates: list[float] | None = None): ...
        >>> for problem in validate(Config(layer, "8", [0.5, None])):
        ...     print(problem.path, problem.expected)
        <root>.units expected int
        <root>.rates[1] expected float
    """
    return problems_in(graph, HintMatcher())


class _AllBut(Container[int]):
    """The ids that are not among some."""

    def __init__(self, ids: frozenset[int]) -> None:
        self._ids = ids

    def __contains__(self, number: object) -> bool:
        return number not in self._ids


def problems_in(
    graph: object, matcher: HintMatcher, checked: frozenset[int] = frozenset()
) -> list[Problem]:
    """Validate as `validate`, one of several graphs that have parts in common.

    The matcher remembers annotations. Nodes that are known to have no problems are given by id.
    """
    problems: list[Problem] = []
    for place, first in places(graph, _AllBut(checked)):
        value = place.value
        if first is None and type(value) in BUILDABLE_TYPES and id(value) not in checked:
            problems.extend(_problems_of(matcher, place))
    return problems


def check(graph: object) -> None:
    """Validate as `validate`, and raise if there are problems.

    Args:
        graph: A buildable, or containers that hold some. Cycles are fine.

    Raises:
        ValidationError: There are; it lists all of them.

    Example:
        >>> from bytefig.configs import Config
        >>> def layer(units: int): ...
        >>> check(Config(layer))
        Traceback (most recent call last):
        ValidationError: 1 argument does not fit
          <root>.units is not set: layer needs it (expected int)
    """
    problems = validate(graph)
    if problems:
        raise ValidationError(problems)


def unresolved_hints(graph: object) -> list[UnresolvedHint]:
    """Return the annotations that `validate` cannot evaluate, once for each callable.

    Args:
        graph: A buildable, or containers that hold some. Cycles are fine.

    Example:
        >>> from bytefig.configs import Config
        >>> def layer(units): ...
        >>> layer.__annotations__["units"] = "Unknown"
        >>> [(hint.parameter, hint.text) for hint in unresolved_hints(Config(layer))]
        [('units', 'Unknown')]
    """
    matcher = HintMatcher()
    seen: set[int] = set()
    found: list[UnresolvedHint] = []
    for place in iterate(graph):
        if type(place.value) not in BUILDABLE_TYPES or id(place.value.__fn_or_cls__) in seen:
            continue
        fn = place.value.__fn_or_cls__
        seen.add(id(fn))
        found.extend(
            UnresolvedHint(place, name, text) for name, text in matcher.hints(fn).unresolved.items()
        )
    return found


def _problems_of(matcher: HintMatcher, place: Place) -> list[Problem]:
    node: Buildable[object] = place.value
    signature = signature_of(node.__fn_or_cls__)
    if not signature.inferred:
        return []
    kind = kind_of(node)
    hints = matcher.hints(node.__fn_or_cls__)
    arity = len(signature.keys)
    problems: list[Problem] = []
    for key in _missing(node, signature):
        hint = hints.of(key, arity)
        expected = "" if hint is None else f" (expected {formatannotation(hint)})"
        problems.append(
            Problem(
                Place(NO_VALUE, place, kind, key),
                "missing",
                f"{signature.name} needs it{expected}",
                node.__provenance__,
            )
        )
    for key, value in signature.ordered(node.__arguments__).items():
        at = Place(value, place, kind, key)
        if not (_is_known(signature, key) and hints.allow(key, signature.names)):
            reason = (
                signature.explain(key, hints.fields or ())
                if isinstance(key, str)
                else f"{signature.name} takes {arity} positional arguments"
            )
            problems.append(Problem(at, "unknown", reason, provenance_of(node, key)))
            continue
        hint = hints.of(key, arity)
        # ``x: int = None`` is common.
        if hint is None or value is signature.default(key):
            continue
        problems.extend(
            Problem(where, "type", f"expected {formatannotation(wanted)}", provenance_of(node, key))
            for where, wanted in matcher.mismatches(at, hint)
        )
    return problems


def _missing(node: Buildable[object], signature: Signature) -> list[ArgumentKey]:
    missing = signature.missing(node.__arguments__)
    if not isinstance(node, Partial):
        return missing
    # The call of a partial can give the rest, but none before a position that is set.
    last = max((key for key in node.__arguments__ if isinstance(key, int)), default=-1)
    arity = len(signature.keys)
    before = signature.keys if last >= arity else signature.keys[: last + 1]
    return [key for key in missing if key in before]


def _is_known(signature: Signature, key: ArgumentKey) -> bool:
    if isinstance(key, str):
        return signature.accepts(key) or signature.varkw is not None
    return key < len(signature.keys) or signature.varargs is not None
