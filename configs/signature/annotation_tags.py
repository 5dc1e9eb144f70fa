"""Tags in the annotations of parameters: ``Annotated[T, MyTag]``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

from ..core.tag_type import ArgumentTags, TagType


def tags_in_annotations(
    fn: object, annotations: Mapping[int | str, tuple[str, object]]
) -> ArgumentTags | None:
    """Return the tags of parameters, or None if no annotation has one.

    An annotation that is text and cannot be evaluated, such as one that names what is only
    imported for type checkers, has none.

    Args:
        fn: The callable.
        annotations: For each argument key, the name of the parameter and its annotation.
    """
    found: dict[int | str, frozenset[TagType]] = {}
    for key, (name, annotation) in annotations.items():
        hint = evaluate(fn, name, annotation) if isinstance(annotation, str) else annotation
        if get_origin(hint) is Annotated:
            tags = frozenset(arg for arg in get_args(hint) if isinstance(arg, TagType))
            if tags:
                found[key] = tags
    return found or None


def evaluate(fn: object, name: str, annotation: object) -> Any:
    """Return an annotation with all the text in it evaluated; None if that cannot be done.

    Args:
        fn: The callable.
        name: The name of the parameter, or ``"return"``.
        annotation: The annotation, which may be text.
    """

    def probe() -> None: ...

    probe.__annotations__ = {name: annotation}
    try:
        namespace = _globals_of(fn, name, annotation)
        return get_type_hints(probe, namespace, include_extras=True)[name]
    except Exception:  # It is a user's expression.
        return None


def _globals_of(fn: Any, name: str, annotation: Any) -> dict[str, Any]:
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
