"""The interceptor that lets every call happen: interpreting with everything exempt."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    MethodDescriptorType,
    MethodWrapperType,
    WrapperDescriptorType,
)
from typing import Any, Final

from .call_sites import call_from, call_site
from .frame import Frame
from .frame_builtins import FRAME_BUILTINS
from .functions import (
    is_implicit,
    is_twin,
    make_implicit,
    make_native,
    run_natively,
    turn_into_twin,
)
from .interception import FunctionParts, InlineCache, PlainCalls
from .marks import CallsNatively, calls_natively
from .native.loop_entry import take_over
from .opcodes.calls import NO_KEYWORDS
from .tiers import TIERS
from .values import Args, Kwargs, Value, type_of

# Nothing that runs code in the interpreter comes without an interceptor.
TIERS.take_over = take_over

# Source: CPython ``Include/object.h``, Py_TPFLAGS_HEAPTYPE.
HEAP_TYPE: Final = 1 << 9
#: The exact types of callables written in C.
C_CALLABLES: Final = frozenset(
    {
        BuiltinFunctionType,
        ClassMethodDescriptorType,
        MethodDescriptorType,
        MethodWrapperType,
        WrapperDescriptorType,
    }
)

#: Methods of instances of these types, and the functions of ``builtins``, do not look at their
#: caller's frame. Other C code may: ``type`` takes a module's name from it, warnings a line.
_PLAIN_TYPES: Final = frozenset(
    {bytearray, bytes, complex, dict, float, frozenset, int, list, range, set, str, tuple}
)


def _is_plain_type(found: object) -> bool:
    return isinstance(found, type) and found is not type and not issubclass(found, BaseException)


_BUILTIN_TYPES: Final = frozenset(filter(_is_plain_type, vars(builtins).values()))


def _ignores_frames(fn: Value, kind: type) -> bool:
    if kind is BuiltinFunctionType:
        owner = fn.__self__
        return owner is builtins or type_of(owner) in _PLAIN_TYPES
    if kind is MethodDescriptorType:
        return fn.__objclass__ in _PLAIN_TYPES
    return kind is type and fn in _BUILTIN_TYPES


#: Of the builtins, those that are more than a call: a class statement, and what shows text, which
#: may be that of nodes.
_NOT_PLAIN: Final = frozenset(map(id, (__build_class__, print)))


def _is_plain(fn: object) -> bool:
    # An iterator asks for the items of its arguments later.
    return (
        id(fn) not in FRAME_BUILTINS
        and id(fn) not in _NOT_PLAIN
        and not hasattr(fn, "__next__")
        and _ignores_frames(fn, type_of(fn))
    )


#: Kept alive here, so that no other object ever has the `id` of one.
_PLAIN: Final = tuple(fn for fn in vars(builtins).values() if callable(fn) and _is_plain(fn))
_PLAIN_IDS: Final = frozenset(map(id, _PLAIN))


def note_plain(plain: PlainCalls, fn: Value) -> None:
    """Note that ``fn`` runs, if it is a builtin that a CALL may call itself."""
    if id(fn) in _PLAIN_IDS:
        plain.functions.add(id(fn))
    elif is_plain_method(fn):
        plain.methods.add((type_of(fn.__self__), fn.__name__))


def is_plain_method(fn: Value) -> bool:
    """Tell whether ``fn`` is a method bound to an instance of a builtin type."""
    return type_of(fn) is BuiltinFunctionType and type_of(fn.__self__) in _PLAIN_TYPES


def with_names(
    values: list[Value], names: tuple[str, ...]
) -> tuple[tuple[Value, ...], Mapping[str, Value]]:
    """Return positional and named arguments, the last values having the names."""
    if not names:
        return tuple(values), NO_KEYWORDS
    given = values.__len__() - names.__len__()  # without ``len``: the program may have patched it
    return tuple(values[:given]), dict(zip(names, values[given:], strict=True))


class Native:
    """Runs each call as CPython would, and traces the functions that traced code makes.

    Attributes:
        guarded_types: Empty: no attribute access is special.
    """

    __slots__ = ("guarded_types", "plain")

    @property
    def natives(self) -> dict[tuple[int, int], CodeType] | None:
        """The native code of functions is not kept: nobody would be there to forget it."""
        return None

    @property
    def goes_native(self) -> bool:
        """Whether frames may go over to native code: they may."""
        return True

    def __init__(self) -> None:
        self.guarded_types: set[type] = set()
        self.plain = PlainCalls()

    def call_at(
        self,
        frame: Frame,
        cache: InlineCache,
        fn: object,
        values: list[Value],
        names: tuple[str, ...],
        /,
    ) -> Value:
        """Call ``fn``; a CALL calls plain callables itself from now on."""
        note_plain(self.plain, fn)
        return self.call(frame, cache.index, fn, *with_names(values, names))

    @calls_natively(CallsNatively(fn=3))
    def call(self, frame: Frame, index: int, fn: Value, args: Args, kwargs: Kwargs, /) -> Value:
        """Call ``fn``, which finds the user's frame above it if it looks."""
        special = FRAME_BUILTINS.get(id(fn))
        if special is not None:
            return special(frame, index, args, kwargs)
        if _ignores_frames(fn, type_of(fn)):
            return fn(*args, **kwargs)
        if "stacklevel" in kwargs:
            return call_from(frame, index, fn, args, kwargs)
        return call_site(frame, index)(fn, args, kwargs)

    @property
    def asks(self) -> bool:
        """Whether native code asks about its calls: only tests need it."""
        return TIERS.everywhere

    @property
    def asks_of_none(self) -> bool:
        """Nothing is to be told of."""
        return False

    def divert(self, site: Any, fn: object, /) -> Any:
        """Return the callable: everything runs."""
        return fn

    def adopt(self, function: FunctionType, /) -> FunctionType:
        """Make a twin; a function that no user code can see is run at once, and so natively."""
        if is_implicit(function.__code__):
            run_natively(function, self)
        return function if is_twin(function) else turn_into_twin(function, self)

    def explain_native(self, error: TypeError, /) -> BaseException | None:
        """The error says it all."""
        return None

    def runs(self, fn: object, /) -> bool:
        """Everything runs."""
        return True

    def make_function(self, frame: Frame, made: FunctionParts, /) -> Callable[..., Value]:
        """Make a twin, or a stand-in for a function that no user code can see."""
        return make_implicit(frame, made) or turn_into_twin(make_native(frame, made), self)

    def load_attr(self, frame: Frame, index: int, obj: object, name: str, /) -> Value:
        """Load an attribute."""
        return getattr(obj, name)

    def store_attr(
        self, frame: Frame, index: int, obj: object, name: str, value: object, /
    ) -> None:
        """Store an attribute."""
        setattr(obj, name, value)

    def delete_attr(self, frame: Frame, index: int, obj: object, name: str, /) -> None:
        """Delete an attribute."""
        delattr(obj, name)

    def match(self, frame: Frame, index: int, subject: object, /) -> None:
        """Let it be matched."""

    def is_none(self, frame: Frame, index: int, obj: object, /) -> None:
        """Let it be tested."""

    def explain(
        self, frame: Frame, index: int, error: TypeError, operands: tuple[object, ...], /
    ) -> BaseException | None:
        """The error says it all."""
        return None
