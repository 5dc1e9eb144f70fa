"""``auto_config``: make a function give the graph of what it builds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any, Final, overload

import attrs

from ..configs import contains_buildable
from ..configs.signatures import native_signature
from .config_types import ConfigTypes
from .decode import decode
from .drivers import start
from .errors import (
    ArgumentBindingError,
    NoBuildableError,
    NotAFunctionError,
    describe,
)
from .frame import Frame, type_of
from .functions import make_binder, untwin
from .policy import LATEST, PolicyTable, from_predicate
from .recorder import Inlinable, Recorder
from .tracebacks import caller, strip

#: What `auto_config` takes for an exemption policy: a table, or a predicate.
ExemptionPolicy = PolicyTable | Callable[[Any], Any]


@attrs.frozen
class CaptureOptions:
    """How a function is captured; see `auto_config` for the meaning."""

    policy: PolicyTable = LATEST
    types: ConfigTypes = attrs.field(factory=ConfigTypes)
    result_must_contain_buildable: bool = True


_DEFAULT_TYPES: Final = ConfigTypes()


class Capture:
    """Calling it runs a function in the interpreter and returns the graph it builds.

    A descriptor like the function itself, so it works as a method.
    """

    __slots__ = ("__weakref__", "_binder", "_bound_to", "function", "options")

    def __init__(self, function: FunctionType, options: CaptureOptions) -> None:
        self.function = function
        self.options = options
        self._bound_to: tuple[Any, ...] | None = None
        self._binder: Callable[..., tuple[Any, ...]] | None = None

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Bind like a function."""
        return self if instance is None else MethodType(self, instance)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Capture one call.

        Raises:
            ArgumentBindingError: If the arguments do not fit the function.
            NoBuildableError: If the result holds no buildable, unless the options allow that.
        """
        slots = self._bind(args, kwargs)
        function = self.function
        code = function.__code__
        recorder = Recorder(self.options.policy, self.options.types)
        try:
            result = start(
                Frame(
                    decode(code),
                    code,
                    slots,
                    function.__closure__ or (),
                    function.__globals__,
                    recorder,
                )
            )
        except BaseException as error:
            error.__traceback__ = strip(error.__traceback__)
            raise
        finally:
            recorder.close()
        if self.options.result_must_contain_buildable and not contains_buildable(result):
            raise _no_buildable(function, result)
        return result

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        function = self.function
        untwin(function)
        # What decides how arguments bind; a program may change any of it between two calls.
        bound_to = (function.__code__, function.__defaults__, function.__kwdefaults__)
        if self._binder is None or not _same(bound_to, self._bound_to):
            self._binder = make_binder(function)
            self._bound_to = bound_to
        try:
            return self._binder(*args, **kwargs)
        except TypeError as error:
            raise ArgumentBindingError(
                describe(
                    f"cannot capture a call of {function.__qualname__}: {error}",
                    _place(function),
                    f"call as_buildable with the arguments of {_shown_signature(function)}",
                )
            ) from None


def _same(left: tuple[Any, ...], right: tuple[Any, ...] | None) -> bool:
    return right is not None and all(a is b for a, b in zip(left, right, strict=True))


def _place(function: FunctionType) -> str:
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno} in {code.co_qualname}"


def _shown_signature(function: FunctionType) -> str:
    return f"{function.__qualname__}{native_signature(function)}"


def _no_buildable(function: FunctionType, result: Any) -> NoBuildableError:
    return NoBuildableError(
        describe(
            f"{function.__qualname__} returned {result!r}, which contains no buildable",
            _place(function),
            "return what the function builds, do not exempt the calls that build it, or pass "
            "experimental_result_must_contain_buildable=False",
        )
    )


class AutoConfig(Inlinable):
    """A function with an `as_buildable` beside it, made by `auto_config` and its kin.

    It looks like a ``functools.wraps`` wrapper of the function, and follows the descriptor
    protocol, so class methods, static methods and methods can be wrapped.

    Attributes:
        func: What a plain call runs: a function, class method, static method or other callable.
        buildable_func: Of the same kind; what `as_buildable` runs.
        always_inline: Whether a call of it inside a capture gives the graph itself, rather than
            one node that `inline` can expand later.

    Example:
        >>> twice = AutoConfig(func=lambda x: 2 * x, buildable_func=lambda x: [x, x])
        >>> twice(3), twice.as_buildable(3)
        (6, [3, 3])
    """

    def __init__(
        self,
        func: Any,
        buildable_func: Any,
        always_inline: bool = True,
    ) -> None:
        self.func = func
        self.buildable_func = buildable_func
        self.always_inline = always_inline
        functools.update_wrapper(self, func)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call the function itself: no capture."""
        return self.func(*args, **kwargs)

    @property
    def as_buildable(self) -> Callable[..., Any]:
        """The function that returns the graph of configs a call with its arguments would build."""
        return self.buildable_func

    def __get__(self, instance: object, owner: type | None = None) -> AutoConfig:
        """Bind both functions."""
        if not hasattr(type_of(self.func), "__get__"):
            return self
        func = self.func.__get__(instance, owner)
        if func is self.func:
            return self
        return AutoConfig(func, self.buildable_func.__get__(instance, owner), self.always_inline)

    def __eq__(self, other: object) -> bool:
        """Two bindings of one method to one object are equal, as bound methods are."""
        if not isinstance(other, AutoConfig):
            return NotImplemented
        return self is other or (
            self.func == other.func
            and self.buildable_func == other.buildable_func
            and self.always_inline == other.always_inline
        )

    def __hash__(self) -> int:
        return hash((self.func, self.always_inline))

    def __repr__(self) -> str:
        return f"AutoConfig({self.func!r}, always_inline={self.always_inline})"


