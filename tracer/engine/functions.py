"""Function objects whose bodies are interpreted.

A *twin* is a real function object: CPython binds its arguments, ``inspect`` reads its signature,
native code calls it. Only its code object is replaced by a *trampoline*, which hands the bound
arguments to a `Runner`. That of a generator function or its kin is a driver (see ``drivers.py``).
What is called often is given rebuilt code
instead, which CPython runs. When the interceptor is done with a twin, `untwin` gives the code back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from sys import _getframe as _caller  # pyright: ignore[reportPrivateUsage]
from sys import exc_info
from types import CellType, CodeType, FunctionType
from typing import Any, Final
from weakref import ref

from ...configs import WeakIdentityCache
from ...configs.for_tracer import set_provenance_finder
from ..code.flags import (
    CO_ITERABLE_COROUTINE,
    CO_OPTIMIZED,
    CO_VARARGS,
    CO_VARKEYWORDS,
    SUSPENDABLE,
    argument_count,
)
from .decode import decode
from .drivers import DRIVERS, SUPPORT, Support, compiled, start, supported
from .frame import Frame
from .interception import FunctionParts, ImplicitCallable, Interceptor
from .interpreter import execute, run
from .native.call_layout import IMPLICIT
from .native.loop_entry import native_code
from .native.sites import Origin, origin_of
from .tiers import TIERS
from .traced import locate
from .values import Value

#: The flags a trampoline takes from the user's code.
_KEPT_FLAGS: Final = CO_ITERABLE_COROUTINE | 0x10  # CO_NESTED

# What traced code does to a node is told of its own place.
set_provenance_finder(locate)

_templates: Final[WeakIdentityCache[CodeType, CodeType]] = WeakIdentityCache()


class Runner(Support):
    """Interprets one function's body; a trampoline's constant."""

    __slots__ = ("closure", "code", "function", "globals", "interceptor")

    def __init__(
        self,
        code: CodeType,
        global_names: dict[str, Value],
        closure: tuple[CellType, ...],
        interceptor: Interceptor[Frame],
        function: FunctionType | None = None,
    ) -> None:
        self.function = None if function is None else ref(function)
        self.code = code
        self.globals = global_names
        self.closure = closure
        self.interceptor = interceptor

    #: Run a frame from an index on. Not a method of its own: native frames are scarce.
    run = staticmethod(run)

    def run_evaluator(
        self, arguments: tuple[object, ...], closure: tuple[CellType, ...] | None
    ) -> Value:
        """Run the body, natively when its code has been given other globals.

        ``annotationlib`` makes a function of an annotation's code object with stand-ins for globals
        and cells, which turn whatever is done with them into strings and forward references.
        """
        global_names = _caller(1).f_globals
        if global_names is self.globals:
            return execute(self.frame(arguments))
        return FunctionType(self.code, global_names, None, None, closure)(*arguments)

    def run_class_body(self) -> Value:
        """Run the body in the namespace of the frame that calls this; a class is being built."""
        # No variable is to hold a frame, which would keep the variables of all frames above alive.
        return execute(self.frame((), _caller(1).f_locals))

    def frame(self, arguments: tuple[Value, ...], namespace: Value = None) -> Frame:
        """Return a fresh frame of the body; if there were many, the next call runs natively."""
        code = self.code
        program = decode(code)
        program.calls_left -= 1
        if program.calls_left < 0 or TIERS.from_the_start():
            self._run_natively()
        frame = Frame(
            program,
            code,
            arguments,
            self.closure,
            self.globals,
            self.interceptor,
            namespace,
        )
        if not code.co_flags & SUSPENDABLE:
            frame.outer = exc_info()[1]
        return frame

    def _run_natively(self) -> None:
        function = self.function and self.function()
        if function is not None and runner_of(function) is self:
            run_natively(function, self.interceptor)


class ImplicitFunction(Runner, ImplicitCallable):
    """The function of a comprehension or generic scope: called at once, never seen by anyone."""

    __slots__ = ()

    def __call__(self, *args: object) -> Value:
        """Run the body; CPython passes exactly the arguments that it takes."""
        return start(self.frame(args))


def make_native(frame: Frame, parts: FunctionParts) -> FunctionType:
    """Return the function object MAKE_FUNCTION makes."""
    function = FunctionType(parts.code, frame.globals, None, parts.defaults, parts.closure)
    if parts.kwdefaults is not None:
        function.__kwdefaults__ = parts.kwdefaults
    if parts.annotations is not None:
        function.__annotations__ = parts.annotations
    if parts.annotate is not None:
        lazily: Any = function
        lazily.__annotate__ = parts.annotate
    return function


def is_implicit(code: CodeType) -> bool:
    """Tell whether code is of a function that user code cannot see."""
    return code.co_name.startswith(IMPLICIT)


def make_implicit(frame: Frame, parts: FunctionParts) -> ImplicitFunction | None:
    """Return the callable, or None when the parts are of a function that user code can see."""
    if not is_implicit(parts.code):
        return None
    return ImplicitFunction(parts.code, frame.globals, parts.closure or (), frame.interceptor)


def turn_into_twin(function: FunctionType, interceptor: Interceptor[Frame]) -> FunctionType:
    """Make the function's body interpreted from now on, and return it.

    Example:
        >>> from bytefig.tracer.engine.interceptor import Native
        >>> def add(a, b=2): return a + b
        >>> turn_into_twin(add, Native())(1)
        3
        >>> is_twin(add), is_twin(untwin(add))
        (True, False)
    """
    code = function.__code__
    if TIERS.from_the_start() or decode(code).calls_left < 0:
        run_natively(function, interceptor)
        if function.__code__ is not code:
            return function
    closure = function.__closure__ or ()
    runner = Runner(code, function.__globals__, closure, interceptor, function)
    function.__code__ = supported(_template(code), runner)
    return function


def run_natively(function: FunctionType, interceptor: Interceptor[Frame]) -> FunctionType:
    """Have CPython itself run a function's body from now on, if that can be, and return it."""
    code = own_code(function)
    native = native_code(code, decode(code), interceptor, function.__globals__)
    if native is not None:
        # Which ``types.coroutine`` may have set.
        flags = native.co_flags | function.__code__.co_flags & CO_ITERABLE_COROUTINE
        same = flags == native.co_flags
        function.__code__ = native if same else native.replace(co_flags=flags)
    return function


