"""``auto_config``: make a function give the graph of the objects it builds."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import linecache
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
    Final,
    Generic,
    Literal,
    ParamSpec,
    TypeAlias,
    TypeVar,
    overload,
)

import attrs

from ..configs.for_tracer import hide_own_frames, html_lines, shown_file
from .anchors import bound_to, make_anchor, restored, symbol_leads_to
from .code.constructs import first_forbidden
from .code.decorators import check_order, check_wrapper, wrapped_functions
from .engine.callers import caller, frame_above
from .engine.marks import is_made
from .engine.values import Value, type_of
from .errors import NotAFunctionError, UnsupportedLanguageConstructError, describe
from .recording import late
from .recording.captured_function import Capture, Request
from .recording.config_types import ConfigTypes
from .recording.inlinable import Inlinable, dunder_call, exempting

if TYPE_CHECKING:
    from ..configs import Config
    from .recording.policy import PolicyTable

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")
Q = ParamSpec("Q")

#: What `auto_config` takes for an exemption policy: a table, or a predicate.
ExemptionPolicy: TypeAlias = "PolicyTable | Callable[[Any], Any]"

#: What `auto_config` takes for the constructs that it allows.
AllowControlFlow = bool | Literal["all"]

_FLOW: Final = "False, True or 'all'"
_DEFAULT_TYPES: Final = ConfigTypes()


@dataclasses.dataclass(frozen=True, init=False, repr=False, eq=False)
class AutoConfig(Inlinable, Generic[P, T]):
    """A function with an `as_buildable` beside it, made by `auto_config` and its kin.

    It looks like a ``functools.wraps`` wrapper of the function, whose other attributes are its own,
    too, and follows the descriptor protocol, so class methods, static methods and methods can be
    wrapped. Its attributes cannot be set; ``dataclasses.replace`` gives one with others.

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

    func: Any
    buildable_func: Any
    always_inline: bool
    #: Tells flax to leave it as it is, where a module's class has it.
    nowrap: ClassVar = True

    def __init__(
        self,
        func: Callable[P, T] | classmethod[object, P, T] | staticmethod[P, T],
        buildable_func: object,
        always_inline: bool = True,
    ) -> None:
        # As `functools.update_wrapper` does, but that these are never those of the function.
        own = vars(self)
        own.update(getattr(func, "__dict__", ()))
        own.update(func=func, buildable_func=buildable_func, always_inline=always_inline)
        own["__wrapped__"] = func
        for name in functools.WRAPPER_ASSIGNMENTS:
            with contextlib.suppress(AttributeError):
                own[name] = getattr(func, name)

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the function itself: no capture."""
        return self.func(*args, **kwargs)

    @property
    def as_buildable(self) -> Callable[P, Config[T]]:
        """The function that returns the graph of configs a call with its arguments would build."""
        return self.buildable_func

    # Type checkers take a class method for a function of its class.
    @overload
    def __get__(
        self: AutoConfig[Concatenate[type[S], Q], T], instance: S | None, owner: type[S]
    ) -> AutoConfig[Q, T]: ...
    @overload
    def __get__(
        self: AutoConfig[Concatenate[S, Q], T], instance: S, owner: type[S] | None = None
    ) -> AutoConfig[Q, T]: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> AutoConfig[P, T]: ...
    def __get__(self, instance: object, owner: object = None) -> Any:
        """Bind both functions."""
        if not hasattr(type_of(self.func), "__get__"):
            return self
        func = self.func.__get__(instance, owner)
        if func is self.func:
            return self
        return AutoConfig(func, self.buildable_func.__get__(instance, owner), self.always_inline)

    def __reduce_ex__(self, protocol: Any, /) -> str | tuple[object, ...]:
        """Pickle by name where it has one, as functions are; else, or by cloudpickle, by value."""
        owner = bound_to(self)
        if owner is not None:
            return getattr, (owner, self.func.__name__)
        if symbol_leads_to(self.func, self.func):  # such as what `exempt` was called with
            return AutoConfig, (self.func, self.buildable_func, self.always_inline)
        if protocol < 4 and symbol_leads_to(self.func, self):  # which knows no names with dots
            return self.func.__qualname__
        return restored, (self.__anchor__, AutoConfig), True

    def _repr_html_(self) -> str:
        """Return the signature of the function, and how to get its graph, for a notebook."""
        name = getattr(self, "__qualname__", type_of(self.func).__name__)
        code = getattr(inspect.unwrap(self.func), "__code__", None)
        try:
            head = f"{name}{inspect.signature(self)}"
        except (TypeError, ValueError):
            head = name
        place = [] if code is None else [f"{shown_file(code.co_filename)}:{code.co_firstlineno}"]
        doc = (inspect.getdoc(self.func) or "").splitlines()[:1] if code is not None else []
        graph = f"{name}.as_buildable(...) gives the graph of a call"
        return html_lines([(f"AutoConfig {head}", "magenta"), *doc, *place, graph])

    @property
    def __anchor__(self) -> FunctionType:
        """A function of this name, of which pickle and cloudpickle decide as of any other."""
        if "_anchor" not in self.__dict__:
            parts = (self.func, self.buildable_func, self.always_inline)
            self.__dict__["_anchor"] = make_anchor(self.func, parts)
        return self.__dict__["_anchor"]

    def __setstate__(self, _: object) -> None:
        """Take the object of the anchor, if it was unpickled already: it may lead back to here."""
        parts = getattr(self.__anchor__, "parts", None)
        if parts is not None and "func" not in self.__dict__:
            self.__init__(*parts)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the function; of one that is only just being unpickled, any."""
        own = self.__dict__
        if "func" not in own and "_anchor" in own:
            self.__setstate__(True)
            if name in own:
                return own[name]
        if "func" not in own:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(own["func"], name)

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


