"""The guard: traced code may not use a node as the object that it stands for.

The plain function would compare, format or iterate the real object; a capture that let the node
answer instead would quietly take another path. The nodes' special methods tell `configs.watch` of
such a use, and it is refused if traced code made it, which the frames above tell; or it becomes a
node, too: see `deferred`. So a capture pays nothing for the guard, and native code that works on
nodes is left alone.
"""

from __future__ import annotations

import builtins
import itertools
import re
import warnings
from collections.abc import Iterator
from types import (
    ClassMethodDescriptorType,
    FrameType,
    MethodDescriptorType,
    TracebackType,
    WrapperDescriptorType,
)
from typing import Any, Final, NoReturn
from weakref import ReferenceType, ref

from ...configs import BUILDABLE_TYPES, Buildable, Provenance, get_callable, iter_nodes
from ...configs.for_tracer import acted_on, short_repr, shown_file
from ...configs.for_tracer import watching as operations
from ..code.wordcode import numbers
from ..engine.frame import Frame
from ..engine.marks import calling_mark, is_own, parameter_value, works_for_user
from ..engine.native.operands import operands_of
from ..engine.native.sites import Origin, origin_of
from ..engine.traced import traced
from ..engine.values import Args, Kwargs, Node, Value, type_of
from ..errors import UnbuiltNodeError

_EXEMPT_IT: Final = (
    "exempt {callable}, so that it is called; or let a policy STEP_INTO {callable}, if it is a "
    "function that builds objects; or build() the node first; guard='off' gives the node's own "
    "answer"
)
#: What comes before a fix where the operation can be deferred.
DEFER_IT: Final = "pass deferred=True, so that it is done when the object is there; or "
#: Those whose uses of nodes are refused. While there are none, watching costs nothing.
_guarding: Final[set[ReferenceType[object]]] = set()


def start_guarding(recorder: object) -> None:
    """Watch the uses of nodes for as long as a recorder lives."""
    _guarding.add(ref(recorder, _guarding.discard))


def place_of(frame: Frame | Origin, index: int) -> str:
    """Return file, line, column and function of a step, for messages."""
    place = Provenance(frame.code, frame.program.offsets[index])
    column = "" if place.column is None else f":{place.column + 1}"
    return f"{shown_file(place.filename)}:{place.line}{column} in {place.function}"


def refuse(
    frame: Frame | Origin, index: int, action: str, node: object, fix: str = _EXEMPT_IT
) -> NoReturn:
    """Raise the error about an action on a node, such as ``"iterate"``; see `use_error`."""
    raise use_error(frame, index, f"{action} {short_repr(node)} inside capture", node, fix)


def use_error(
    frame: Frame | Origin, index: int, what: str, node: object, fix: str = _EXEMPT_IT
) -> UnbuiltNodeError:
    """Return the error about the use of a node; ``{callable}`` in the fix is the node's.

    The recorder keeps the error: if the traced code catches it, the graph is wrong all the same.
    """
    place = place_of(frame, index)
    error = UnbuiltNodeError.of(
        f"cannot {what}: it is the config of an object that is not built yet",
        place,
        fix.replace("{callable}", _callable_name(node)),
    )
    recorder: Any = frame.interceptor
    recorder.refusals[place] = error
    return error


def _callable_name(node: Node) -> str:
    if node is None:
        return "the callable"
    fn = get_callable(acted_on(node) if type_of(node) in BUILDABLE_TYPES else node)
    return getattr(fn, "__qualname__", short_repr(fn))


def _watch(node: object, action: str, frame: FrameType, method: str, operands: Args) -> Value:
    if not _guarding:
        return None
    is_instruction = works_for_user(frame)
    if not is_instruction:
        calling = calling_mark(frame)
        if calling is None:
            return None
        if action == "make text of" and id(parameter_value(frame, calling.fn)) in SHOWING:
            return None
    found = traced(frame)
    if found is None or not getattr(found[0].interceptor, "guards", False):
        return None
    recorder: Any = found[0].interceptor
    deferred = recorder.deferred
    answer = None
    if deferred is not None and method:
        if is_instruction:
            answer = deferred.special(*found, node, method, operands)
        if answer is None:
            answer = deferred.needed(node, method, operands)
    if answer is None:
        hint = recorder.hint(*found, method) if method and is_instruction else ""
        refuse(*found, action, node, hint + _EXEMPT_IT)
    return answer


#: What shows text to people, by `id`: no part of a graph.
SHOWING: Final = frozenset(map(id, (print, warnings.warn)))


operations.watch(_watch)


def refused_by_cpython(
    frame: Frame | Origin, index: int, error: TypeError, operands: tuple[object, ...]
) -> UnbuiltNodeError | None:
    """Return the error about a node that an opcode or a C function does not take, if it is that.

    The operands of the step are empty if only its own locals tell.
    """
    for value in operands or _in_locals(error.__traceback__):
        for part in _parts(value):
            node = next(iter_nodes(part), None)
            if node is None:
                continue
            if type_of(part) in BUILDABLE_TYPES or type(node).__name__ in str(error):
                what = f"use {short_repr(node)} here: {error}; inside capture"
                found = use_error(frame, index, what, node)
                found.__cause__ = error
                return found
    return None