def runner_of(function: FunctionType) -> Runner | None:
    """Return the runner behind a twin, or None for any other function."""
    for const in function.__code__.co_consts:
        if isinstance(const, Runner):
            return const
    return None


def twin_parts(function: FunctionType) -> Runner | Origin | None:
    """Return the parts of a twin, or None for any other function."""
    return origin_of(function.__code__) or runner_of(function)


def is_twin(function: FunctionType) -> bool:
    """Tell whether the function's body is interpreted, or run by rebuilt code."""
    return twin_parts(function) is not None


def own_code(function: FunctionType) -> CodeType:
    """Return a function's code as it was written, also of a twin."""
    source = twin_parts(function)
    return function.__code__ if source is None else source.code


def untwin(function: FunctionType) -> FunctionType:
    """Give a twin its own code back, and return it; any other function is left alone."""
    source = twin_parts(function)
    if source is not None:
        marked = function.__code__.co_flags & CO_ITERABLE_COROUTINE  # by ``types.coroutine``
        code = source.code
        function.__code__ = code.replace(co_flags=code.co_flags | marked) if marked else code
    return function


def _template(code: CodeType) -> CodeType:
    template = _templates.get(code)
    if template is None:
        template = _named(_trampoline(code), code).replace(co_freevars=code.co_freevars)
        _templates.set(code, template)
    return template


def _trampoline(code: CodeType) -> CodeType:
    shape = _shape(code)
    if not code.co_flags & (CO_OPTIMIZED | SUSPENDABLE) and shape == _NO_PARAMETERS:
        return _CLASS_BODY
    if (
        shape == _EVALUATOR_SHAPE
        and code.co_varnames[0] in _EVALUATOR_PARAMETERS
        and not code.co_flags & SUSPENDABLE
    ):
        return _evaluator_code(len(code.co_freevars))
    return _trampoline_code(shape, code.co_flags & SUSPENDABLE, len(code.co_freevars))


#: The trampoline of a class body, or of a module's code: without fast locals, so that it runs in
#: the class's namespace, or in the globals.
_CLASS_BODY: Final = compile(f"{SUPPORT!r}.run_class_body()", __file__, "eval", dont_inherit=True)

