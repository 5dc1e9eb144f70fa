"""The inside of values that paths lead into: unset arguments, defaults, objects as containers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any, Final, get_args, get_origin

from ...configs import (
    BUILDABLE_TYPES,
    NO_VALUE,
    Config,
    add_declared_tags,
    expand_default_factories,
    map_graph,
    signature_of,
)
from ...configs.for_tracer import UNIONS, is_open_protocol, plain_hint
from ..auto_config import capturable
from ..engine.values import type_of
from ..errors import ConversionError
from .scalars import constant_converter
from .scope import Scope
from .trees import is_a

_UNMADE: Final = frozenset({"builtins", "typing", "collections", "collections.abc", "types"})


def default_in(node: Any, key: Any, hint: object, scope: Scope) -> Any:
    """Return the default of an unset argument, opened so that a path can lead in, or `NO_VALUE`.

    A default is copied. What a factory would make is captured, not made.

    Args:
        node: The node; where a factory makes the default, the argument is set.
        key: That of the argument.
        hint: Its annotation.
        scope: Where code of the user's runs.
    """
    signature = signature_of(node.__fn_or_cls__)
    default = signature.default(key)
    if key in signature.factories:
        expand_default_factories(node, signature.parameter_name(key))
        default = node.__arguments__.get(key, NO_VALUE)
        made_by = default.__fn_or_cls__ if type_of(default) is Config else None
        if type_of(made_by) is FunctionType:  # a lambda: what is in it is of interest
            builder = capturable(made_by, experimental_result_must_contain_buildable=False)
            with scope.running():
                return builder.as_buildable()
    return opened(default, hint)


def opened(value: object, hint: object) -> object:
    """Return a value as a node or container that can be gone into; itself if there is no way.

    An object becomes the config of what it was made with, as for `autoconvert`. None, and nothing,
    become one of the class that the annotation names, if that is one.
    """
    if value is None or value is NO_VALUE:
        classes = [*classes_to_make(hint)]
        if len(classes) != 1:
            return value
        node: Any = Config[Any].__from_bound__(classes[0], {}, None)
        add_declared_tags(node)
        return node
    if type_of(value) in BUILDABLE_TYPES or is_a(value, list | dict | tuple):
        return map_graph(lambda each: each, value)
    from ..autoconvert.conversion import Conversion  # noqa: PLC0415 - rarely needed

    try:
        return Conversion("override", chosen=False).convert("value", "value", value, lambda: hint)
    except ConversionError:
        return value


def classes_to_make(hint: object) -> Iterator[Any]:
    """Yield the classes of an annotation that a config of can be made without arguments.

    Example:
        >>> import dataclasses, typing
        >>> class Size: ...
        >>> [*classes_to_make(Size | None)], [*classes_to_make(typing.Callable[[int], Size])]
        ([<class '...Size'>], [])
    """
    hint = None if hint is None else plain_hint(hint)
    if get_origin(hint) in UNIONS:
        for option in get_args(hint):
            yield from classes_to_make(option)
        return
    cls: object = get_origin(hint) or hint
    if not is_a(cls, type) or cls.__module__ in _UNMADE or constant_converter(cls) is not None:
        return
    if not (inspect.isabstract(cls) or is_open_protocol(cls)):
        yield hint
