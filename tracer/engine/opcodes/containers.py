"""Building, extending and unpacking containers, and formatting strings."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from itertools import chain
from typing import Any, Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..values import Step, Value


def _build(ins: Instruction, make: Callable[[list[Value]], object], width: int = 1) -> Step:
    """``value * (n * width) -- container``; n is the oparg."""
    count, following = ins.oparg * width, ins.next
    if not count:

        def step_empty(frame: Frame) -> int:
            frame.stack.append(make([]))
            return following

        return step_empty

    def step(frame: Frame) -> int:
        stack = frame.stack
        stack[-count:] = [make(stack[-count:])]
        return following

    return step


def _paired(flat: list[Value]) -> dict[Value, Value]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def build_const_key_map(ins: Instruction) -> Step:
    """``value * n, keys -- dict``."""
    count, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        keys = stack.pop()
        stack[-count:] = [dict(zip(keys, stack[-count:], strict=True))]
        return following

    return step


def _extend(target: list[object], values: Value) -> None:
    target.extend([*values])  # the display gives CPython's own message on a bad value


def _update(target: dict[object, object], values: Value) -> None:
    target.update({**values})


_LISTS: type[list[object]] = list
_SETS: type[set[Value]] = set


def _add(ins: Instruction, method: Callable[[Value, Value], object]) -> Step:
    """``container at depth oparg, ..., value -- container, ...``."""
    depth, following = -ins.oparg, ins.next

    def step(frame: Frame) -> int:
        value = frame.stack.pop()
        method(frame.stack[depth], value)
        return following

    return step


def map_add(ins: Instruction) -> Step:
    """``dict at depth oparg, ..., key, value -- dict, ...``."""
    depth, following = -ins.oparg, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        value, key = stack.pop(), stack.pop()
        stack[depth][key] = value
        return following

    return step


def list_to_tuple(ins: Instruction) -> Step:
    """``list -- tuple``."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack[-1] = tuple(frame.stack[-1])
        return following

    return step


@cache
def unpacker(before: int, after: int | None) -> Callable[[Value], list[Value]]:
    """Return native code that unpacks into ``before[, *rest, after]`` and returns it reversed.

    Native code, so that CPython itself words the errors, which differ between versions. The
    cache is bounded by the shapes of assignment targets that the running programs contain.
    """
    targets = [f"v{i}" for i in range(before)]
    if after is not None:
        targets += ["*rest", *(f"w{i}" for i in range(after))]
    names = [target.removeprefix("*") for target in reversed(targets)]
    source = f"def unpack(value):\n [{', '.join(targets)}] = value\n return [{', '.join(names)}]"
    namespace: dict[str, Any] = {}
    exec(compile(source, __file__, "exec"), globals(), namespace)
    return namespace["unpack"]


def _unpack(unpack: Callable[[Value], list[object]], following: int) -> Step:
    def step(frame: Frame) -> int:
        frame.stack += unpack(frame.stack.pop())
        return following

    return step


def unpack_sequence(ins: Instruction) -> Step:
    """``sequence -- value[n-1], ..., value[0]``."""
    return _unpack(unpacker(ins.oparg, None), ins.next)


def unpack_ex(ins: Instruction) -> Step:
    """``iterable -- after, ..., rest, before...``; oparg: before + (after << 8)."""
    return _unpack(unpacker(ins.oparg & 0xFF, ins.oparg >> 8), ins.next)


#: FORMAT_VALUE's and CONVERT_VALUE's conversion number to its function.
CONVERSIONS: Final[tuple[Callable[[Value], Value], ...]] = (lambda value: value, str, repr, ascii)


def format_value(ins: Instruction) -> Step:
    """``value[, spec] -- str``; oparg: conversion, + 4 when a spec is on the stack."""
    convert, has_spec, following = CONVERSIONS[ins.oparg & 3], bool(ins.oparg & 4), ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        spec = stack.pop() if has_spec else ""
        stack[-1] = format(convert(stack[-1]), spec)
        return following

    return step


def convert_value(ins: Instruction) -> Step:
    """``value -- converted``."""
    convert, following = CONVERSIONS[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        frame.stack[-1] = convert(frame.stack[-1])
        return following

    return step


def format_simple(ins: Instruction) -> Step:
    """``value -- str``."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack[-1] = format(frame.stack[-1])
        return following

    return step


def format_with_spec(ins: Instruction) -> Step:
    """``value, spec -- str``."""
    following = ins.next

    def step(frame: Frame) -> int:
        spec = frame.stack.pop()
        frame.stack[-1] = format(frame.stack[-1], spec)
        return following

    return step


def _template_type(name: str) -> Any:
    return getattr(import_module("string.templatelib"), name)


#: The conversion number in BUILD_INTERPOLATION's oparg to what the object says.
_CONVERSION_NAMES: Final = (None, "s", "r", "a")


def build_interpolation(ins: Instruction) -> Step:
    """``value, expression[, spec] -- interpolation``; oparg: conversion * 4, + 1 with a spec."""
    conversion, has_spec, following = _CONVERSION_NAMES[ins.oparg >> 2], ins.oparg & 1, ins.next
    interpolation = _template_type("Interpolation")

    def step(frame: Frame) -> int:
        stack = frame.stack
        spec = stack.pop() if has_spec else ""
        expression = stack.pop()
        stack[-1] = interpolation(stack[-1], expression, conversion, spec)
        return following

    return step


def build_template(ins: Instruction) -> Step:
    """``strings, interpolations -- template``; there is one string more than interpolations."""
    template, following = _template_type("Template"), ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        interpolations = stack.pop()
        first, *others = stack[-1]
        rest = chain.from_iterable(zip(interpolations, others, strict=True))
        stack[-1] = template(first, *rest)
        return following

    return step


HANDLERS: Handlers = {
    "BUILD_CONST_KEY_MAP": build_const_key_map,
    "BUILD_INTERPOLATION": build_interpolation,
    "BUILD_LIST": partial(_build, make=list),
    "BUILD_MAP": partial(_build, make=_paired, width=2),
    "BUILD_SET": partial(_build, make=set),
    "BUILD_STRING": partial(_build, make="".join),
    "BUILD_TEMPLATE": build_template,
    "BUILD_TUPLE": partial(_build, make=tuple),
    "CONVERT_VALUE": convert_value,
    "DICT_UPDATE": partial(_add, method=_update),
    "FORMAT_SIMPLE": format_simple,
    "FORMAT_VALUE": format_value,
    "FORMAT_WITH_SPEC": format_with_spec,
    "LIST_APPEND": partial(_add, method=_LISTS.append),
    "LIST_EXTEND": partial(_add, method=_extend),
    "LIST_TO_TUPLE": list_to_tuple,
    "MAP_ADD": map_add,
    "SET_ADD": partial(_add, method=_SETS.add),
    "SET_UPDATE": partial(_add, method=_SETS.update),
    "UNPACK_EX": unpack_ex,
    "UNPACK_SEQUENCE": unpack_sequence,
}
