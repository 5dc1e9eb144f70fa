"""Local, global and builtin names, and the namespaces of classes and annotation scopes."""

from __future__ import annotations

from opcode import opmap
from typing import Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..call_sites import call_from
from ..frame import Frame
from ..namespaces import delete_item, found_in, get_item, has_item, set_item, undefined
from ..values import NULL, Step, Value, type_of
from .lazy_imports import LazyImport, imported


def unbound_local(name: str) -> UnboundLocalError:
    """Return CPython's error for a local read before it is bound (3.11 ``Python/ceval.c``)."""
    return UnboundLocalError(
        f"cannot access local variable '{name}' where it is not associated with a value"
    )


def load_fast(ins: Instruction) -> Step:
    """``-- value``; UnboundLocalError when the local is unbound."""
    slot, name, following = ins.oparg, ins.local, ins.next

    def step(frame: Frame) -> int:
        value = frame.fast[slot]
        if value is NULL:
            raise unbound_local(name)
        frame.stack.append(value)
        return following

    return step


def load_fast_unchecked(ins: Instruction) -> Step:
    """``-- value`` where the compiler has proved the local bound, or asks for its cell."""
    slot, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(frame.fast[slot])
        return following

    return step


def load_fast_and_clear(ins: Instruction) -> Step:
    """``-- value-or-NULL`` and unbind the local: entry of an inlined comprehension (PEP 709)."""
    slot, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(frame.fast[slot])
        frame.fast[slot] = NULL
        return following

    return step


def store_fast(ins: Instruction) -> Step:
    """``value-or-NULL --``; storing NULL unbinds (exit of an inlined comprehension)."""
    slot, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        frame.fast[slot] = frame.stack.pop()
        return following

    return step


def delete_fast(ins: Instruction) -> Step:
    """Unbind a local; UnboundLocalError when it is unbound."""
    slot, name, following = ins.oparg, ins.local, ins.next

    def step(frame: Frame) -> int:
        if frame.fast[slot] is NULL:
            raise unbound_local(name)
        frame.fast[slot] = NULL
        return following

    return step


def load_fast_load_fast(ins: Instruction) -> Step:
    """``-- value1, value2``; oparg holds both slots in four bits each."""
    first, second, following = ins.oparg >> 4, ins.oparg & 15, ins.next

    def step(frame: Frame) -> int:
        fast = frame.fast
        frame.stack += (fast[first], fast[second])
        return following

    return step


def store_fast_load_fast(ins: Instruction) -> Step:
    """``value1 -- value2``: store in the first slot, load from the second."""
    first, second, following = ins.oparg >> 4, ins.oparg & 15, ins.next

    def step(frame: Frame) -> int:
        frame.fast[first] = frame.stack[-1]
        frame.stack[-1] = frame.fast[second]
        return following

    return step


def store_fast_store_fast(ins: Instruction) -> Step:
    """``value2, value1 --``: the top goes to the first slot."""
    first, second, following = ins.oparg >> 4, ins.oparg & 15, ins.next

    def step(frame: Frame) -> int:
        frame.fast[first] = frame.stack.pop()
        frame.fast[second] = frame.stack.pop()
        return following

    return step


def load_global(ins: Instruction) -> Step:
    """``-- value``, or ``-- NULL, value`` with the low bit of oparg."""
    name, following = ins.names.names[ins.oparg >> 1], ins.next
    if ins.oparg & 1:

        def step_for_call(frame: Frame) -> int:
            value = frame.names.get(name, NULL)
            frame.stack += (NULL, _builtin_value(frame, name) if value is NULL else value)
            return following

        return step_for_call
    return _load_global(name, following)


def _load_global(name: str, following: int) -> Step:
    def step(frame: Frame) -> int:
        value = frame.names.get(name, NULL)
        frame.stack.append(_builtin_value(frame, name) if value is NULL else value)
        return following

    return step


def load_global_null_after(ins: Instruction) -> Step:
    """``-- value``, or ``-- value, NULL`` with the low bit of oparg (3.13)."""
    name, following = ins.names.names[ins.oparg >> 1], ins.next
    if ins.oparg & 1:

        def step_for_call(frame: Frame) -> int:
            value = frame.names.get(name, NULL)
            frame.stack += (_builtin_value(frame, name) if value is NULL else value, NULL)
            return following

        return step_for_call
    return _load_global(name, following)


#: The types of what LOAD_GLOBAL does not find among the globals, or does not leave there (3.15).
_NOT_THERE: Final = frozenset({type_of(NULL), LazyImport})


def load_global_and_import(ins: Instruction) -> Step:
    """``-- value``, or ``-- value, NULL``; a lazy import is made now (3.15)."""
    name, index, following = ins.names.names[ins.oparg >> 1], ins.index, ins.next
    if ins.oparg & 1:

        def step_for_call(frame: Frame) -> int:
            value = frame.names.get(name, NULL)
            if type_of(value) in _NOT_THERE:
                value = _value_now(frame, index, name)
            frame.stack += (value, NULL)
            return following

        return step_for_call

    def step(frame: Frame) -> int:
        value = frame.names.get(name, NULL)
        if type_of(value) in _NOT_THERE:
            value = _value_now(frame, index, name)
        frame.stack.append(value)
        return following

    return step


def _value_now(frame: Frame, index: int, name: str) -> object:
    value = _global_value(frame, name)
    return imported(frame, index, name) if type_of(value) is LazyImport else value


def _global_value(frame: Frame, name: str) -> object:
    value = frame.names.get(name, NULL)
    return _builtin_value(frame, name) if value is NULL else value


