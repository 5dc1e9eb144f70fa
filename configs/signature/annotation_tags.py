"""Notes in annotations: tags, ``Annotated[T, MyTag]``, and nodes that they ask for."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin, get_type_hints

from ..core.keys import ArgumentKey
from ..core.registry import BUILDABLE_TYPES
from ..core.tag_type import ArgumentTags, TagType

#: What the text of an annotation that asks for a node has in it.
_SAYS_NODE: Final = ("Config", "Partial", "ArgFactory")


def tags_in_annotations(
    fn: object, annotations: Mapping[int | str, tuple[str, object]]
) -> ArgumentTags | None:
    """Return the tags of parameters, or None if no annotation has one.

    An annotation that is text and cannot be evaluated, such as one that names what is only
    imported for type checkers, has none. With each annotation comes the name of its parameter.
    """
    found: dict[int | str, frozenset[TagType]] = {}
    for key, (name, annotation) in annotations.items():
        hint = evaluate(fn, name, annotation) if isinstance(annotation, str) else annotation
        if get_origin(hint) is Annotated:
            tags = frozenset(arg for arg in get_args(hint) if isinstance(arg, TagType))
            if tags:
                found[key] = tags
    return found or None


def names_of_asked_nodes(
    fn: object, annotations: Mapping[ArgumentKey, tuple[str, object]]
) -> frozenset[str]:
    """Return the names of parameters whose annotation asks for a node where nothing is given.

    Those that can only be given by position ask for nothing, nor do those that would make the
    callable again without end.
    """
    return frozenset(
        key
        for key, (name, annotation) in annotations.items()
        if isinstance(key, str) and _may_ask(annotation) and asked_node(fn, name, annotation)
    )


def _may_ask(annotation: object) -> bool:
    # Evaluating text takes long, and nearly none asks.
    if isinstance(annotation, str):
        return any(kind in annotation for kind in _SAYS_NODE)
    return get_origin(annotation) is Annotated


def asked_node(fn: object, name: str, annotation: object) -> tuple[Any, object] | None:
    """Return Config and T, the class and the callable, for ``Annotated[T | None, Config[T]]``.

    None, if the annotation, or the text of one, has another form.
    """
    hint = evaluate(fn, name, annotation) if isinstance(annotation, str) else annotation
    if get_origin(hint) is not Annotated:
        return None
    wanted, *notes = get_args(hint)
    origins: list[Any] = [get_origin(note) for note in notes]
    kinds = [kind for kind in origins if kind in BUILDABLE_TYPES]
    members = get_args(wanted) if get_origin(wanted) in (Union, UnionType) else ()
    made = [member for member in members if member is not NoneType]
    # The T of `Config[T]` stays a type variable in an alias that is given its T later.
    if not kinds or len(made) != 1 or not callable(made[0]) or made[0] is fn:
        return None
    return kinds[0], made[0]


def evaluate(fn: object, name: str, annotation: object) -> object:
    """Return an annotation with all the text in it evaluated; None if that cannot be done."""

    def probe() -> None: ...

    probe.__annotations__ = {name: annotation}
    try:
        namespace = _globals_of(fn, name, annotation)
        return get_type_hints(probe, namespace, include_extras=True)[name]
    except Exception:  # It is a user's expression.
        return None


def _globals_of(fn: Any, name: str, annotation: object) -> dict[str, object]:
    """Return the globals that an annotation was written among."""
    fn = get_origin(fn) or fn
    if isinstance(fn, type):
        bases = cast("type[Any]", fn).__mro__
        for base in bases:  # a field of a dataclass and the like, perhaps an inherited one
            if vars(base).get("__annotations__", {}).get(name) == annotation:
                return vars(sys.modules.get(base.__module__, sys))
        # `object` has both.
        makers = (vars(base).get("__init__") or vars(base).get("__new__") for base in bases)
        maker = next(filter(None, makers))
        fn = getattr(maker, "__func__", maker)
    elif not hasattr(fn, "__globals__") and not hasattr(fn, "__func__"):
        fn = getattr(fn, "func", None) or type(fn).__call__
    fn = inspect.unwrap(getattr(fn, "__func__", fn))
    return getattr(fn, "__globals__", {})
