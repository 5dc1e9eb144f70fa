"""The calls of rebuilt code: each is preceded by a question to its site, which callable to call.

CPython makes the call itself, in whatever form it is. Before it the callable is taken to the top of
the stack, compared with the one that the site knows, and replaced by what the site says to call for
that: itself, if it is to run, or what records the call.
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from ..interception import InlineCache, Interceptor
from ..marks import Rebuilt, last_constant
from ..tracebacks import strip
from ..values import Value, type_of


class Origin(Rebuilt):
    """Where rebuilt code comes from, and who decides about its calls; its last constant.

    It stands for the interpreted frame where an interceptor is told of a call.

    Attributes:
        code: The original code object.
        interceptor: Who decides.
        offsets: By code unit of the rebuilt code, the offset in the original, in bytes.
        globals: Those of the function.
        sites: The calls.
        operands, namespace, call_sites, fast, localsplus, slots: As in `Frame` and `Program`.
    """

    __slots__ = (
        "call_sites",
        "code",
        "fast",
        "globals",
        "interceptor",
        "localsplus",
        "namespace",
        "offsets",
        "operands",
        "sites",
        "slots",
    )

    def __init__(
        self,
        code: CodeType,
        interceptor: Interceptor[Any],
        offsets: tuple[int, ...],
        global_names: dict[str, Value],
        handled: tuple[range, ...] = (),
    ) -> None:
        self.code = code
        self.handled = handled
        self.interceptor = interceptor
        self.offsets = offsets
        self.globals = global_names
        self.sites: list[Site] = []
        self.operands: tuple[Value, ...] = ()
        self.call_sites: dict[tuple[int, ...], CodeType] = {}
        self.namespace = None
        # Who is called by rebuilt code finds its frame, or looks at none.
        self.slots = self.fast = self.localsplus = ()

    @property
    def program(self) -> Origin:
        """The object that has the offsets: this one."""
        return self

    def locals(self) -> dict[str, Value]:
        """Return the variables of the innermost frame of the code."""
        frame: FrameType | None = sys._getframe()  # pyright: ignore[reportPrivateUsage]
        while frame is not None and last_constant(frame.f_code) is not self:
            frame = frame.f_back
        assert frame is not None, "only called by what a frame of the code calls"
        return frame.f_locals

    def load_attr(self, name: str, obj: object) -> Value:
        """Load an attribute of a value of a guarded type."""
        return self.interceptor.load_attr(self, _here(), obj, name)

    def store_attr(self, name: str, value_and_object: tuple[object, object]) -> None:
        """Store an attribute of a value of a guarded type."""
        value, obj = value_and_object
        self.interceptor.store_attr(self, _here(), obj, name, value)

    def delete_attr(self, name: str, obj: object) -> None:
        """Delete an attribute of a value of a guarded type."""
        self.interceptor.delete_attr(self, _here(), obj, name)

    def match(self, subject: object) -> None:
        """Be told that a value of a guarded type is matched."""
        self.interceptor.match(self, _here(), subject)

    def is_none(self, obj: object) -> None:
        """Be told that a value of a guarded type is tested for being None."""
        self.interceptor.is_none(self, _here(), obj)

    def common(self, value: object) -> Value:
        """Return a builtin of a generator expression that CPython may run itself (from 3.14 on).

        If it may not, that is what no name is bound to.
        """
        return value if self.interceptor.runs(value) else self

    def made(self, function: FunctionType) -> FunctionType:
        """Have a function traced that the code has made."""
        return self.interceptor.adopt(function)

    def caught(self, error: BaseException) -> BaseException:
        """Be told of an exception that the code handles, and return the one to handle."""
        traceback = error.__traceback__
        if traceback is not None and traceback.tb_next is not None:
            error.__traceback__ = strip(traceback)
        if type(error) is not TypeError:
            return error
        replaced = self.interceptor.explain_native(error)
        if replaced is None:
            return error
        replaced.__context__ = error.__context__
        return replaced.with_traceback(error.__traceback__)


_NO_METHOD: Final = (None, None)


def _here() -> int:
    """Return the code unit where the frame is that has called the caller."""
    return sys._getframe(2).f_lasti // 2  # pyright: ignore[reportPrivateUsage]


class Site(InlineCache):
    """One call of rebuilt code.

    Attributes:
        origin: That of the code.
        pair: A callable that has been met, and what to call for it. It is replaced as a whole.
        method: A bound method is made anew each time. The function, or the type and the name, of
            one that runs whatever it is bound to.
    """

    __slots__ = ("method", "origin", "pair")

    def __init__(self, index: int, origin: Origin) -> None:
        super().__init__(index)
        self.origin = origin
        self.pair: tuple[Any, Any] = (self, None)
        self.method: tuple[Any, Any] = _NO_METHOD

    def ask(self, fn: Value) -> Value:
        """Return the callable to call in place of another."""
        kind = type_of(fn)
        if kind is MethodType:
            if fn.__func__ is self.method[0]:
                return fn
        elif kind is BuiltinFunctionType:
            bound_to, name = self.method
            if type_of(fn.__self__) is bound_to and fn.__name__ == name:
                return fn
        elif kind is FunctionType and type_of(last_constant(fn.__code__)) is Origin:
            if _lasts(fn):
                self.pair = (fn, fn)
            return fn
        target = self.origin.interceptor.divert(self, fn)
        if _lasts(fn):
            self.pair = (fn, target)
        return target


class Diverted:
    """Called by rebuilt code for a callable that is not to run as it is."""

    __slots__ = ("_fn", "_site")

    def __init__(self, site: Site, fn: object) -> None:
        self._site = site
        self._fn = fn

    def __call__(self, /, *args: object, **kwargs: object) -> Value:
        """Make the call as the interceptor decides."""
        site = self._site
        origin = site.origin
        try:
            return origin.interceptor.call_at(
                origin, site, self._fn, [*args, *kwargs.values()], tuple(kwargs)
            )
        except BaseException as error:
            error.__traceback__ = strip(error.__traceback__)
            raise


def _lasts(fn: Value) -> bool:
    """Tell whether a callable may be kept: others are made anew each time, or may be kept alive."""
    kind = type_of(fn)
    if kind is BuiltinFunctionType:
        return isinstance(fn.__self__, ModuleType | None)
    if kind is FunctionType:
        return fn.__closure__ is None and "<locals>" not in fn.__qualname__
    return isinstance(fn, type)


def released(code: CodeType, interceptor: Interceptor[Any]) -> None:
    """Have another interceptor decide about the calls of rebuilt code from now on."""
    origin = origin_of(code)
    if origin is not None:
        origin.interceptor = interceptor
        for site in origin.sites:
            site.pair, site.method = (site, None), _NO_METHOD


def origin_of(code: CodeType) -> Origin | None:
    """Return where rebuilt code comes from, or None for any other code."""
    last = last_constant(code)
    return last if isinstance(last, Origin) else None
