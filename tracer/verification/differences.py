"""Comparing two results object by object: equal values, equal structure, equal sharing.

The loop keeps its own stack, so cycles and depth do no harm.
"""

from __future__ import annotations

import functools
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, CellType, FunctionType, MappingProxyType, MethodType
from typing import Final, TypeAlias

import attrs

from ...configs import Attr, Index, Key, Path, PathElement, format_path, signature_of
from ...configs.for_tracer import both_nan, how_arrays_differ, plain_repr
from ..engine.functions import own_code
from ..engine.values import Value, type_of
from .object_state import (
    closure_contents,
    compared_state,
    eq_is_structural,
    identity_matters,
    is_iterator,
    is_made_anew,
    reduced,
)


@attrs.frozen
class Difference:
    """Where two values differ first.

    Attributes:
        path: The way there from both roots.
        left: The value of the first there.
        right: The value of the second there.
        reason: How they differ.
    """

    path: Path
    left: object = attrs.field(repr=plain_repr)
    right: object = attrs.field(repr=plain_repr)
    reason: str


def first_difference(left: object, right: object) -> Difference | None:
    """Return where two values differ first, or None if they are the same.

    They are the same if they are identical, or equal, or of the same type with the same state; and
    if, in either, an object that occurs at two places is one object in the other too.

    Example:
        >>> first_difference([1, {"a": 2}], [1, {"a": 3}])
        Difference(path=(Index(index=1), Key(key='a')), left=2, right=3, reason='the values differ')
        >>> shared = []
        >>> first_difference([shared, shared], [[], []]).reason
        'the first is the object at <root>[0] again, the second is not'
    """
    return _Comparison(0).run(left, right)


#: A path, last step first: one cell for each step, so that deep paths share their beginning.
_Trail: TypeAlias = "tuple[_Trail, PathElement] | None"
#: Two values, and the step to them; None when they are no step away.
_Pair = tuple[object, object, PathElement | None]
#: The pairs that decide, or how the two differ.
_Verdict = list[_Pair] | str

_SAME: Final[list[_Pair]] = []
_DIFFER: Final = "the values differ"
#: How deep sets may lie in sets whose elements have to be tried against each other.
_SET_DEPTH: Final = 20


