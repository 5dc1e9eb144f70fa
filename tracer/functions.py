"""Function objects whose bodies are interpreted.

A *twin* is a real function object: CPython binds its arguments, ``inspect`` reads its signature,
native code calls it. Only its code object is replaced by a *trampoline*, which hands the bound
arguments to a `Runner`. When the interceptor is done with it, `untwin` gives the code back.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import lru_cache
from textwrap import indent
from types import CellType, CodeType, FunctionType
from typing import Any, Final

from ..configs import WeakIdentityCache
from .decode import decode
from .drivers import start
from .frame import Frame, FunctionParts, ImplicitCallable, Interceptor
from .interpreter import execute
from .program import CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS, SUSPENDABLE, argument_count
from .tracebacks import Hidden, strip

_RUNNER: Final = "bytefig runner"
#: How the names start of functions that CPython makes for an expression or a statement: those of
#: comprehensions, and the scope of type parameters.
_IMPLICIT: Final = ("<dictcomp>", "<genexpr>", "<listcomp>", "<setcomp>", "<generic parameters of")
#: The flags a trampoline takes from the user's code: ``inspect`` must tell generators apart.
_KEPT_FLAGS: Final = SUSPENDABLE | 0x10  # CO_NESTED

_templates: Final[WeakIdentityCache[CodeType, CodeType]] = WeakIdentityCache()


class Runner(Hidden):
    """Interprets one function's body; a trampoline's constant."""

    __slots__ = ("closure", "code", "globals", "interceptor")

    def __init__(
        self,
        code: CodeType,
        global_names: dict[str, Any],
        closure: tuple[CellType, ...],
        interceptor: Interceptor,
    ) -> None:
        self.code = code
        self.globals = global_names
        self.closure = closure
        self.interceptor = interceptor

    def run(self, arguments: tuple[Any, ...]) -> Any:
        """Run the body with its argument slots filled."""
        return start(self._frame(arguments))

    def run_evaluator(
        self, arguments: tuple[Any, ...], closure: tuple[CellType, ...] | None
    ) -> Any:
        """Run the body, natively when its code has been given other globals.

        ``annotationlib`` makes a function of an annotation's code object with stand-ins for globals
        and cells, which turn whatever is done with them into strings and forward references.
        """
        here = inspect.currentframe()
        assert here is not None  # CPython only
        assert here.f_back is not None
        global_names = here.f_back.f_globals
        if global_names is self.globals:
            return self.run(arguments)
        return FunctionType(self.code, global_names, None, None, closure)(*arguments)

    def run_class_body(self) -> Any:
        """Run the body in the namespace of the frame that calls this; a class is being built."""
        here = inspect.currentframe()
        assert here is not None  # CPython only
        assert here.f_back is not None
        return execute(self._frame((), here.f_back.f_locals))

    def _frame(self, arguments: tuple[Any, ...], namespace: Any = None) -> Frame:
        code = self.code
        return Frame(
            decode(code),
            code,
            arguments,
            self.closure,
            self.globals,
            self.interceptor,
            namespace,
        )

    def hide(self) -> None:
        """Take the trampoline and the run loop out of the traceback of the active exception."""
        error = sys.exc_info()[1]
        assert error is not None
        error.__traceback__ = strip(error.__traceback__)


class ImplicitFunction(Runner, ImplicitCallable):
    """The function of a comprehension or generic scope: called at once, never seen by anyone."""

    __slots__ = ()

    def __call__(self, *args: Any) -> Any:
        """Run the body; CPython passes exactly the arguments that it takes."""
        return self.run(args)


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


def make_implicit(frame: Frame, parts: FunctionParts) -> ImplicitFunction | None:
    """Return the callable, or None when the parts are of a function that user code can see."""
    if not parts.code.co_name.startswith(_IMPLICIT):
        return None
    return ImplicitFunction(parts.code, frame.globals, parts.closure or (), frame.interceptor)


def turn_into_twin(function: FunctionType, interceptor: Interceptor) -> FunctionType:
    """Make the function's body interpreted from now on, and return it.

    Example:
        >>> from bytefig.tracer.interceptor import Native
        >>> def add(a, b=2): return a + b
        >>> turn_into_twin(add, Native())(1)
        3
        >>> is_twin(add), is_twin(untwin(add))
        (True, False)
    """
    code = function.__code__
    runner = Runner(code, function.__globals__, function.__closure__ or (), interceptor)
    template = _template(code)
    function.__code__ = template.replace(
        co_consts=tuple(runner if const == _RUNNER else const for const in template.co_consts)
    )
    return function


def runner_of(function: FunctionType) -> Runner | None:
    """Return the runner behind a twin, or None for any other function."""
    for const in function.__code__.co_consts:
        if isinstance(const, Runner):
            return const
    return None


def is_twin(function: FunctionType) -> bool:
    """Tell whether the function's body is interpreted."""
    return runner_of(function) is not None