# An instance is to have those of its function, which are made when they are asked for (3.14).
del AutoConfig.__annotations__


@attrs.frozen(eq=False, repr=False)
class _Decorator:
    """The decorator that `auto_config` with parameters returns; typed here, run in `decorate`."""

    _asked: Request
    _control_flow: AllowControlFlow
    _always_inline: bool

    @overload
    def __call__(self, fn: classmethod[object, P, T], /) -> AutoConfig[P, T]: ...
    @overload
    def __call__(self, fn: staticmethod[P, T], /) -> AutoConfig[P, T]: ...
    @overload
    def __call__(self, fn: Callable[P, T], /) -> AutoConfig[P, T]: ...
    def __call__(self, fn: object, /) -> AutoConfig[..., Any]:
        """Wrap a function."""
        try:
            return self.decorate(fn, 2)
        except Exception as error:
            hide_own_frames(error)
            raise

    def decorate(self, fn: Value, depth: int) -> AutoConfig[..., Any]:
        """Wrap a function for the caller that is ``depth`` frames up."""
        if isinstance(fn, AutoConfig):
            fn = fn.func
        wrapped = AutoConfig(fn, self._capturing(fn), self._always_inline)
        check_order(frame_above(depth), getattr(fn, "__qualname__", repr(fn)))
        return wrapped

    def _capturing(self, fn: Value) -> Value:
        """Return a callable that captures ``fn``, of the same kind as ``fn``."""
        if isinstance(fn, FunctionType):
            return self._capture(fn, wrapped_functions(fn))
        if type(fn) in _DESCRIPTORS:
            return type_of(fn)(self._capturing(fn.__func__))
        if isinstance(fn, MethodType):
            return MethodType(self._capturing(fn.__func__), fn.__self__)
        if isinstance(fn, functools.partial):
            return functools.partial(self._capturing(fn.func), *fn.args, **fn.keywords)
        if isinstance(fn, _CACHED):  # calling it or what it wraps builds equal objects
            return self._capturing(fn.__wrapped__)
        call = dunder_call(type_of(fn))
        if call is not None:
            return MethodType(self._capture(call, wrapped_functions(fn)), fn)
        raise _not_a_function(fn)

    def _capture(self, fn: FunctionType, functions: tuple[object, ...]) -> Capture:
        check_wrapper(fn, _own_code(fn))
        # The user's own function, not a decorator's code, must do with the allowed constructs.
        innermost = functions[-1] if functions else fn
        if isinstance(innermost, FunctionType):
            _check_constructs(_own_code(innermost), self._control_flow)
        return Capture(fn, self._asked, functions)


_DESCRIPTORS: Final = frozenset({classmethod, staticmethod})
_CACHED: Final = type(functools.cache(id))  # what functools.lru_cache makes, too


def _own_code(function: FunctionType) -> CodeType:
    """Return a function's code as it was written."""
    code = function.__code__
    return late.own_code(function) if is_made(code) else code


