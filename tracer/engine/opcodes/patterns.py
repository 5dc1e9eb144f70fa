"""Pattern matching."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..values import NULL, Step, Value, type_of

# Source: CPython ``Include/object.h``, Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING.
_SEQUENCE: Final = 1 << 5
_MAPPING: Final = 1 << 6


def get_len(ins: Instruction) -> Step:
    """``value -- value, len(value)``."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(len(frame.stack[-1]))
        return following

    return step


def _has_flag(ins: Instruction, flag: int) -> Step:
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        kind = type_of(stack[-1])
        if kind in frame.interceptor.guarded_types:
            frame.interceptor.match(frame, index, stack[-1])
        stack.append(bool(kind.__flags__ & flag))
        return following

    return step


def match_mapping(ins: Instruction) -> Step:
    """``subject -- subject, bool``."""
    return _has_flag(ins, _MAPPING)


def match_sequence(ins: Instruction) -> Step:
    """``subject -- subject, bool``."""
    return _has_flag(ins, _SEQUENCE)


def match_keys(ins: Instruction) -> Step:
    """``subject, keys -- subject, keys, values``, or None when a key is missing."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(_values(frame.stack[-2], frame.stack[-1]))
        return following

    return step


def _values(subject: Value, keys: tuple[Value, ...]) -> tuple[Value, ...] | None:
    # ``get``, not a subscript: a defaultdict must not grow. Source: CPython ``match_keys``.
    seen: set[Value] = set()
    values: list[Value] = []
    for key in keys:
        if key in seen:
            raise ValueError(f"mapping pattern checks duplicate key ({key!r})")
        seen.add(key)
        value = subject.get(key, NULL)
        if value is NULL:
            return None
        values.append(value)
    return tuple(values)


@lru_cache(maxsize=256)
def class_matcher(count: int, names: tuple[str, ...]) -> Callable[[Value, Value], Value]:
    """Return native code that matches ``cls(p0, ..., name=...)`` and returns the parts, or None.

    Native code, so that CPython itself reads ``__match_args__`` and words the errors.
    """
    parts = [f"p{i}" for i in range(count)] + [f"n{i}" for i in range(len(names))]
    patterns = parts[:count] + [
        f"{name}={part}" for name, part in zip(names, parts[count:], strict=True)
    ]
    result = "".join(f"{part}, " for part in parts)
    source = (
        "def matched(subject, cls):\n match subject:\n"
        f"  case cls({', '.join(patterns)}): return ({result})"
    )
    namespace: dict[str, Any] = {}
    exec(compile(source, __file__, "exec"), globals(), namespace)
    return namespace["matched"]


def match_class(ins: Instruction) -> Step:
    """``subject, class, names -- parts or None``; oparg: how many are positional."""
    count, index, following = ins.oparg, ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        names, cls = stack.pop(), stack.pop()
        if type(stack[-1]) in frame.interceptor.guarded_types:
            frame.interceptor.match(frame, index, stack[-1])
        stack[-1] = class_matcher(count, names)(stack[-1], cls)
        return following

    return step


HANDLERS: Handlers = {
    "GET_LEN": get_len,
    "MATCH_CLASS": match_class,
    "MATCH_KEYS": match_keys,
    "MATCH_MAPPING": match_mapping,
    "MATCH_SEQUENCE": match_sequence,
}
