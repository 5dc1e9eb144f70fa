"""What a CALL becomes during capture: a node of the graph, or an ordinary call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, NoReturn
from weakref import WeakSet

from ..configs import BUILDABLE_TYPES, Buildable, Partial, Provenance, get_callable, signature_of
from .config_types import ConfigTypes
from .errors import ArgumentBindingError, UnbuiltNodeError, describe
from .frame import Frame, FunctionParts, ImplicitCallable, type_of
from .frame_builtins import FRAME_BUILTINS
from .functions import is_twin, untwin
from .interceptor import Native
from .policy import Decision, PolicyTable


class Inlinable:
    """A callable that knows its own config graph: capture asks it for that instead of a policy.

    Attributes:
        always_inline: Whether a call gives the graph itself, or one node that stands for it.
    """

    __slots__ = ()

    # Not annotated: instances would have the class's ``__annotations__`` instead of the function's.
    always_inline = True

    @property
    def as_buildable(self) -> Callable[..., Any]:
        """A function of the same parameters that returns the graph of a call."""
        raise NotImplementedError


def is_partial(value: object) -> bool:
    """Tell whether a value is a Partial."""
    return isinstance(value, Partial)


class Recorder(Native):
    """Records one capture.

    The order in which a call is judged: what a statement calls implicitly, a function made by the
    traced code itself, and a builtin that looks at its caller's frame, run; an auto_config
    function gives its graph, or a node that can be inlined later; what the policy exempts runs;
    ``functools.partial`` becomes a Partial; all else becomes a Config.
    """

    __slots__ = ("_policy", "_twins", "_types")

    def __init__(self, policy: PolicyTable, types: ConfigTypes) -> None:
        super().__init__()
        self.guarded_types = BUILDABLE_TYPES
        self._twins: WeakSet[FunctionType] = WeakSet()
        self._policy = policy
        self._types = types

    def call(
        self,
        frame: Frame,
        index: int,
        fn: Any,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        /,
    ) -> Any:
        """Do what the policy says about a call."""
        kind = type_of(fn)
        if (
            isinstance(fn, ImplicitCallable)
            or (kind is FunctionType and is_twin(fn))
            or fn is __build_class__
            or id(fn) in FRAME_BUILTINS
        ):
            return super().call(frame, index, fn, args, kwargs)
        if isinstance(fn, Inlinable):
            if fn.always_inline:
                return fn.as_buildable(*args, **kwargs)
        elif kind in self.guarded_types:
            _refuse(frame, index, f"call {fn!r}", "call it where the built object is used")
        elif self._policy.decide(fn).decision is Decision.EXEMPT:
            return super().call(frame, index, fn, args, kwargs)
        elif fn is functools.partial:
            return self._partial(frame, index, args, kwargs)
        return _node(self._types.config_cls, frame, index, fn, args, kwargs)

    def runs(self, fn: Any, /) -> bool:
        """Tell whether the policy exempts a callable."""
        return self._policy.decide(fn).decision is Decision.EXEMPT

    def make_function(self, frame: Frame, made: FunctionParts, /) -> Callable[..., Any]:
        """Make a twin that lasts as long as the capture."""
        function = super().make_function(frame, made)
        if isinstance(function, FunctionType):
            self._twins.add(function)
        return function

    def close(self) -> None:
        """Turn the twins that are still alive into ordinary functions: the capture is over."""
        for function in self._twins:
            untwin(function)
        self._twins.clear()

    def _partial(
        self, frame: Frame, index: int, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Any:
        fn: Any = args[0] if args else None
        rest: list[Any] = list(args[1:])
        if is_partial(fn):
            earlier, named = signature_of(get_callable(fn)).call_arguments(fn.__arguments__)
            fn = get_callable(fn)
            rest, kwargs = [*earlier, *rest], {**named, **kwargs}
        elif not callable(fn):
            return functools.partial(*args, **kwargs)  # and CPython words the TypeError
        return _node(self._types.partial_cls, frame, index, fn, tuple(rest), kwargs)

    def load_attr(self, frame: Frame, index: int, obj: Any, name: str, /) -> NoReturn:
        """Refuse: the object the attribute belongs to does not exist yet."""
        _refuse(
            frame,
            index,
            f"read attribute {name!r} of {obj!r}",
            f"give the value of {name!r} to both callables, or move the access into the callable "
            "that receives the object",
        )

    def store_attr(self, frame: Frame, index: int, obj: Any, name: str, value: Any, /) -> NoReturn:
        """Refuse, as `load_attr` does."""
        _refuse(
            frame,
            index,
            f"set attribute {name!r} of {obj!r}",
            f"pass {name!r} to the call that makes the object, or set it on the graph afterwards",
        )

    def delete_attr(self, frame: Frame, index: int, obj: Any, name: str, /) -> NoReturn:
        """Refuse, as `load_attr` does."""
        _refuse(
            frame,
            index,
            f"delete attribute {name!r} of {obj!r}",
            "delete it on the graph afterwards",
        )


def _provenance(frame: Frame, index: int) -> Provenance:
    return Provenance(frame.code, frame.program.offsets[index])


def _refuse(frame: Frame, index: int, action: str, fix: str) -> NoReturn:
    raise UnbuiltNodeError(
        describe(
            f"cannot {action} inside capture: it is the config of an object that is not built yet",
            str(_provenance(frame, index)),
            fix,
        )
    )


def _node(
    cls: type[Buildable[Any]],
    frame: Frame,
    index: int,
    fn: Any,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Buildable[Any]:
    provenance = _provenance(frame, index)
    try:
        arguments = signature_of(fn).bind(args, kwargs)
    except TypeError as error:
        name = getattr(fn, "__qualname__", repr(fn))
        raise ArgumentBindingError(
            describe(
                f"cannot record a call of {name}: {error}",
                str(provenance),
                f"call {name} with arguments that it takes, or exempt it",
            )
        ) from None
    return cls.__from_bound__(fn, arguments, provenance)
