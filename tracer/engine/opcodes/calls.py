"""Calls: every CALL pops its arguments and asks the frame's interceptor.

CPython keeps a NULL beside the callable, or the receiver of an unbound method. Up to 3.12 it
stands before the callable (``NULL, callable`` or ``method, self``), from 3.13 on after it
(``callable, NULL`` or ``method, self``); so there is a variant of each call for either order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import BuiltinFunctionType, MappingProxyType
from typing import Final, TypeAlias

from ...code.instruction import Instruction
from ...supported import RUNNING
from ..binders import Handlers
from ..frame import Frame
from ..interception import InlineCache
from ..values import NULL, Step, Value, type_of
from .context_managers import ContextMethod
from .type_names import type_name

NO_KEYWORDS: Final[Mapping[str, Value]] = MappingProxyType({})

_type_of_method: Final = BuiltinFunctionType
#: What stands on the stack until the result is there: to store it, nothing is called.
_RESULT: Final = (None,)
#: Looked up here, not among the builtins, which the program may patch.
_id: Final = id
#: Arguments are freed from the last one on since 3.14.
_FIRST_IS_FREED_FIRST: Final = RUNNING < (3, 14)


def _call(
    ins: Instruction,
    *,
    fn_first: int,
    names_on_stack: bool = False,
) -> Step:
    """``NULL, callable, args -- result``, or ``callable, NULL, args[, names] -- result``.

    Args:
        ins: The CALL; KW_NAMES gives it the names of the last arguments (to 3.12).
        fn_first: 1 if the callable stands before the NULL, 0 if after it.
        names_on_stack: Whether the names of the last arguments are on the stack.
    """
    count, following, cache = ins.oparg, ins.next, InlineCache(ins.index)
    base = -count - 2
    fn_at, null_at = (base, base + 1) if fn_first else (base + 1, base)
    keyword_names = ins.keyword_names
    several = _FIRST_IS_FREED_FIRST and ins.oparg > 1

    def step(frame: Frame) -> int:
        stack = frame.stack
        names = stack.pop() if names_on_stack else keyword_names
        fn = stack[fn_at]
        receiver = stack[null_at]
        args = stack[-count:] if count else []
        interceptor = frame.interceptor
        plain = False
        if receiver is not NULL:
            # ``method, self`` in either order: what stands first is called.
            fn, receiver = (fn, receiver) if fn_first else (receiver, fn)
            args[:0] = (receiver,)
        elif not names:
            if _id(fn) in interceptor.plain.functions:
                plain = not args or type_of(args[0]) not in interceptor.guarded_types
            else:
                plain = (
                    type_of(fn) is _type_of_method
                    and (type_of(fn.__self__), fn.__name__) in interceptor.plain.methods
                )
        if not plain and type_of(fn) is ContextMethod:
            # It stays until it is done: see ``interruptions``.
            stack[base:] = (interceptor.call_at(frame, cache, fn, args, names),)
            return following
        stack[base:] = _RESULT
        try:
            stack[-1] = fn(*args) if plain else interceptor.call_at(frame, cache, fn, args, names)
        except TypeError:
            if plain:
                frame.operands = (*args,)
            raise
        finally:
            if several:
                args = args[::-1]  # a list is freed from its end
        return following

    return step


def _call_ex(ins: Instruction, callable_depth: int) -> Step:
    """``NULL, callable, args[, kwargs] -- result``; from 3.13 on the callable is below the NULL."""
    with_mapping, index, following = ins.oparg & 1, ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        # In this order the variables are freed, as CPython frees what they hold.
        fn = stack[callable_depth - 1 - with_mapping]
        args = stack[-1 - with_mapping]
        kwargs = stack.pop() if with_mapping else NO_KEYWORDS
        del stack[-1]
        args = _positional(fn, args)
        if with_mapping and not _is_exactly(kwargs, dict):
            kwargs = _merged(fn, {}, kwargs)
        stack[-2:] = _RESULT
        stack[-1] = frame.interceptor.call(frame, index, fn, args, kwargs)
        return following

    return step


def _call_ex_mapping_or_null(ins: Instruction, wrong: _Wrong) -> Step:
    """``callable, NULL, args, kwargs or NULL -- result`` (3.14)."""
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        fn, _, args, kwargs = stack[-4:]
        del stack[-2:]
        args = _positional(fn, args, wrong)
        if kwargs is NULL:
            kwargs = NO_KEYWORDS
        elif not _is_exactly(kwargs, dict):
            kwargs = _merged(fn, {}, kwargs, wrong)
        stack[-2:] = _RESULT
        stack[-1] = frame.interceptor.call(frame, index, fn, args, kwargs)
        return following

    return step


def _is_exactly(value: object, kind: type) -> bool:
    return type(value) is kind


#: Makes the error for what follows some stars and is not of the kind that it should be.
_Wrong: TypeAlias = Callable[[Value, str, str, Value], TypeError]


def _wrong_argument(fn: object, stars: str, wanted: str, value: object) -> TypeError:
    return TypeError(
        f"{_shown(fn)} argument after {stars} must be {wanted}, not {type_name(value)}"
    )


def _wrong_value(_: object, stars: str, wanted: str, value: object) -> TypeError:
    return TypeError(f"Value after {stars} must be {wanted}, not {type_name(value)}")


def _positional(fn: Value, args: Value, wrong: _Wrong = _wrong_argument) -> tuple[Value, ...]:
    if _is_exactly(args, tuple):
        return args
    kind = type_of(args)
    # Source: CPython ``check_args_iterable``: an error inside the iteration is left alone.
    if not hasattr(kind, "__iter__") and not hasattr(kind, "__getitem__"):
        raise wrong(fn, "*", "an iterable", args)
    return tuple(args)


def _merged(
    fn: Value, target: dict[Value, Value], mapping: Value, wrong: _Wrong = _wrong_argument
) -> dict[Value, object]:
    """Update ``target``, refusing duplicates. Source: CPython ``format_kwargs_error``."""
    try:
        keys = mapping.keys()
    except AttributeError:
        keys = None
    if keys is None:
        raise wrong(fn, "**", "a mapping", mapping)
    for key in keys:
        if key in target:
            raise TypeError(f"{_shown(fn)} got multiple values for keyword argument '{key}'")
        target[key] = mapping[key]
    return target


def _shown(fn: object) -> str:
    """Return the callable as CPython's errors name it. Source: ``_PyObject_FunctionStr``."""
    qualname = getattr(fn, "__qualname__", None)
    if qualname is None:
        return str(fn)
    module = getattr(fn, "__module__", None)
    return f"{qualname}()" if module in (None, "builtins") else f"{module}.{qualname}()"