def _check_constructs(code: CodeType, allowed: AllowControlFlow) -> None:
    found = first_forbidden(code, allowed)
    if found is None:
        return
    column = "" if found.column is None else f":{found.column + 1}"
    line = found.lineno or code.co_firstlineno
    error = UnsupportedLanguageConstructError.of(
        f"auto_config does not allow this construct here ({found.name})",
        f"{shown_file(code.co_filename)}:{line}{column} in {code.co_qualname}",
        'move it into an exempt() function, or pass experimental_allow_control_flow="all"'
        if first_forbidden(code, True) is not None
        else "pass experimental_allow_control_flow=True",
    )
    error.filename = code.co_filename
    error.lineno = line
    # Where the file is there, for whoever prints the error; bytecode alone is enough for all else.
    error.text = linecache.getline(code.co_filename, line) or None
    if found.column is not None:
        error.offset = found.column + 1
    raise error


def _not_a_function(fn: object) -> NotAFunctionError:
    kind = "the C callable" if callable(fn) else f"the {type(fn).__name__}"
    fix = "wrap it in a function or lambda that calls it"
    if isinstance(fn, type):
        kind = "the class"
    elif callable(fn) and isinstance(wrapped := getattr(fn, "__wrapped__", None), FunctionType):
        kind = f"what the decorator {type(fn).__name__} made of {wrapped.__qualname__},"
        fix = "put @auto_config below that decorator"
    return NotAFunctionError.of(
        f"auto_config needs a function with Python bytecode, not {kind} {fn!r}", caller(), fix
    )