def own_code(function: FunctionType) -> CodeType:
    """Return a function's code as it was written, also of a twin."""
    runner = runner_of(function)
    return function.__code__ if runner is None else runner.code


def untwin(function: FunctionType) -> FunctionType:
    """Give a twin its own code back, and return it; any other function is left alone."""
    runner = runner_of(function)
    if runner is not None:
        function.__code__ = runner.code
    return function


def _template(code: CodeType) -> CodeType:
    template = _templates.get(code)
    if template is None:
        template = _named(_trampoline(code), code).replace(co_freevars=code.co_freevars)
        _templates.set(code, template)
    return template


def _trampoline(code: CodeType) -> CodeType:
    if not code.co_flags & CO_OPTIMIZED:
        return _CLASS_BODY
    shape = _shape(code)
    if shape == _EVALUATOR_SHAPE and code.co_varnames[0] in _EVALUATOR_PARAMETERS:
        return _evaluator_code(len(code.co_freevars))
    return _trampoline_code(shape)


#: The trampoline of a class body: without fast locals, so that it runs in the class's namespace.
_CLASS_BODY: Final = compile(f"{_RUNNER!r}.run_class_body()", __file__, "eval", dont_inherit=True)

#: Counts of positional-only, positional and keyword-only arguments; has ``*args``, ``**kwargs``.
_Shape = tuple[int, int, int, bool, bool]


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
    return template.replace(
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_filename=code.co_filename,
        co_firstlineno=code.co_firstlineno,
        co_varnames=code.co_varnames[: argument_count(code)],
        co_flags=template.co_flags | code.co_flags & _KEPT_FLAGS,
    )


@lru_cache(maxsize=256)
def _trampoline_code(shape: _Shape) -> CodeType:
    # Methods, because CPython warns of a call of a constant. The bare raise adds no entry for the
    # trampoline to the traceback, once `hide` has taken out the first one.
    return _compiled(shape, _hiding(f"{_RUNNER!r}.run(({{slots}}))"))


def _hiding(call: str) -> str:
    return f"""
 try:
  return {call}
 except:
  {_RUNNER!r}.hide()
  raise"""


@lru_cache(maxsize=16)
def _evaluator_code(free: int) -> CodeType:
    """Return a trampoline that passes its own cells on: its code may be used in other functions."""
    cells = "".join(f"c{i}, " for i in range(free))
    closure = f"(lambda: ({cells})).__closure__"
    return _compiled(
        _EVALUATOR_SHAPE, _hiding(f"{_RUNNER!r}.run_evaluator(({{slots}}), {closure})"), cells
    )


@lru_cache(maxsize=256)
def _binder_code(shape: _Shape) -> CodeType:
    return _compiled(shape, " return ({slots})")


def _compiled(shape: _Shape, body: str, cells: str = "") -> CodeType:
    """Compile a function of the shape; ``{slots}`` in its body is its arguments in slot order.

    Args:
        shape: Its parameters.
        body: Its indented body.
        cells: Names of free variables, each followed by a comma.
    """
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
    source = f"def shaped({', '.join(parameters)}):\n{body.format(slots=slots)}"
    if cells:
        source = f"def make({cells}):\n{indent(source, ' ')}\n return shaped"
    namespace: dict[str, Any] = {}
    exec(compile(source, __file__, "exec", dont_inherit=True), namespace)
    shaped = namespace["make"](*[None] * cells.count(",")) if cells else namespace["shaped"]
    return shaped.__code__


def make_binder(function: FunctionType) -> Callable[..., tuple[Any, ...]]:
    """Return a function of the same signature that returns the values of its argument slots.

    CPython binds, so it words the TypeError too.

    Example:
        >>> def f(a, b=2, *rest, c, **others): ...
        >>> make_binder(f)(1, c=3, d=4)
        (1, 2, 3, (), {'d': 4})
    """
    code = function.__code__
    named = _named(_binder_code(_shape(code)), code)
    binder = FunctionType(
        named.replace(co_flags=named.co_flags & ~SUSPENDABLE),
        function.__globals__,
        function.__name__,
        function.__defaults__,
    )
    binder.__kwdefaults__ = function.__kwdefaults__
    binder.__qualname__ = function.__qualname__
    return binder
