"""Running one function in the interpreter for the graph of its result."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Awaitable
from types import FunctionType
from typing import Any, Final

import attrs

from ...configs import BUILDABLE_TYPES, contains_buildable
from ...configs.for_tracer import keep_effects, native_signature, next_number, shown_file
from ..code.flags import CO_COROUTINE
from ..engine.call_sites import entrance
from ..engine.decode import decode
from ..engine.drivers import start
from ..engine.frame import Frame
from ..engine.functions import make_binder, untwin
from ..engine.interception import Decision
from ..engine.tracebacks import strip
from ..engine.values import Args, Kwargs, Value, type_of
from ..errors import ArgumentBindingError, NoBuildableError, UnbuiltNodeError
from .config_types import ConfigTypes
from .inlinable import FORESEEING, Captures
from .policy import PolicyTable
from .policy_tables import DEFERRING, LATEST, from_predicate, loaded_peers
from .recorder import INLINING, CaptureOptions, Recorder
from .rules import Is, Rule

#: So many other places a note lists.
_MANY: Final = 10
_CONTAINERS: Final[tuple[type, ...]] = (list, dict, set, deque)


def recorder_class(wanted: str) -> type[Recorder]:
    """Return the recorder that a value of ``BYTEFIG_LOG`` asks for.

    Example:
        >>> recorder_class("").__name__
        'Recorder'
        >>> recorder_class("verbose")
        Traceback (most recent call last):
        ...
        ValueError: BYTEFIG_LOG must be debug or not set, not 'verbose'
    """
    if not wanted:
        return Recorder
    if wanted != "debug":
        raise ValueError(f"BYTEFIG_LOG must be debug or not set, not {wanted!r}")
    from .log import LoggingRecorder, log_to_stderr  # noqa: PLC0415 - logging is slow to import

    log_to_stderr()
    return LoggingRecorder


RECORDER: Final = recorder_class(os.environ.get("BYTEFIG_LOG", ""))


class _Binder:
    """How the arguments of a function bind, as long as nobody changes the function.

    Attributes:
        code, defaults, kwdefaults: Those of the function.
        bind: Returns the values of its argument slots.
        containers: The default values that can be changed.
        program: What its code is decoded to.
        enter: Calls something from a frame that looks like the function's.
    """

    __slots__ = ("bind", "code", "containers", "defaults", "enter", "kwdefaults", "program")

    def __init__(self, function: FunctionType) -> None:
        self.code = function.__code__
        self.defaults = function.__defaults__
        self.kwdefaults = function.__kwdefaults__
        self.bind = make_binder(function)
        self.program = decode(function.__code__)
        self.enter = entrance(function.__code__, function.__globals__)
        named = function.__kwdefaults__ or {}
        defaults: tuple[object, ...] = (*(function.__defaults__ or ()), *named.values())
        #: Those that what the function makes can get into, and stay in after the call.
        self.containers: list[object] = [
            each
            for each in defaults
            if not contains_buildable(each) and isinstance(each, _CONTAINERS)
        ]


def capture_options(
    *, policy: Any, types: ConfigTypes, deferred: bool, **others: bool
) -> CaptureOptions:
    """Return how a function is captured; the policy may be a predicate, or None for the latest."""
    if policy is None:
        policy = DEFERRING if deferred else LATEST
    elif not isinstance(policy, PolicyTable):
        policy = from_predicate(policy)
    return CaptureOptions(policy=policy, types=types, deferred=deferred, **others)


def with_wrapped(
    options: CaptureOptions, wrapper: FunctionType, functions: tuple[object, ...]
) -> CaptureOptions:
    """Return options for a wrapper: it and the function that it wraps are interpreted."""
    rule = Rule(Is(functions), Decision.STEP_INTO, f"{wrapper.__qualname__} wraps it")
    return attrs.evolve(options, policy=options.policy.extend(rule))


def captured(capture: Captures, options: CaptureOptions, args: Args, kwargs: Kwargs) -> Value:
    """Return the graph of one call.

    Raises:
        ArgumentBindingError: If the arguments do not fit the function.
        NoBuildableError: If the result holds no buildable, unless the options allow that.
        UnbuiltNodeError: If the function used a node as the object, even if it caught this.
    """
    binder = _bound(capture)
    function = capture.function
    slots = _bind(function, binder, args, kwargs)
    code = binder.code
    recorder = RECORDER(options)
    outer = INLINING.get()
    if outer is None or recorder.made is None:
        recorder.first = next_number()
    else:
        INLINING.set(None)
        recorder.made = outer.made
    try:
        frame = Frame(
            binder.program,
            code,
            slots,
            function.__closure__ or (),
            function.__globals__,
            recorder,
        )
        result = binder.enter(start, (frame,), {})
    except BaseException as error:
        try:
            refusal = _refusal_for(capture, error, recorder)
            recorder.close()
        finally:
            recorder.close()
        error.__traceback__ = strip(error.__traceback__)
        if refusal is None:
            raise
        raise refusal from error
    if code.co_flags & CO_COROUTINE:
        return _awaited(capture, options, result, recorder)
    try:
        recorder.close()
    finally:  # once more, in case that something was raised in there
        recorder.close()
    return _checked(capture, options, result, recorder)


async def _awaited(
    capture: Captures, options: CaptureOptions, coroutine: Awaitable[Value], recorder: Recorder
) -> Value:
    """Run the coroutine that the call of an ``async`` function gave."""
    try:
        result = await coroutine
    except TypeError as error:
        refusal = _refusal_for(capture, error, recorder)
        if refusal is None:
            raise
        raise refusal from error
    else:
        return _checked(capture, options, result, recorder)
    finally:
        try:
            recorder.close()
        finally:
            recorder.close()


def _checked(
    capture: Captures, options: CaptureOptions, result: Value, recorder: Recorder
) -> Value:
    if recorder.refusals:
        refused = next(iter(recorder.refusals.values()))
        refused.add_note(
            f"{capture.function.__qualname__} caught this error itself, and went on as it does not"
            " when the object is built"
        )
        _tell_others(capture, refused, recorder)
        raise refused
    if options.result_must_contain_buildable and not _contains_node(result):
        raise _no_buildable(capture.function, result)
    containers = None if capture.binder is None else capture.binder.containers
    if containers and contains_buildable(containers):
        raise _node_in_default(capture.function)
    if recorder.first and recorder.made:
        keep_effects(result, recorder.made, recorder.first, _held_by_peers)
    return result


def _refusal_for(
    capture: Captures, error: BaseException, recorder: Recorder
) -> BaseException | None:
    """Return the error to raise in place of one that ends a capture; give notes to the one raised.

    The recorder is asked before it is closed: then it is nobody's to say what native code did.
    """
    refusal = recorder.explain_native(error) if type(error) is TypeError else None
    _tell_others(capture, refusal or error, recorder)
    return refusal


def _tell_others(capture: Captures, error: BaseException, recorder: Recorder) -> None:
    """Add notes to the error that ends a capture: the other places that are refused."""
    refusals, recorder.refusals = recorder.refusals, {}
    for other in refusals.values():
        if other is not error:
            error.add_note(f"{capture.function.__qualname__} caught before: {other}")
    is_refused = any(each is error for each in refusals.values())
    foreseen = FORESEEING[-1](capture) if is_refused else []
    others = [each for each in foreseen if each[0] not in refusals]
    if others:
        listed = "".join(f"\n  {place}: {action}" for place, action in others[:_MANY])
        more = "\n  ..." if len(others) > _MANY else ""
        error.add_note(f"{capture.function.__qualname__} would be refused here, too:{listed}{more}")


def _contains_node(result: object) -> bool:
    if type_of(result) in BUILDABLE_TYPES or contains_buildable(result):
        return True
    peers = loaded_peers()  # whose nodes may be there, whatever is recorded
    return peers is not None and peers.contains_peer_node(result)


def _bound(capture: Captures) -> _Binder:
    function = capture.function
    made = capture.binder  # read once: another thread may replace it
    # What decides how arguments bind; a program may change any of it between two calls.
    if (
        made is None
        or function.__code__ is not made.code
        or function.__defaults__ is not made.defaults
        or function.__kwdefaults__ is not made.kwdefaults
    ):
        untwin(function)
        made = capture.binder = _Binder(function)
    return made


def _bind(
    function: FunctionType, binder: _Binder, args: Args, kwargs: Kwargs
) -> tuple[object, ...]:
    try:
        return binder.bind(*args, **kwargs)
    except TypeError as error:
        raise ArgumentBindingError.of(
            f"cannot capture a call of {function.__qualname__}: {error}",
            place_of_function(function),
            "call as_buildable with the arguments of "
            f"{function.__qualname__}{native_signature(function)}",
        ) from None


def _held_by_peers(values: object) -> object:
    peers = loaded_peers()
    return peers and peers.held_by_peers(values)


def place_of_function(function: FunctionType) -> str:
    """Return file, line and name of a function, for messages."""
    code = function.__code__
    return f"{shown_file(code.co_filename)}:{code.co_firstlineno} in {code.co_qualname}"


def _node_in_default(function: FunctionType) -> UnbuiltNodeError:
    return UnbuiltNodeError.of(
        f"a mutable default of {function.__qualname__} holds a config of an object that is not"
        " built yet: it would be there in the next call, too, also in a plain one",
        place_of_function(function),
        "make the default None, and a new container in the function",
    )


def _no_buildable(function: FunctionType, result: object) -> NoBuildableError:
    return NoBuildableError.of(
        f"{function.__qualname__} returned {result!r}, which contains no buildable",
        place_of_function(function),
        "return what the function builds, do not exempt the calls that build it, or pass "
        "experimental_result_must_contain_buildable=False",
    )