def _dict_merge(ins: Instruction, above: int, wrong: _Wrong = _wrong_argument) -> Step:
    """``callable, ..., args, dict, ..., mapping -- ..., dict, ...``: ``**mapping`` in a call.

    Args:
        ins: The DICT_MERGE.
        above: How far below the dict the callable is.
        wrong: Makes the error for no mapping.
    """
    depth, following = -ins.oparg, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        mapping = stack.pop()
        _merged(stack[depth - above], stack[depth], mapping, wrong)
        return following

    return step


HANDLERS: Handlers = {
    "CALL_CALLABLE_FIRST": partial(_call, fn_first=1),
    "CALL_FUNCTION_EX_CALLABLE_FIRST": partial(_call_ex, callable_depth=-2),
    "CALL_FUNCTION_EX_MAPPING_OR_NULL": partial(_call_ex_mapping_or_null, wrong=_wrong_argument),
    "CALL_FUNCTION_EX_NULL_FIRST": partial(_call_ex, callable_depth=-1),
    "CALL_FUNCTION_EX_VALUES": partial(_call_ex_mapping_or_null, wrong=_wrong_value),  # 3.15
    "CALL_KW_CALLABLE_FIRST": partial(_call, fn_first=1, names_on_stack=True),
    "CALL_NULL_FIRST": partial(_call, fn_first=0),
    "DICT_MERGE_CALLABLE_FIRST": partial(_dict_merge, above=3),
    "DICT_MERGE_NULL_FIRST": partial(_dict_merge, above=2),
    "DICT_MERGE_VALUES": partial(_dict_merge, above=3, wrong=_wrong_value),  # 3.15
}