#: Counts of positional-only, positional and keyword-only arguments; has ``*args``, ``**kwargs``.
_Shape = tuple[int, int, int, bool, bool]


_NO_PARAMETERS: Final[_Shape] = (0, 0, 0, False, False)
#: The parameters of the functions that evaluate annotations, and bounds and defaults of type
#: parameters (3.14).
_EVALUATOR_SHAPE: Final[_Shape] = (1, 1, 0, False, False)
_EVALUATOR_PARAMETERS: Final = ("format", ".format")


def _shape(code: CodeType) -> _Shape:
    return (
        code.co_posonlyargcount,
        code.co_argcount,
        code.co_kwonlyargcount,
        bool(code.co_flags & CO_VARARGS),
        bool(code.co_flags & CO_VARKEYWORDS),
    )


def _named(template: CodeType, code: CodeType) -> CodeType:
    """Give a template the names, place and kind of the user's code."""
    arguments = argument_count(code)
    own = (f".{name}" for name in template.co_varnames[arguments:])
    return template.replace(
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_filename=code.co_filename,
        co_firstlineno=code.co_firstlineno,
        co_varnames=(*code.co_varnames[:arguments], *own),
        co_flags=template.co_flags | code.co_flags & _KEPT_FLAGS,
    )


@lru_cache(maxsize=256)
def _trampoline_code(shape: _Shape, kind: int, free: int) -> CodeType:
    # Methods, because CPython warns of a call of a constant.
    parameters, slots = _parameters(shape)
    if not kind:
        body = f"return {SUPPORT!r}.run({SUPPORT!r}.frame(({slots})), 1)\n"
        return compiled(f"def shaped({parameters})", body, free)
    definition, loop = DRIVERS[kind]
    # What the user's code deletes, its driver must not keep.
    forget = f"del {slots}\n" if slots else ""
    body = f"frame = {SUPPORT!r}.frame(({slots}))\n{forget}{loop}"
    return compiled(f"{definition} shaped({parameters})", body, free)


@lru_cache(maxsize=16)
def _evaluator_code(free: int) -> CodeType:
    """Return a trampoline that passes its own cells on: its code may be used in other functions."""
    parameters, slots = _parameters(_EVALUATOR_SHAPE)
    cells = "".join(f"c{i}, " for i in range(free))
    body = f"return {SUPPORT!r}.run_evaluator(({slots}), (lambda: ({cells})).__closure__)\n"
    return compiled(f"def shaped({parameters})", body, free)


@lru_cache(maxsize=256)
def _binder_code(shape: _Shape) -> CodeType:
    parameters, slots = _parameters(shape)
    return compiled(f"def shaped({parameters})", f"return ({slots})\n")


def _parameters(shape: _Shape) -> tuple[str, str]:
    """Return the parameters of the shape, and the arguments in slot order."""
    positional_only, positional, keyword_only, variadic, keywords = shape
    plain = [f"p{i}" for i in range(positional)]
    named = [f"k{i}" for i in range(keyword_only)]
    parameters = plain[:positional_only] + ["/"] * bool(positional_only) + plain[positional_only:]
    if variadic:
        parameters.append("*rest")
    elif named:
        parameters.append("*")
    parameters += named + ["**others"] * keywords
    slots = "".join(
        f"{slot}, " for slot in (*plain, *named, *["rest"] * variadic, *["others"] * keywords)
    )
    return ", ".join(parameters), slots


def make_binder(function: FunctionType) -> Callable[..., tuple[Value, ...]]:
    """Return a function of the same signature that returns the values of its argument slots.

    CPython binds, so it words the TypeError too.

    Example:
        >>> def f(a, b=2, *rest, c, **others): ...
        >>> make_binder(f)(1, c=3, d=4)
        (1, 2, 3, (), {'d': 4})
    """
    code = function.__code__
    named = supported(_named(_binder_code(_shape(code)), code), Support())
    binder = FunctionType(
        # A profiler is to see one call of the user's function, and this is none.
        named.replace(co_flags=named.co_flags & ~CO_ITERABLE_COROUTINE, co_filename=__file__),
        function.__globals__,
        function.__name__,
        function.__defaults__,
    )
    binder.__kwdefaults__ = function.__kwdefaults__
    binder.__qualname__ = function.__qualname__
    return binder