class _Comparison:
    def __init__(self, level: int) -> None:
        self._level = level
        # By id: the object on the other side, and where both were seen first.
        self._partners: tuple[dict[int, tuple[object, _Trail]], ...] = ({}, {})
        self._compared: set[tuple[int, int]] = set()
        self._alive: list[object] = []  # ids of what is made here must not be used again
        self._too_deep: set[type] = set()

    def run(self, left: object, right: object) -> Difference | None:
        pending: list[tuple[object, object, _Trail]] = [(left, right, None)]
        while pending:
            left, right, trail = pending.pop()
            try:
                verdict = self._compare(left, right, trail)
            except Exception as error:  # a hash, an `__eq__` or a property of the user's
                verdict = f"comparing them raised {type(error).__name__}: {error}"
            if isinstance(verdict, str):
                return Difference(_path(trail), left, right, verdict)
            for one, other, step in reversed(verdict):
                self._alive += (one, other)
                pending.append((one, other, trail if step is None else (trail, step)))
        return None

    def _compare(self, left: object, right: object, trail: _Trail) -> _Verdict:
        kind, other = type_of(left), type_of(right)
        made_anew: list[_Pair] = []
        if kind is not other:
            if self._equal(left, right):
                return _SAME
            if not is_made_anew(kind, other):
                return f"the types differ: {kind.__qualname__} and {other.__qualname__}"
            made_anew = [(kind, other, Attr("__class__"))]
        if identity_matters(kind):
            verdict = self._compare_sharing(left, right, trail)
            if verdict:
                return verdict
        pair = (id(left), id(right))
        if left is right or pair in self._compared:
            return _SAME
        self._compared.add(pair)
        if is_iterator(left):
            return "an iterator cannot be compared, that would use it up"
        verdict = self._compare_content(left, right, kind)
        return verdict if isinstance(verdict, str) else made_anew + verdict

    def _compare_sharing(self, left: object, right: object, trail: _Trail) -> str:
        sides = ((left, right, "first", "second"), (right, left, "second", "first"))
        for partners, (mine, other, my_name, other_name) in zip(self._partners, sides, strict=True):
            known, place = partners.setdefault(id(mine), (other, trail))
            if known is not other:
                where = format_path(_path(place))
                return f"the {my_name} is the object at {where} again, the {other_name} is not"
        return ""

    def _compare_content(self, left: Value, right: Value, kind: type) -> _Verdict:
        if hasattr(kind, "shape") and hasattr(kind, "dtype"):
            reason = how_arrays_differ(left, right)
            return [(left.tolist(), right.tolist(), None)] if reason is None else reason or _SAME
        if kind is complex:
            return _by_name(left, right, ("real", "imag"))
        if not eq_is_structural(kind) and (self._equal(left, right) or both_nan(left, right)):
            return _SAME
        for base, rule in _RULES:
            if issubclass(kind, base):
                return rule(self, left, right)
        return self._compare_state(left, right)

    def _equal(self, left: Value, right: Value) -> bool:
        kind = type_of(left)
        if kind in self._too_deep:
            return False
        try:
            return bool(left == right)
        except RecursionError:
            self._too_deep.add(kind)
        except Exception:  # user code; tables of data have no truth value, but `equals`
            try:
                return left.equals(right) is True
            except Exception:
                return False
        return False

    def _compare_state(self, left: object, right: object) -> _Verdict:
        mine, theirs = compared_state(left), compared_state(right)
        for one, other, name in ((mine, theirs, "first"), (theirs, mine, "second")):
            for attribute in one:
                if attribute not in other:
                    return f"only the {name} has the attribute {attribute!r}"
        pairs: list[_Pair] = [(mine[name], theirs[name], Attr(name)) for name in mine]
        if type_of(left).__eq__ is not object.__eq__:
            return pairs or _DIFFER  # its own `==` has said no
        parts = reduced(left, bool(mine)), reduced(right, bool(theirs))
        if None not in parts:
            return [*pairs, (*parts, None)]
        unseen = f"no state of a {type_of(left).__qualname__} can be seen, so nobody can compare it"
        return pairs or unseen

    def compare_items(self, left: Value, right: Value) -> _Verdict:
        if len(left) != len(right):
            return f"the lengths differ: {len(left)} and {len(right)}"
        fields = getattr(type_of(left), "_fields", ())
        steps: Iterable[PathElement] = (
            map(Attr, fields) if len(fields) == len(left) else map(Index, range(len(left)))
        )
        pairs: list[_Pair] = list(zip(left, right, steps, strict=True))
        if hasattr(left, "maxlen"):
            pairs += _by_name(left, right, ("maxlen",))
        return pairs + _attributes(left, right)

    def compare_mappings(self, left: Value, right: Value) -> _Verdict:
        keys = self._matched(left.keys(), right.keys(), "key")
        if isinstance(keys, str):
            return keys
        pairs: list[_Pair] = [(one, other, Key(one)) for one, other in keys if one is not other]
        pairs += [(left[one], right[other], Key(one)) for one, other in keys]
        if hasattr(left, "move_to_end") and [*map(id, right)] != [id(key) for _, key in keys]:
            return "the order of the keys differs"
        if hasattr(left, "default_factory"):
            pairs += _by_name(left, right, ("default_factory",))
        return pairs + _attributes(left, right)

    def compare_sets(self, left: object, right: object) -> _Verdict:
        elements = self._matched(left, right, "element")
        if isinstance(elements, str):
            return elements
        pairs: list[_Pair] = [(one, other, None) for one, other in elements if one is not other]
        return pairs + _attributes(left, right)

    def _matched(self, left: Value, right: Value, what: str) -> list[tuple[object, object]] | str:
        """Pair the keys or elements of both: by equality, the remaining ones by structure."""
        if self._level > _SET_DEPTH:
            return "sets this deep in sets cannot be compared"
        theirs = {key: key for key in right}
        rest = [key for key in right if key not in left]
        found: list[tuple[object, object]] = []
        for one in left:
            if one in theirs:
                found.append((one, theirs[one]))
                continue
            for place, other in enumerate(rest):
                if _Comparison(self._level + 1).run(one, other) is None:
                    found.append((one, rest.pop(place)))
                    break
            else:
                return f"the first has the {what} {_named(one)}, the second has not"
        if rest:
            return f"the second has the {what} {_named(rest[0])}, the first has not"
        return found

    def compare_functions(self, left: Value, right: Value) -> _Verdict:
        codes = own_code(left), own_code(right)
        if codes[0] != codes[1] or left.__globals__ is not right.__globals__:
            return "they are different functions"
        cells: list[_Pair] = [
            (one, other, Attr(name))
            for name, one, other in zip(
                codes[0].co_freevars, left.__closure__ or (), right.__closure__ or (), strict=True
            )
        ]
        return [*_by_name(left, right, ("__defaults__", "__kwdefaults__", "__dict__")), *cells]

    def compare_cells(self, left: Value, right: Value) -> _Verdict:
        return self.compare_items(closure_contents(left), closure_contents(right))

    def compare_partials(self, left: Value, right: Value) -> _Verdict:
        arguments: _Verdict = _by_name(left, right, ("args", "keywords"))
        try:  # an argument by name is the same as that one by position
            signature = signature_of(left.func)
            mine = signature.bind(left.args, left.keywords)
            theirs = signature.bind(right.args, right.keywords)
        except TypeError:
            pass
        else:
            arguments = self.compare_mappings(mine, theirs)
        if isinstance(arguments, str):
            return arguments
        return [*_by_name(left, right, ("func",)), *arguments, *_attributes(left, right)]

    def compare_bound(self, left: Value, right: Value) -> _Verdict:
        if left.__name__ != right.__name__:
            return _DIFFER
        names = ("__func__", "__self__") if isinstance(left, MethodType) else ("__self__",)
        return _by_name(left, right, names)

    def compare_classes(self, left: Value, right: Value) -> _Verdict:
        if not is_made_anew(left, right):
            return "they are different classes"
        states = compared_state(left), compared_state(right)
        return [*_by_name(left, right, ("__bases__",)), (*states, None)]


