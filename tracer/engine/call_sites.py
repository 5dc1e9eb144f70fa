"""Calling native functions so that they find the user's frame above them.

`warnings`, `logging`, `collections.namedtuple` and others look at the frame of their caller. That
frame is made here: a small function with the user's file, function name, line and globals, which
makes the call. Tracebacks leave it out. One level up the run loop's own frames follow, so what
counts frames itself (``stacklevel``, ``sys._getframe``) has its count translated.
"""

from __future__ import annotations

import inspect
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import CellType, CodeType, FrameType, FunctionType
from typing import Any, Final

from .callers import frame_above
from .frame import Frame
from .marks import CallsNatively, Hidden, Rebuilt, calls_natively, is_own, last_constant
from .namespaces import has_item
from .tracebacks import line_at
from .values import NULL, Value, type_of

#: Marks the code of call sites, and that of those whose variables are in a namespace.
_MARK: Final = CallsNatively(fn=0)
_IN: Final = Hidden()
#: Looked up here, for the program may patch it.
_eval: Final = eval


def _template(fn: Any, args: Any, kwargs: Any) -> Any: return fn(*args, **kwargs)  # fmt: skip


#: No variable of the user's has such a name.
_TEMPLATE: Final = _template.__code__.replace(co_varnames=(".fn", ".args", ".kwargs"))
#: Of a method, because CPython warns of a call of a constant.
_IN_NAMESPACE: Final = compile("'call'.__call__()", __file__, "eval", dont_inherit=True)