def named_by_cpython(
    frame: Frame | Origin, index: int, error: TypeError
) -> UnbuiltNodeError | None:
    """Return the error about a node of which only the text of CPython's error tells."""
    if isinstance(frame, Frame) and not _own_entries(error.__traceback__):
        return None
    raises = frame.code.co_code[frame.program.offsets[index]] in _RAISING
    if raises or not _NAMED.search(str(error)):
        return None
    found = use_error(frame, index, f"use an object here: {error}; inside capture", None)
    found.__cause__ = error
    return found


def refused_natively(error: TypeError) -> UnbuiltNodeError | None:
    """Return the error about a node that rebuilt code used, as `refused_by_cpython` does.

    What was worked on is known if it was in variables; else the text tells.
    """
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    origin = None if last is None else origin_of(last.tb_frame.f_code)
    if last is None or origin is None:
        return None
    index = last.tb_lasti // 2
    operands = operands_of(origin, last.tb_frame, origin.offsets[index])
    found = refused_by_cpython(origin, index, error, operands) if operands else None
    return found or named_by_cpython(origin, index, error)


#: What the program raises itself may name a class of nodes.
_RAISING: Final = numbers("RAISE_VARARGS", "RERAISE")
#: With a bracket or a dot after it, it is a callable that is called wrongly.
_NAMED: Final = re.compile(rf"\b({'|'.join(cls.__name__ for cls in BUILDABLE_TYPES)})\b(?![.(])")


def _own_entries(traceback: TracebackType | None) -> list[TracebackType]:
    """Return the tracer's frames that an error came through, if no other code raised it."""
    entries: list[TracebackType] = []
    while traceback is not None:
        if not is_own(traceback.tb_frame):
            return []
        entries.append(traceback)
        traceback = traceback.tb_next
    return entries


def _in_locals(traceback: TracebackType | None) -> Iterator[object]:
    """Yield the values in the tracer's frames, of an error that no other code raised."""
    for entry in _own_entries(traceback)[1:]:  # above these is the run loop
        held = list(entry.tb_frame.f_locals.values())
        state = {id(part) for value in held for part in _state(value)}
        yield from (value for value in held if id(value) not in state)


def _state(value: object) -> tuple[object, ...]:
    """Return an interpreted frame and its values: none of the step's business."""
    if not isinstance(value, Frame):
        return ()
    held = (value.stack, value.fast, value.globals, value.builtins, value.namespace)
    return (value, value.local_names, *held)


def _parts(value: Value) -> tuple[object, ...]:
    """Return a value, or the bounds of a slice."""
    return (value.start, value.stop, value.step) if type_of(value) is slice else (value,)


#: Builtins whose answer about a node is not the one about the object, by `id`.
ASKING: Final[dict[int, str]] = {
    id(fn): verb
    for verb, fns in {
        "ask the type of": (isinstance, type, callable),
        "ask the attributes of": (vars, dir, hasattr),
        "ask the length of": (len,),
        "convert": (str, repr, ascii, int, float, complex, bytes, bytearray),
        "compute with": (abs, round, divmod, pow),
        "iterate": (iter, next, reversed),
    }.items()
    for fn in fns
}

#: Builtins that do what an opcode does, by `id`: the name of the recorder's method.
ATTRIBUTES: Final[dict[int, str]] = {
    id(getattr): "load_attr",
    id(setattr): "store_attr",
    id(delattr): "delete_attr",
}


#: Iterators over their arguments, by `id`; they ask for the items later.
ITERATORS: Final = frozenset(
    id(cls)
    for module in (builtins, itertools)
    for cls in vars(module).values()
    if isinstance(cls, type) and hasattr(cls, "__next__") and cls is not itertools.repeat
)
#: Builtins that need the values of their arguments, by `id`.
TAKING_VALUES: Final = (
    ASKING.keys()
    | ITERATORS
    | frozenset(
        map(id, (range, list, tuple, set, frozenset, dict, sum, min, max, sorted, any, all, bool))
    )
) - {id(callable), id(vars), id(dir)}
_SLOTS: Final = frozenset({ClassMethodDescriptorType, MethodDescriptorType, WrapperDescriptorType})


def iterated(fn: object, args: Args) -> object:
    """Return the node that a call makes an iterator over, or None.

    Example:
        >>> from bytefig.configs import Config
        >>> iterated(zip, ([1], Config(list))), iterated(len, (Config(list),))
        (<Config[list()]>, None)
    """
    if id(fn) not in ITERATORS:
        return None
    return next((arg for arg in args if type_of(arg) in BUILDABLE_TYPES), None)


def is_slot(fn: object) -> bool:
    """Tell whether a callable is a method of a C type: ``object.__hash__`` and the like."""
    return type_of(fn) in _SLOTS


def asks_for_config(fn: object, args: Args, kwargs: Kwargs) -> bool:
    """Tell whether a call asks ``isinstance`` about node types: that can be answered."""
    if fn is not isinstance or len(args) != 2 or kwargs:
        return False
    asked: Any = args[1]
    kinds: Args = asked if issubclass(type_of(asked), tuple) else (asked,)
    return bool(kinds) and all(
        isinstance(kind, type) and issubclass(kind, Buildable) for kind in kinds
    )