@overload
def auto_config(fn: Callable[..., Any], /) -> AutoConfig: ...
@overload
def auto_config(
    fn: None = None,
    /,
    *,
    experimental_always_inline: bool | None = None,
    experimental_exemption_policy: ExemptionPolicy | None = None,
    experimental_config_types: ConfigTypes = _DEFAULT_TYPES,
    experimental_result_must_contain_buildable: bool = True,
) -> Callable[[Callable[..., Any]], AutoConfig]: ...
@overload
def auto_config(
    fn: Callable[..., Any],
    /,
    *,
    experimental_always_inline: bool | None = None,
    experimental_exemption_policy: ExemptionPolicy | None = None,
    experimental_config_types: ConfigTypes = _DEFAULT_TYPES,
    experimental_result_must_contain_buildable: bool = True,
) -> AutoConfig: ...
def auto_config(
    fn: Any = None,
    /,
    *,
    experimental_always_inline: bool | None = None,
    experimental_exemption_policy: ExemptionPolicy | None = None,
    experimental_config_types: ConfigTypes = _DEFAULT_TYPES,
    experimental_result_must_contain_buildable: bool = True,
) -> Any:
    """Return ``fn`` with an `AutoConfig.as_buildable` that gives the graph of what it builds.

    The graph comes from interpreting the function's bytecode: its source is not needed, and
    nothing is decoded before the first capture. Inside a capture:

    * builtins, methods of ordinary instances, callables without a signature that can be
      inferred, callables wrapped by `exempt`, and other auto_config functions are called;
    * ``functools.partial`` becomes a Partial with the same arguments;
    * every other call becomes a Config with the same arguments.

    Works as a decorator, bare or with parameters, above ``@classmethod`` and ``@staticmethod``.

    Args:
        fn: A Python function, lambda, class method, static method, bound method,
            ``functools.partial`` of one, or an object whose class defines ``__call__`` in Python.
        experimental_always_inline: Whether a call of this function inside another capture gives
            its graph. If false, it gives one Config of this function, which `inline` expands.
            None means true.
        experimental_exemption_policy: Which calls run as usual: a `PolicyTable`, or a predicate
            that is given the callable and returns whether to run it. None means `LATEST`.
        experimental_config_types: The node types to make.
        experimental_result_must_contain_buildable: Whether a result without any node is an
            error.

    Raises:
        NotAFunctionError: If ``fn`` has no Python bytecode: not callable, a class, a builtin, a
            C function. It is both a TypeError and a ValueError.

    Example:
        >>> from bytefig.configs import build
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> @auto_config
        ... def build_layer():
        ...     return Dense(units=128)
        >>> config = build_layer.as_buildable()
        >>> config
        <Config[Dense(units=128)]>
        >>> config.units = 64
        >>> build(config).units, build_layer().units
        (64, 128)
    """
    options = CaptureOptions(
        policy=_table(experimental_exemption_policy),
        types=experimental_config_types,
        result_must_contain_buildable=experimental_result_must_contain_buildable,
    )
    always_inline = experimental_always_inline is None or experimental_always_inline

    def decorate(function: Any) -> AutoConfig:
        if isinstance(function, AutoConfig):
            function = function.func
        return AutoConfig(function, _capturing(function, options), always_inline)

    return decorate if fn is None else decorate(fn)


def _table(policy: ExemptionPolicy | None) -> PolicyTable:
    if policy is None:
        return LATEST
    return policy if isinstance(policy, PolicyTable) else from_predicate(policy)


_DESCRIPTORS: Final = frozenset({classmethod, staticmethod})


def _capturing(fn: Any, options: CaptureOptions) -> Any:
    """Return what captures ``fn``, of the same kind as ``fn``."""
    if isinstance(fn, FunctionType):
        return Capture(fn, options)
    if type(fn) in _DESCRIPTORS:
        return type_of(fn)(_capturing(fn.__func__, options))
    if isinstance(fn, MethodType):
        return MethodType(_capturing(fn.__func__, options), fn.__self__)
    if isinstance(fn, functools.partial):
        return functools.partial(_capturing(fn.func, options), *fn.args, **fn.keywords)
    call = next((vars(c)["__call__"] for c in type_of(fn).__mro__ if "__call__" in vars(c)), None)
    if isinstance(call, FunctionType):
        return MethodType(Capture(call, options), fn)
    raise NotAFunctionError(
        describe(
            f"auto_config needs a function with Python bytecode, not {_kind(fn)} {fn!r}",
            caller(),
            "wrap it in a function or lambda that calls it",
        )
    )


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return "the class"
    return "the C callable" if callable(value) else f"the {type(value).__name__}"


def exempt(fn: Any) -> AutoConfig:
    """Return ``fn`` so that captures call it as usual instead of recording it.

    Args:
        fn: Any callable.

    Raises:
        NotAFunctionError: If ``fn`` is not callable.

    Example:
        >>> @exempt
        ... def half(x): return x // 2
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> auto_config(lambda: Dense(half(128))).as_buildable()
        <Config[Dense(units=64)]>
    """
    if not callable(fn) and not isinstance(fn, classmethod | staticmethod):
        raise NotAFunctionError(
            describe(f"exempt needs a callable, not {fn!r}", caller(), "pass the callable itself")
        )
    return AutoConfig(fn, fn, always_inline=True)


def is_auto_config(function_object: Any) -> bool:
    """Tell whether something was made by `auto_config` or its kin.

    Example:
        >>> is_auto_config(auto_config(lambda: [])), is_auto_config(len)
        (True, False)
    """
    return isinstance(function_object, AutoConfig)
