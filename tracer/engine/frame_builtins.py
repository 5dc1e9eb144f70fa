"""Builtins that look at the frame calling them, given the interpreted frame instead."""

from __future__ import annotations
import __future__

import builtins
import functools
import operator
import sys
from collections.abc import Callable, Mapping
from types import CellType
from typing import Final

from .call_sites import FRAME_COUNTERS, call_from
from .frame import Frame
from .namespaces import has_item, set_item
from .tiers import NEVER, TIERS, MovedOver
from .values import NULL, Value, content, type_of

_Args = tuple[Value, ...]
_Kwargs = Mapping[str, Value]


#: Given the calling frame, the index of the call, the arguments and the keyword arguments.
Handler = Callable[[Frame, int, _Args, _Kwargs], Value]


def _about_frame(native: Callable[..., object], special: Callable[[Frame], object]) -> Handler:
    """The builtin looks at the frame only when it is called without arguments."""

    def handle(frame: Frame, _: int, args: _Args, kwargs: _Kwargs) -> Value:
        return native(*args, **kwargs) if args or kwargs else special(frame)

    return handle


def _super(frame: Frame) -> object:
    """Zero-argument ``super()``. Source: CPython ``super_init_without_args``."""
    if not frame.code.co_argcount:
        raise RuntimeError("super(): no arguments")
    instance = frame.fast[0]
    if type(instance) is CellType and frame.program.localsplus[0] in frame.code.co_cellvars:
        instance = content(instance)
    if instance is NULL:
        raise RuntimeError("super(): arg[0] deleted")
    if "__class__" not in frame.code.co_freevars:
        raise RuntimeError("super(): __class__ cell not found")
    owner = content(frame.fast[frame.program.localsplus.index("__class__")])
    if owner is NULL:
        raise RuntimeError("super(): empty __class__ cell")
    make: Callable[..., object] = super
    return make(owner, instance)


#: The ``from __future__`` features that code inherits from the frame that compiles it.
_FUTURE: Final = sum(
    getattr(__future__, name).compiler_flag
    for name in __future__.all_feature_names
    if name not in ("nested_scopes", "generators")
)


def _compile(frame: Frame, _: int, args: _Args, kwargs: _Kwargs) -> Value:
    """``compile``, inheriting the features of the user's code, not of this module."""
    native: Callable[..., Value] = compile
    names = ("source", "filename", "mode", "flags", "dont_inherit", "optimize")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    if len(args) > len(names) or given.get("dont_inherit"):
        return native(*args, **kwargs)
    flags = operator.index(given.get("flags", 0)) | frame.code.co_flags & _FUTURE
    return native(**{**given, "flags": flags, "dont_inherit": True})


def _compiled(frame: Frame, source: object, mode: str) -> object:
    if isinstance(source, str):
        source = source.lstrip(" \t") if mode == "eval" else source
    elif isinstance(source, bytes | bytearray):
        source = source.lstrip(b" \t") if mode == "eval" else source
    else:
        return source  # a code object, or an error for the builtin to raise
    flags = frame.code.co_flags & _FUTURE
    return compile(source, "<string>", mode, flags, dont_inherit=True)


def _evaluating(run: Callable[..., object], mode: str) -> Handler:
    def handle(frame: Frame, _: int, args: _Args, kwargs: _Kwargs) -> Value:
        if not args:
            return run(*args, **kwargs)
        source = _compiled(frame, args[0], mode)
        given_globals: object = args[1] if len(args) > 1 else kwargs.get("globals")
        if given_globals is not None:
            _add_builtins(given_globals, frame)
            return run(source, *args[1:], **kwargs)
        local_names = args[2] if len(args) > 2 else kwargs.get("locals")
        return run(
            source,
            frame.globals,
            frame.locals() if local_names is None else local_names,
            *args[3:],
            **{name: value for name, value in kwargs.items() if name not in _NAMESPACES},
        )

    return handle


def _add_builtins(global_names: Value, frame: Frame) -> None:
    """Give globals that have none the builtins of the frame, not of this module."""
    if issubclass(type_of(global_names), dict) and not has_item(global_names, "__builtins__"):
        set_item(global_names, "__builtins__", frame.builtins)


def _breakpoint(frame: Frame, index: int, args: _Args, kwargs: _Kwargs) -> object:
    """``breakpoint``, called from a native frame that goes on from there: a debugger follows it."""
    call = functools.partial(breakpoint, *args, **kwargs)  # in C: no frame comes between
    if TIERS.calls == NEVER or TIERS.take_over(frame, index + 1, call):
        return call_from(frame, index, breakpoint, args, kwargs)
    frame.moved = MovedOver()
    raise frame.moved


def _settrace(_: Frame, __: int, args: _Args, kwargs: _Kwargs) -> None:
    """``sys.settrace``, after which new frames are native ones in each tier."""
    before = sys.gettrace()
    sys.settrace(*args, **kwargs)
    TIERS.note_trace(before, sys.gettrace())


_NAMESPACES: Final = frozenset({"globals", "locals"})

#: By ``id`` of the builtin, since a callable may be unhashable; builtins are never freed.
FRAME_BUILTINS: Final[dict[int, Handler]] = {
    id(builtins.breakpoint): _breakpoint,
    id(builtins.compile): _compile,
    id(builtins.dir): _about_frame(dir, lambda frame: sorted(frame.locals().keys())),
    id(builtins.eval): _evaluating(eval, "eval"),
    id(builtins.exec): _evaluating(exec, "exec"),
    id(builtins.globals): _about_frame(globals, lambda frame: frame.globals),
    id(builtins.locals): _about_frame(locals, Frame.locals),
    id(builtins.super): _about_frame(super, _super),
    id(builtins.vars): _about_frame(vars, Frame.locals),
    id(sys.settrace): _settrace,
    **FRAME_COUNTERS,
}
