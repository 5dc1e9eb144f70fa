"""Annotations of callables, evaluated one by one, so that one that fails hides no other."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Container
from contextlib import suppress
from typing import Any, Final, Unpack, get_args, get_origin, get_type_hints

import attrs

from ..core.keys import ArgumentKey
from ..signature.annotation_tags import evaluate
from ..signature.signature import native_signature
from .type_variables import bound_hint

_EMPTY: Final = inspect.Parameter.empty


@attrs.frozen(eq=False)
class Hints:
    """The annotations of one callable.

    Attributes:
        result: What a call makes, or None if nothing says it.
        parameters: By argument key, those of the parameters that are not variadic, and of the
            names that ``**kwargs: Unpack[Fields]`` takes.
        varargs: That of ``*args``, or None.
        varkw: That of ``**kwargs``, or None.
        unresolved: Text of the annotations that cannot be evaluated, by the parameter's name.
        fields: The names that ``**kwargs: Unpack[Fields]`` takes; None if nothing limits them.
    """

    result: object
    parameters: dict[ArgumentKey, object] = attrs.field(factory=dict[ArgumentKey, object])
    varargs: object = None
    varkw: object = None
    unresolved: dict[str, str] = attrs.field(factory=dict[str, str])
    fields: Collection[str] | None = None

    def of(self, key: ArgumentKey, arity: int) -> object:
        """Return the annotation of an argument, or None; ``*args`` begin at ``arity``."""
        if key in self.parameters:
            return self.parameters[key]
        if isinstance(key, int):
            return self.varargs if key >= arity else None
        return self.varkw

    def allow(self, key: ArgumentKey, listed: Container[str]) -> bool:
        """Tell whether an argument is listed, or one that ``**kwargs`` are said to take."""
        fields = self.fields
        return fields is None or isinstance(key, int) or key in listed or key in fields


def hints_of(fn: Callable[..., object]) -> Hints:
    """Return the annotations of a callable.

    Example:
        >>> def fn(a: "int", *rest: str) -> list[int]: ...
        >>> hints = hints_of(fn)
        >>> hints.parameters, hints.varargs, hints.result
        ({'a': <class 'int'>}, <class 'str'>, list[int])
    """
    unresolved: dict[str, str] = {}
    parameters: dict[ArgumentKey, object] = {}
    variadic: dict[object, object] = {}
    origin: object = get_origin(fn) or fn
    made = fn if isinstance(origin, type) else None
    if _is_unchecked(origin):
        return Hints(made)
    try:
        signature = native_signature(origin)
    except (ValueError, TypeError):
        return Hints(made)

    def resolve(name: str, annotation: object) -> object:
        if annotation is _EMPTY:
            return None
        if type(annotation) is type:
            return annotation
        hint = evaluate(fn, name, annotation)
        if hint is None:
            unresolved[name] = annotation if isinstance(annotation, str) else repr(annotation)
        return bound_hint(fn, name, annotation, hint)

    position = 0
    for name, parameter in signature.parameters.items():
        hint = resolve(name, parameter.annotation)
        kind = parameter.kind
        if kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            variadic[kind] = hint
            continue
        if hint is not None:
            key = position if kind is parameter.POSITIONAL_ONLY else name
            parameters[key] = hint
        position += 1
    result = _result(fn, signature, resolve) if made is None else made
    varargs = variadic.get(inspect.Parameter.VAR_POSITIONAL)
    varkw = variadic.get(inspect.Parameter.VAR_KEYWORD)
    fields: dict[str, object] | None = None
    if get_origin(varkw) is Unpack:
        with suppress(Exception):  # annotations are a user's expressions
            fields = get_type_hints(get_args(varkw)[0])
            parameters.update(fields)
        varkw = None
    return Hints(result, parameters, varargs, varkw, unresolved, fields)


def _is_unchecked(fn: Any) -> bool:
    """Tell whether `typing.no_type_check` says that the annotations are no types."""
    called = fn.__init__ if isinstance(fn, type) else fn
    return any(getattr(one, "__no_type_check__", 0) is True for one in (inspect.unwrap(called), fn))


def _result(
    fn: object, signature: inspect.Signature, resolve: Callable[[str, object], object]
) -> object:
    if inspect.iscoroutinefunction(fn) or inspect.isasyncgenfunction(fn):
        return None  # the annotation is about what awaiting gives
    return resolve("return", signature.return_annotation)