@overload
def auto_config(fn: classmethod[object, P, T]) -> AutoConfig[P, T]: ...
@overload
def auto_config(fn: staticmethod[P, T]) -> AutoConfig[P, T]: ...
@overload
def auto_config(
    fn: Callable[P, T],
    *,
    experimental_allow_dataclass_attribute_access: bool = False,
    experimental_allow_control_flow: AllowControlFlow = False,
    experimental_always_inline: bool | None = None,
    experimental_exemption_policy: ExemptionPolicy | None = None,
    experimental_config_types: ConfigTypes = _DEFAULT_TYPES,
    experimental_result_must_contain_buildable: bool = True,
    guard: Literal["on", "off"] = "on",
    deferred: bool = False,
) -> AutoConfig[P, T]: ...
@overload
def auto_config(
    fn: None = None,
    *,
    experimental_allow_dataclass_attribute_access: bool = False,
    experimental_allow_control_flow: AllowControlFlow = False,
    experimental_always_inline: bool | None = None,
    experimental_exemption_policy: ExemptionPolicy | None = None,
    experimental_config_types: ConfigTypes = _DEFAULT_TYPES,
    experimental_result_must_contain_buildable: bool = True,
    guard: Literal["on", "off"] = "on",
    deferred: bool = False,
) -> _Decorator: ...
def auto_config(
    fn: object = None,
    *,
    experimental_allow_dataclass_attribute_access: bool = False,
    experimental_allow_control_flow: AllowControlFlow = False,
    experimental_always_inline: bool | None = None,
    experimental_exemption_policy: ExemptionPolicy | None = None,
    experimental_config_types: ConfigTypes = _DEFAULT_TYPES,
    experimental_result_must_contain_buildable: bool = True,
    guard: Literal["on", "off"] = "on",
    deferred: bool = False,
) -> Any:
    """Return ``fn`` with an `AutoConfig.as_buildable` that gives the graph of its result.

    The graph comes from interpreting the function's bytecode: its source is not needed. Inside a
    capture:

    * builtins, methods of ordinary instances, callables without a signature that can be
      inferred, callables wrapped by `exempt`, and other auto_config functions are called;
    * ``functools.partial`` becomes a Partial with the same arguments;
    * every other call becomes a Config with the same arguments.

    Works as a decorator, bare or with parameters, above ``@classmethod`` and ``@staticmethod``.
    A decorator below that uses ``functools.wraps`` is interpreted with what it wraps.

    Args:
        fn: A Python function, lambda, class method, static method, bound method,
            ``functools.partial`` of one, or an object whose class defines ``__call__`` in Python.
        experimental_allow_dataclass_attribute_access: Whether a field of a dataclass's config can
            be read and set inside a capture; it is the config's argument then. Other attributes
            of nodes cannot.
        experimental_allow_control_flow: Whether the function may loop, branch, raise, and use
            comprehensions. ``"all"`` allows every construct: ``try``, ``with``, nested functions
            and classes, ``yield`` and ``async``, too.
        experimental_always_inline: Whether a call of this function inside another capture gives
            its graph. If false, it gives one Config of this function, which `inline` expands.
            None means true.
        experimental_exemption_policy: Which calls run as usual: a `PolicyTable`, or a predicate
            that is given the callable and returns whether to run it. None means `LATEST`.
        experimental_config_types: The node types to make.
        experimental_result_must_contain_buildable: Whether a result without any node is an
            error.
        guard: Whether a node that the function uses as if it were the object (compares, formats,
            iterates, tests) is an error. ``"off"`` gives what the node itself answers.
        deferred: Whether what the function does to an object that is not built yet, and that need
            not be known during the capture, is done when it is built: attributes, methods, calls,
            items and arithmetic become nodes, or effects of the graph. It needs the guard, nodes
            of this library, and a policy with effects.

    Raises:
        NotAFunctionError: If ``fn`` has no Python bytecode: not callable, a class, a builtin, a
            C function, or if a decorator hides it. It is both a TypeError and a ValueError.
        UnsupportedLanguageConstructError: (a SyntaxError) If it uses a construct that is not
            allowed.
        AssertionError: If ``@classmethod`` or ``@staticmethod`` stands above.
        ValueError: If a parameter is none of the values it may have.

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
    types, flow = experimental_config_types, experimental_allow_control_flow
    policy: Any = experimental_exemption_policy  # a caller may not be type-checked
    is_policy = policy is None or callable(policy) or isinstance(policy, late.PolicyTable)
    for fits, parameter, wanted, given in (
        (guard in ("on", "off"), "guard", "'on' or 'off'", guard),
        (type(types) is ConfigTypes, "experimental_config_types", "a ConfigTypes", types),
        (is_policy, "experimental_exemption_policy", "a PolicyTable or a predicate", policy),
        (flow in (False, True, "all"), "experimental_allow_control_flow", _FLOW, flow),
        (guard == "on" or not deferred, "deferred", "False where guard is 'off'", deferred),
    ):
        if not fits:
            what = f"{parameter} must be {wanted}, not {given!r}"
            fix = f"pass {wanted}, or leave {parameter} out"
            raise ValueError(describe(what, caller(), fix))
    decorator = _Decorator(
        Request(
            policy=policy,
            types=types,
            dataclass_access=experimental_allow_dataclass_attribute_access,
            guards=guard == "on",
            deferred=deferred,
            result_must_contain_buildable=experimental_result_must_contain_buildable,
        ),
        flow,
        experimental_always_inline is None or experimental_always_inline,
    )
    if fn is None:
        return decorator
    try:
        return decorator.decorate(fn, 2)
    except Exception as error:
        hide_own_frames(error)
        raise


@exempting
def exempt(fn: Callable[P, T]) -> AutoConfig[P, T]:
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
    if not callable(fn) and type_of(fn) not in _DESCRIPTORS:
        raise NotAFunctionError.of(
            f"exempt needs a callable, not {fn!r}", caller(), "pass the callable itself"
        )
    return AutoConfig(fn, fn, always_inline=True)


def is_auto_config(function_object: object) -> bool:
    """Tell whether something was made by `auto_config` or its kin.

    Example:
        >>> is_auto_config(auto_config(lambda: [])), is_auto_config(len)
        (True, False)
    """
    return isinstance(function_object, AutoConfig)


def has_parameter(fn: Callable[..., object], name: str) -> bool:
    """Tell whether a function has a parameter, so that an argument of its name is the function's.

    Example:
        >>> has_parameter(lambda seed: seed, "seed"), has_parameter(len, "seed")
        (True, False)
    """
    try:
        return name in inspect.signature(fn).parameters
    except (TypeError, ValueError):  # `auto_config` says what is wrong with it
        return False


def capturable(fn: Value, **options: bool) -> AutoConfig[..., Any]:
    """Return an auto_config function as it is, any other as one that may use all constructs.

    Raises:
        NotAFunctionError: It has no bytecode.
    """
    if is_auto_config(fn):
        return fn
    decorate: Any = auto_config  # of which no overload fits Any
    return decorate(fn, experimental_allow_control_flow="all", **options)