def _builtin_value(frame: Frame, name: str) -> object:
    value = frame.builtins.get(name, NULL)
    if value is NULL:
        raise undefined(name)
    return value


def store_global(ins: Instruction) -> Step:
    """``value --``."""
    name, following = ins.names.names[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        set_item(frame.globals, name, frame.stack.pop())
        return following

    return step


def delete_global(ins: Instruction) -> Step:
    """Delete a global; NameError when there is none."""
    name, following = ins.names.names[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        if not has_item(frame.globals, name):
            raise undefined(name)
        delete_item(frame.globals, name)
        return following

    return step


def load_from_dict_or_globals(ins: Instruction) -> Step:
    """``mapping -- value``: an annotation scope's name, looked up in the class first."""
    name, following = ins.names.names[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        namespace = frame.stack[-1]
        value = found_in(namespace, name)
        frame.stack[-1] = _global_value(frame, name) if value is NULL else value
        return following

    return step


def load_from_dict_or_own_globals(ins: Instruction) -> Step:
    """``mapping -- value``: the same, whatever methods the class of the globals has (3.12)."""
    name, following = ins.names.names[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        frame.stack[-1] = _in_dict_or_own_globals(frame, frame.stack[-1], name)
        return following

    return step


def load_from_dict_or_globals_and_import(ins: Instruction) -> Step:
    """``mapping -- value``; a lazy import is made now (3.15)."""
    load, index = load_from_dict_or_globals(ins), ins.index

    def step(frame: Frame) -> int:
        following = load(frame)
        value: Value = frame.stack[-1]
        if type_of(value) is LazyImport:  # the name keeps it
            frame.stack[-1] = call_from(frame, index, value.resolve, (), {})
        return following

    return step


def load_name_and_import(ins: Instruction) -> Step:
    """``-- value``; a lazy import is made now (3.15)."""
    load, name, index = load_name(ins), ins.names.names[ins.oparg], ins.index

    def step(frame: Frame) -> int:
        following = load(frame)
        if type_of(frame.stack[-1]) is LazyImport:
            frame.stack[-1] = imported(frame, index, name, frame.namespace)
        return following

    return step


#: What CPython says of code for a namespace that is run without one.
_NO_LOCALS: Final = "no locals found" if "LOAD_LOCALS" in opmap else "no locals when loading {!r}"


def load_name(ins: Instruction) -> Step:
    """``-- value``; from the class's namespace, else a global."""
    name, following = ins.names.names[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        if frame.namespace is None:
            raise SystemError(_NO_LOCALS.format(name))
        frame.stack.append(_in_dict_or_own_globals(frame, frame.namespace, name))
        return following

    return step


def _in_dict_or_own_globals(frame: Frame, namespace: object, name: str) -> object:
    value = found_in(namespace, name)
    if value is NULL:
        value = get_item(frame.globals, name, NULL)
    if value is NULL:
        value = found_in(frame.builtins, name)
    if value is NULL:
        raise undefined(name)
    return value


def store_name(ins: Instruction) -> Step:
    """``value --``."""
    name, following = ins.names.names[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        if frame.namespace is None:
            raise SystemError(f"no locals found when storing {name!r}")
        frame.namespace[name] = frame.stack.pop()
        return following

    return step


def delete_name(ins: Instruction) -> Step:
    """Delete from the class's namespace; any failure is a NameError."""
    name, following = ins.names.names[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        if frame.namespace is None:
            raise SystemError(f"no locals when deleting {name!r}")
        if not _deleted(frame.namespace, name):
            raise undefined(name)
        return following

    return step


def _deleted(namespace: Value, name: str) -> bool:
    try:
        del namespace[name]
    except Exception:
        return False
    return True


def load_locals(ins: Instruction) -> Step:
    """``-- mapping``."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(frame.locals())
        return following

    return step


def setup_annotations(ins: Instruction) -> Step:
    """Give the class's namespace an ``__annotations__`` dict, unless it has one."""
    following = ins.next

    def step(frame: Frame) -> int:
        namespace: Value = frame.namespace
        if found_in(namespace, "__annotations__") is NULL:
            namespace["__annotations__"] = {}
        return following

    return step


HANDLERS: Handlers = {
    "DELETE_FAST": delete_fast,
    "DELETE_GLOBAL": delete_global,
    "DELETE_NAME": delete_name,
    "LOAD_FAST": load_fast,
    "LOAD_FAST_AND_CLEAR": load_fast_and_clear,
    "LOAD_FAST_CHECK": load_fast,
    "LOAD_FAST_LOAD_FAST": load_fast_load_fast,
    "LOAD_FAST_UNCHECKED": load_fast_unchecked,
    "LOAD_FROM_DICT_OR_GLOBALS": load_from_dict_or_globals,
    "LOAD_FROM_DICT_OR_OWN_GLOBALS": load_from_dict_or_own_globals,
    "LOAD_FROM_DICT_OR_GLOBALS_AND_IMPORT": load_from_dict_or_globals_and_import,
    "LOAD_GLOBAL": load_global,
    "LOAD_GLOBAL_AND_IMPORT": load_global_and_import,
    "LOAD_GLOBAL_NULL_AFTER": load_global_null_after,
    "LOAD_LOCALS": load_locals,
    "LOAD_NAME": load_name,
    "LOAD_NAME_AND_IMPORT": load_name_and_import,
    "SETUP_ANNOTATIONS": setup_annotations,
    "STORE_FAST": store_fast,
    "STORE_FAST_LOAD_FAST": store_fast_load_fast,
    "STORE_FAST_STORE_FAST": store_fast_store_fast,
    "STORE_GLOBAL": store_global,
    "STORE_NAME": store_name,
}