_Rule = Callable[[_Comparison, Value, Value], _Verdict]
_RULES: Final[tuple[tuple[type[object] | tuple[type[object], ...], _Rule], ...]] = (
    ((list, tuple, deque), _Comparison.compare_items),
    ((dict, MappingProxyType), _Comparison.compare_mappings),
    ((set, frozenset), _Comparison.compare_sets),
    (FunctionType, _Comparison.compare_functions),
    (CellType, _Comparison.compare_cells),
    (functools.partial, _Comparison.compare_partials),
    ((MethodType, BuiltinFunctionType), _Comparison.compare_bound),
    (weakref.ref, lambda _, left, right: [(left(), right(), None)]),
    (type, _Comparison.compare_classes),
)


def _path(trail: _Trail) -> Path:
    steps: list[PathElement] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return tuple(reversed(steps))


def _by_name(left: object, right: object, names: Iterable[str]) -> list[_Pair]:
    return [(getattr(left, name), getattr(right, name), Attr(name)) for name in names]


def _attributes(left: object, right: object) -> list[_Pair]:
    """Pair the instance dicts of instances of the user's subclasses."""
    return _by_name(left, right, ("__dict__",)) if hasattr(left, "__dict__") else []


def _named(value: object) -> str:
    return repr(value) if isinstance(value, str | int) else f"of type {type_of(value).__qualname__}"
