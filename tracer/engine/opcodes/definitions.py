"""Making functions and starting classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..interception import FunctionParts
from ..namespaces import found_in
from ..values import NULL, Step, Value

_ANNOTATE: Final = 16
_CLOSURE: Final = 8
_ANNOTATIONS: Final = 4
_KWDEFAULTS: Final = 2
_DEFAULTS: Final = 1


def _annotations(value: tuple[Value, ...] | dict[str, Value]) -> dict[str, object]:
    # CPython pushes a flat tuple of names and values, or a dict when it has unpacked one.
    if isinstance(value, dict):
        return value
    return dict(zip(value[::2], value[1::2], strict=True))


_SETTERS: Final[dict[int, Callable[[FunctionParts, Value], None]]] = {
    _ANNOTATE: lambda parts, value: setattr(parts, "annotate", value),
    _CLOSURE: lambda parts, value: setattr(parts, "closure", value),
    _ANNOTATIONS: lambda parts, value: setattr(parts, "annotations", _annotations(value)),
    _KWDEFAULTS: lambda parts, value: setattr(parts, "kwdefaults", value),
    _DEFAULTS: lambda parts, value: setattr(parts, "defaults", value),
}


def _make(ins: Instruction, flags: tuple[int, ...]) -> Step:
    setters = tuple(_SETTERS[flag] for flag in flags)
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        parts = FunctionParts(stack.pop())
        for setter in setters:
            setter(parts, stack.pop())
        stack.append(frame.interceptor.make_function(frame, parts))
        return following

    return step


def make_function_by_oparg(ins: Instruction) -> Step:
    """``[defaults, kwdefaults, annotations, closure,] code -- function`` (to 3.12)."""
    return _make(ins, tuple(flag for flag in _SETTERS if ins.oparg & flag))


def make_function_by_attributes(ins: Instruction) -> Step:
    """``[value, ...] code -- function``: fused with the SET_FUNCTION_ATTRIBUTEs after it (3.13)."""
    return _make(ins, ins.attributes)


def load_build_class(ins: Instruction) -> Step:
    """``-- builtins.__build_class__``."""
    following = ins.next

    def step(frame: Frame) -> int:
        build_class = found_in(frame.builtins, "__build_class__")
        if build_class is NULL:
            raise NameError("__build_class__ not found")
        frame.stack.append(build_class)
        return following

    return step


HANDLERS: Handlers = {
    "LOAD_BUILD_CLASS": load_build_class,
    "MAKE_FUNCTION_BY_ATTRIBUTES": make_function_by_attributes,
    "MAKE_FUNCTION_BY_OPARG": make_function_by_oparg,
}
