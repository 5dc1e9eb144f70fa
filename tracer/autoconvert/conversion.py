"""Turning objects into the configs that build them again: one traversal for a whole call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Final

from ...configs import (
    BUILDABLE_TYPES,
    ArgumentKey,
    Attr,
    Config,
    CycleError,
    Index,
    Provenance,
    SavedProvenance,
    add_declared_tags,
    signature_of,
)
from ...configs.for_tracer import (
    BUILDABLE_KIND,
    KNOWN_TAG_NAMES,
    NodeKind,
    Visit,
    callable_name,
    fold,
    kind_of,
    rebuild_if_changed,
    record_node,
    user_provenance,
)
from ..engine.callers import caller
from ..engine.values import type_of
from ..errors import ConversionError, describe
from .converters import Converter, converter_of, is_registered
from .hints import asks_for_instance, hint_inside
from .plain_values import is_atom, is_bulk, is_referred
from .recipes import recipe_of, recipe_of_node
from .routes import Recipe, RefusedError

_CONFIG: Final[type[Config[object]]] = Config


def _rebuild_set(value: object, _: object, values: list[object]) -> object:
    # Nodes have no hash, so what builds the set takes a list of them.
    return record_node(_CONFIG, type_of(value), {0: values}, 0, user_provenance())


def _nothing_inside(_: object) -> tuple[Sequence[object], Sequence[object]]:
    return (), ()


_SET: Final = NodeKind(lambda value: (range(len(value)), tuple(value)), _rebuild_set, Index)


class Conversion:
    """Converts the arguments of one call, so that an object that is given twice is one node."""

    def __init__(self, function: str) -> None:
        """Begin; ``function`` is the name of the callee, for messages."""
        self._function = function
        self._memo: dict[int, object] = {}
        # By the id of the kind that stands for it: how an object is made, and what is passed on.
        self._recipes: dict[int, Recipe] = {}
        self._values: set[int] = set()
        # Keeps what was looked at alive, so that ids in the memo stay its.
        self._alive: list[object] = []
        self._stack: list[Visit] = []
        self._name = ""
        self._hint: Callable[[], object] = lambda: None
        self._place: Provenance | SavedProvenance | None = None

    def convert(self, name: str, value: object, hint: Callable[[], object]) -> object:
        """Return the value in place of an argument, which is not changed.

        Args:
            name: Its name in messages: ``model``, or ``layers[2]``.
            value: The argument.
            hint: Gives its annotation, or None.
        """
        self._name, self._hint = name, hint
        self._stack = []
        try:
            return fold(value, self._combine, self._leaf, self._memo, self._stack, self._kind)
        except CycleError as error:
            inner = error.inner.replace("<root>", name, 1)
            outer = error.outer.replace("<root>", name, 1)
            raise self._error(
                value,
                RefusedError(f"it contains itself: it is the same object as {outer}"),
                inner,
                f"put another value at {inner}, or leave {_parameter(name)} alone with"
                f" skip=[{_parameter(name)!r}]",
            ) from None

    def _kind(self, value: object) -> NodeKind | None:
        if type_of(value) in BUILDABLE_TYPES or _is_peer_node(value):
            return self._kind_of_node(value)
        if id(value) in self._memo:
            return _SEEN
        kind = _SET if type(value) in (set, frozenset) else kind_of(value)
        stays = kind is not None or is_atom(value) or is_referred(value) or is_bulk(value)
        # A converter of an abstract class is not meant for every list and number.
        converter = converter_of(value)
        if converter is not None and (not stays or is_registered(type_of(value))):
            return self._by_converter(value, converter)
        if stays:
            return kind
        try:
            return self._kind_of_recipe(value, recipe_of(value))
        except RefusedError as refusal:
            raise self._error(value, refusal) from refusal.__cause__

    def _by_converter(self, value: object, converter: Converter) -> NodeKind:
        exact = is_registered(type_of(value))
        try:
            made = converter(value)
            if type(made) not in BUILDABLE_TYPES:
                kind = NodeKind(_nothing_inside, lambda _, __, ___: made, Attr)
                self._values.add(id(kind))
                self._alive.append(kind)
                return kind
            return self._kind_of_recipe(
                value, recipe_of_node(made, value, "autoconvert.register", exact)
            )
        except RefusedError as refusal:
            raise self._error(value, refusal) from None

    def _kind_of_node(self, value: object) -> NodeKind | None:
        for visit in reversed(self._stack):
            if visit.kind is BUILDABLE_KIND:
                return BUILDABLE_KIND
            recipe = self._recipes.get(id(visit.kind))
            if recipe is None:
                continue
            if recipe.written:
                return BUILDABLE_KIND if type_of(value) in BUILDABLE_TYPES else None
            held = "an object holds this config itself"
            raise self._error(
                value, RefusedError(f"{held}; building would give it what the config builds")
            )
        return None

    def _kind_of_recipe(self, value: object, recipe: Recipe) -> NodeKind:
        arguments = signature_of(recipe.fn).ordered(recipe.arguments)
        keys, values = tuple(arguments), tuple(arguments.values())
        kind = NodeKind(
            lambda _: (keys, values),
            lambda _, keys, values: self._node(recipe, keys, values),
            lambda key: Attr(key) if isinstance(key, str) else Index(key),
        )
        self._recipes[id(kind)] = recipe
        self._alive += (value, kind, recipe)
        return kind

    def _node(self, recipe: Recipe, keys: Sequence[ArgumentKey], values: list[object]) -> object:
        arguments = dict(zip(keys, values, strict=True))
        like = recipe.like
        if self._place is None:
            self._place = user_provenance()
        tags = None if like is None else like.__argument_tags__
        node = record_node(recipe.node_cls, recipe.fn, arguments, 0, self._place, 0, tags)
        if like is None and KNOWN_TAG_NAMES:
            add_declared_tags(node)
        return node

    def _combine(self, visit: Visit, stack: Sequence[Visit]) -> object:
        self._alive.append(visit.node)
        if id(visit.kind) in self._recipes or id(visit.kind) in self._values:
            return visit.rebuild()
        return rebuild_if_changed(visit, stack)

    def _leaf(self, value: object) -> object:
        if not isinstance(value, type | FunctionType):
            return value
        hint = self._hint()
        for visit in self._stack:
            if hint is None or id(visit.kind) in self._recipes or visit.kind is BUILDABLE_KIND:
                return value
            key: object = visit.keys[len(visit.results)]
            hint = hint_inside(hint, visit.node, key)
        if not asks_for_instance(hint, value):
            return value
        node = record_node(_CONFIG, value, {}, 0, user_provenance())
        if KNOWN_TAG_NAMES:
            add_declared_tags(node)
        return node

    def _path(self) -> str:
        steps = (visit.kind.element(visit.keys[len(visit.results)]) for visit in self._stack)
        return self._name + "".join(map(str, steps))

    def _error(
        self, value: object, refusal: RefusedError, path: str = "", fix: str = ""
    ) -> ConversionError:
        cls, path = type_of(value), path or self._path()
        name = callable_name(cls)
        unknown = f": {', '.join(refusal.missing)}" if refusal.missing else ""
        error = ConversionError(
            describe(
                f"cannot convert {path} of {self._function}(), an object of {cls.__module__}."
                f"{name}, to a config: {refusal.reason}{unknown}",
                str(user_provenance() or caller()),
                fix
                or f"pass a Config; or leave {_parameter(self._name)} alone with"
                f" skip=[{_parameter(self._name)!r}]; or say how it is converted, by"
                f" autoconvert.register({name}) or a method to_config(); or decorate {name} with"
                " recorded, or make the object inside `with recording():`",
            )
        )
        error.path, error.type, error.missing = path, cls, refusal.missing
        return error


def _parameter(name: str) -> str:
    return name.partition("[")[0]


#: Of what has been visited: `fold` finds it in the memo before it looks inside.
_SEEN: Final = NodeKind(_nothing_inside, lambda value, _, __: value, Attr)


def _is_peer_node(value: object) -> bool:
    """Tell whether a value is a node of Fiddle, or of a library on top of it."""
    return any(
        base.__name__ == "Buildable" and base.__module__.startswith("fiddle.")
        for base in type_of(value).__mro__
    )
