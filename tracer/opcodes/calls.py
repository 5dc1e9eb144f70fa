"""Calls: every CALL pops its arguments and asks the frame's interceptor.

CPython keeps a NULL beside the callable, or the receiver of an unbound method. Up to 3.12 it
stands before the callable (``NULL, callable`` or ``method, self``), from 3.13 on after it
(``callable, NULL`` or ``method, self``); so there is a variant of each call for either order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ..frame import NULL, Frame, type_of
from ..instruction import Handlers, Instruction, Step
from .type_names import type_name

NO_KEYWORDS: Final[Mapping[str, Any]] = MappingProxyType({})

#: Splits ``callable and NULL, or method and self`` with the arguments above them, given how many
#: these are. Without ``len``: the program may have patched it.
_Split = Callable[[list[Any], int], tuple[Any, tuple[Any, ...]]]


def _split_null_first(stack: list[Any], count: int) -> tuple[Any, tuple[Any, ...]]:
    args = tuple(stack[-count:]) if count else ()
    first, second = stack[-count - 2], stack[-count - 1]
    return (second, args) if first is NULL else (first, (second, *args))


def _split_callable_first(stack: list[Any], count: int) -> tuple[Any, tuple[Any, ...]]:
    args = tuple(stack[-count:]) if count else ()
    fn, receiver = stack[-count - 2], stack[-count - 1]
    return (fn, args) if receiver is NULL else (fn, (receiver, *args))


def _call(ins: Instruction, split: _Split) -> Step:
    count, index, following = ins.oparg, ins.index, ins.next
    base = -count - 2

    def step(frame: Frame) -> int:
        stack = frame.stack
        fn, args = split(stack, count)
        del stack[base:]
        stack.append(frame.interceptor.call(frame, index, fn, args, NO_KEYWORDS))
        return following

    return step


def _call_with_names(
    ins: Instruction, split: _Split, pop_names: Callable[[list[Any]], tuple[str, ...]]
) -> Step:
    count, index, following = ins.oparg, ins.index, ins.next
    base = -count - 2

    def step(frame: Frame) -> int:
        stack = frame.stack
        names = pop_names(stack)
        fn, args = split(stack, count)
        del stack[base:]
        given = args.__len__() - names.__len__()
        kwargs = dict(zip(names, args[given:], strict=True))
        stack.append(frame.interceptor.call(frame, index, fn, args[:given], kwargs))
        return following

    return step


def call_null_first(ins: Instruction) -> Step:
    """``NULL, callable, args -- result``; the last arguments are named by KW_NAMES (to 3.12)."""
    if ins.keyword_names:
        return _call_with_names(ins, _split_null_first, lambda _: ins.keyword_names)
    return _call(ins, _split_null_first)


def call_callable_first(ins: Instruction) -> Step:
    """``callable, NULL, args -- result`` (3.13)."""
    return _call(ins, _split_callable_first)


def call_kw_callable_first(ins: Instruction) -> Step:
    """``callable, NULL, args, names -- result``; the last arguments have the names (3.13)."""
    return _call_with_names(ins, _split_callable_first, lambda stack: stack.pop())


def _call_ex(ins: Instruction, callable_depth: int) -> Step:
    with_mapping, index, following = ins.oparg & 1, ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        kwargs = stack.pop() if with_mapping else NO_KEYWORDS
        args = stack.pop()
        fn = stack[callable_depth]
        args = _positional(fn, args)
        if with_mapping and not _is_exactly(kwargs, dict):
            kwargs = _merged(fn, {}, kwargs)
        del stack[-2:]
        stack.append(frame.interceptor.call(frame, index, fn, args, kwargs))
        return following

    return step


def call_function_ex_null_first(ins: Instruction) -> Step:
    """``NULL, callable, args[, kwargs] -- result`` (to 3.12)."""
    return _call_ex(ins, -1)


def call_function_ex_callable_first(ins: Instruction) -> Step:
    """``callable, NULL, args[, kwargs] -- result`` (3.13)."""
    return _call_ex(ins, -2)


def call_function_ex_mapping_or_null(ins: Instruction) -> Step:
    """``callable, NULL, args, kwargs or NULL -- result`` (3.14)."""
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        kwargs = stack.pop()
        args = stack.pop()
        fn = stack[-2]
        args = _positional(fn, args)
        if kwargs is NULL:
            kwargs = NO_KEYWORDS
        elif not _is_exactly(kwargs, dict):
            kwargs = _merged(fn, {}, kwargs)
        del stack[-2:]
        stack.append(frame.interceptor.call(frame, index, fn, args, kwargs))
        return following

    return step


def _is_exactly(value: object, kind: type) -> bool:
    return type(value) is kind


def _positional(fn: Any, args: Any) -> tuple[Any, ...]:
    if _is_exactly(args, tuple):
        return args
    kind = type_of(args)
    # Source: CPython ``check_args_iterable``: an error inside the iteration is left alone.
    if not hasattr(kind, "__iter__") and not hasattr(kind, "__getitem__"):
        raise TypeError(f"{_shown(fn)} argument after * must be an iterable, not {type_name(args)}")
    return tuple(args)


def _merged(fn: Any, target: dict[Any, Any], mapping: Any) -> dict[Any, Any]:
    """Update ``target``, refusing duplicates. Source: CPython ``format_kwargs_error``."""
    try:
        keys = mapping.keys()
    except AttributeError:
        keys = None
    if keys is None:
        raise TypeError(
            f"{_shown(fn)} argument after ** must be a mapping, not {type_name(mapping)}"
        )
    for key in keys:
        if key in target:
            raise TypeError(f"{_shown(fn)} got multiple values for keyword argument '{key}'")
        target[key] = mapping[key]
    return target


def _shown(fn: Any) -> str:
    """Return the callable as CPython's errors name it. Source: ``_PyObject_FunctionStr``."""
    qualname = getattr(fn, "__qualname__", None)
    if qualname is None:
        return str(fn)
    module = getattr(fn, "__module__", None)
    return f"{qualname}()" if module in (None, "builtins") else f"{module}.{qualname}()"


def _dict_merge(ins: Instruction, above: int) -> Step:
    depth, following = -ins.oparg, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        mapping = stack.pop()
        _merged(stack[depth - above], stack[depth], mapping)
        return following

    return step


def dict_merge_null_first(ins: Instruction) -> Step:
    """``NULL, callable, args, dict, ..., mapping -- dict, ...``: ``**mapping`` in a call."""
    return _dict_merge(ins, 2)


def dict_merge_callable_first(ins: Instruction) -> Step:
    """``callable, NULL, args, dict, ..., mapping -- dict, ...`` (3.13)."""
    return _dict_merge(ins, 3)


HANDLERS: Handlers = {
    "CALL_CALLABLE_FIRST": call_callable_first,
    "CALL_FUNCTION_EX_CALLABLE_FIRST": call_function_ex_callable_first,
    "CALL_FUNCTION_EX_MAPPING_OR_NULL": call_function_ex_mapping_or_null,
    "CALL_FUNCTION_EX_NULL_FIRST": call_function_ex_null_first,
    "CALL_KW_CALLABLE_FIRST": call_kw_callable_first,
    "CALL_NULL_FIRST": call_null_first,
    "DICT_MERGE_CALLABLE_FIRST": dict_merge_callable_first,
    "DICT_MERGE_NULL_FIRST": dict_merge_null_first,
}