def call_from(
    frame: Frame, index: int, fn: object, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Value:
    """Call ``fn`` from a frame that looks like the interpreted one at a step."""
    if "stacklevel" in kwargs and _is_of_logging(fn):
        kwargs = {**kwargs, "stacklevel": _stacklevel(kwargs["stacklevel"], frame, frame_above(1))}
    return call_site(frame, index)(fn, args, kwargs)


def call_site(frame: Frame, index: int) -> Callable[..., Any]:
    """Return a function that looks like the frame at a step, and calls its first argument.

    Its own variables are what it calls and those of the frame, for who looks at these. Each frame
    between it and its caller takes from how deep a recursion can be, so nothing here calls deeper,
    and code is made without a detour.
    """
    program, codes = frame.program, frame.program.call_sites
    namespace = frame.namespace
    if namespace is None or not has_item(frame.globals, "__builtins__"):
        fast = frame.fast
        slots: list[int] = []
        values: list[Value] = []
        for slot in program.slots:
            value = fast[slot]
            if type_of(value) is CellType and program.localsplus[slot] in program.cells:
                try:
                    value = value.cell_contents
                except ValueError:
                    continue
            if value is not NULL:
                slots.append(slot)
                values.append(value)
        key = (index, *slots)
        code = codes.get(key)
        if code is None:
            line = line_at(frame.code, program.offsets[index]) or frame.code.co_firstlineno
            names = [program.localsplus[slot] for slot in slots]
            code = codes[key] = _looking_like(_TEMPLATE, frame.code, line, _MARK, names)
        return FunctionType(code, frame.globals, None, (*values,))
    code = codes.get((-index,))
    if code is None:
        line = line_at(frame.code, program.offsets[index]) or frame.code.co_firstlineno
        code = codes[-index,] = _looking_like(_IN_NAMESPACE, frame.code, line, _IN, [])
    return partial(_call_in, code, frame.globals, namespace)


@calls_natively(CallsNatively(fn=3))
def _call_in(
    code: CodeType,
    global_names: dict[str, Value],
    namespace: Value,
    fn: Value,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> Value:
    """Make a call from a frame whose variables are in the namespace of a class or a module."""
    call: Value = partial(fn, *args, **kwargs)  # in C: no frame comes between
    return _eval(code.replace(co_consts=(call, _IN)), global_names, namespace)


def entrance(code: CodeType, global_names: dict[str, object]) -> Callable[..., Any]:
    """Return a function that looks like the user's, so that profilers show its time there.

    Args:
        code: That of the user's function.
        global_names: The globals of that.

    Returns:
        A function of what to call, a tuple of arguments and a dict of named ones.
    """
    looking = _looking_like(_TEMPLATE, code, code.co_firstlineno, Hidden(), [])
    return FunctionType(looking, global_names)


def _looking_like(
    template: CodeType, code: CodeType, line: int, mark: Hidden, names: list[str]
) -> CodeType:
    """Return a template that seems to be at a line of code, with more variables of those names."""
    variables = (*template.co_varnames, *names)
    count = variables.__len__()  # the program may have patched `len`
    return template.replace(
        co_filename=code.co_filename,
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_firstlineno=line,  # a template is one line
        co_consts=(*template.co_consts, mark),
        co_varnames=variables,
        co_nlocals=count,
        co_argcount=count,
    )


#: How many frames stand between a call site and the function below that counts for it.
_BETWEEN: Final = 2


def _physical(logical: int, caller: object, frame: FrameType | None) -> int:
    """Translate a count of the user's frames into one of all frames.

    Args:
        logical: 0 is the call site, 1 the user's frame above it.
        caller: The frame that makes the call, or what stands for it.
        frame: The native frame that calls `call_from`.
    """
    physical = _BETWEEN
    for _, is_shown in _stack_above(frame, isinstance(caller, Rebuilt)):
        logical -= is_shown
        if logical <= 0:
            break
        physical += 1
    return physical


def _stack_above(frame: FrameType | None, has_site: bool = False) -> Iterator[tuple[Any, bool]]:
    """Yield native frames from one on, and whether it is one of the user's.

    Args:
        frame: The frame.
        has_site: Whether a call site stands for what it runs, too.
    """
    while frame is not None:
        mark = last_constant(frame.f_code)
        is_site, is_rebuilt = mark is _MARK or mark is _IN, isinstance(mark, Rebuilt)
        # The frame of rebuilt code is there itself, behind its call site.
        yield frame, not has_site if is_rebuilt else is_site or not is_own(frame)
        has_site = is_site or (has_site and not is_rebuilt)
        frame = frame.f_back


def _stacklevel(level: object, caller: object, frame: FrameType | None) -> object:
    """Translate the ``stacklevel`` of a callee of a call site, 1 being the call site."""
    if not isinstance(level, int) or level <= 1:
        return level
    return 1 + _physical(level - 1, caller, frame)


def _is_of_logging(fn: object) -> bool:
    """Tell whether ``fn`` is of `logging`, which takes no notice of frames of its own."""
    return getattr(fn, "__module__", None) == "logging"


def warn_from(
    frame: Frame, index: int, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Value:
    """``warnings.warn``, its ``stacklevel`` counting the user's frames only."""
    given = {**dict(zip(("message", "category", "stacklevel"), args, strict=False)), **kwargs}
    level = _stacklevel(given.get("stacklevel"), frame, inspect.currentframe())
    if level != given.get("stacklevel"):
        given["stacklevel"] = level
        for place, value in enumerate(args[3:], start=3):
            given[_WARN_PARAMETERS[place]] = value
        return call_from(frame, index, warnings.warn, (), given)
    return call_from(frame, index, warnings.warn, args, kwargs)


_WARN_PARAMETERS: Final = ("message", "category", "stacklevel", "source")


def _deeper(native: object) -> object:
    def handle(
        frame: Frame, index: int, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> Value:
        depth: object = {**kwargs, **dict(zip(("depth",), args, strict=False))}.get("depth", 0)
        if isinstance(depth, int) and depth > 0:
            args, kwargs = (_physical(depth, frame, inspect.currentframe()),), {}
        return call_from(frame, index, native, args, kwargs)

    return handle


def _user_stack(site: FrameType, limit: int | None) -> traceback.StackSummary:
    """Return the user's frames from a call site on, the innermost last."""
    frames = [(frame, frame.f_lineno) for frame, is_shown in _stack_above(site) if is_shown]
    stack = traceback.StackSummary.extract(iter(frames), limit=limit)
    stack.reverse()
    return stack


def _extract_stack(limit: int | None = None) -> traceback.StackSummary:
    return _user_stack(frame_above(1), limit)


def _format_stack(limit: int | None = None) -> list[str]:
    return traceback.format_list(_user_stack(frame_above(1), limit))


def _print_stack(limit: int | None = None, file: Any = None) -> None:
    traceback.print_list(_user_stack(frame_above(1), limit), file)


def _stack_from(native: object, of_user: object) -> object:
    def handle(
        frame: Frame, index: int, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> Value:
        if {**kwargs, **dict(zip(("f",), args, strict=False))}.get("f") is not None:
            return call_from(frame, index, native, args, kwargs)
        rest = {name: value for name, value in kwargs.items() if name != "f"}
        return call_from(frame, index, of_user, args[1:], rest)

    return handle


#: What counts frames, by ``id``: each is given the call's frame, index and arguments.
FRAME_COUNTERS: Final[dict[int, Any]] = {
    id(warnings.warn): warn_from,
    id(traceback.extract_stack): _stack_from(traceback.extract_stack, _extract_stack),
    id(traceback.format_stack): _stack_from(traceback.format_stack, _format_stack),
    id(traceback.print_stack): _stack_from(traceback.print_stack, _print_stack),
    **{
        id(getattr(sys, name)): _deeper(getattr(sys, name))
        for name in ("_getframe", "_getframemodulename")
        if hasattr(sys, name)  # the second came with 3.12
    },
}
