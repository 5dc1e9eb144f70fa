"""Import statements inside functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..call_sites import call_from
from ..frame import Frame
from ..marks import Hidden
from ..namespaces import found_in, get_item
from ..values import NULL, Step, Value, type_of
from .lazy_imports import LazyImport, in_module


def import_name(ins: Instruction) -> Step:
    """``level, fromlist -- module``."""
    return _import_name(ins, ins.names.names[ins.oparg])


def import_name_of_dict(ins: Instruction) -> Step:
    """``level, fromlist -- module``, whatever methods the class of the builtins has (to 3.12)."""
    name = ins.names.names[ins.oparg]
    return _import_name(ins, name, lambda names, name: get_item(names, name, NULL))


#: The low bits of the oparg of an import that cannot be lazy, as in a function.
_EAGER: Final = 2
_MODE: Final = 3


def import_name_by_mode(ins: Instruction) -> Step:
    """``level, fromlist -- module``, or a lazy import (3.15)."""
    name, mode, index, following = (
        ins.names.names[ins.oparg >> 2],
        ins.oparg & _MODE,
        ins.index,
        ins.next,
    )
    if mode == _EAGER:
        return _import_name(ins, name)
    units = (("LOAD_CONST", 0), ("LOAD_CONST", 1), ("IMPORT_NAME", mode))

    def step(frame: Frame) -> int:
        stack = frame.stack
        fromlist = stack.pop()
        stack[-1] = in_module(frame, index, units, name, (stack[-1], fromlist))
        return following

    return step


def _import_name(ins: Instruction, name: str, get: Callable[[Any, str], object] = found_in) -> Step:
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        fromlist = stack.pop()
        load = get(frame.builtins, "__import__")
        if load is NULL:
            raise ImportError("__import__ not found")
        # A function has no locals mapping to pass, unless it has asked for one (to 3.12).
        local_names = frame.local_names if frame.namespace is None else frame.namespace
        args = (name, frame.globals, local_names, fromlist, stack[-1])
        # What a module warns of while it is imported is attributed to who imports it.
        stack[-1] = call_from(frame, index, load, args, {})
        return following

    return step


def import_from(ins: Instruction) -> Step:
    """``module -- module, attribute``."""
    name, following = ins.names.names[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        module = frame.stack[-1]
        try:
            value = getattr(module, name)
        except AttributeError:
            value = None
        else:
            frame.stack.append(value)
            return following
        frame.stack.append(_import_from_natively(module, name))
        return following

    return step


def import_from_lazy(ins: Instruction) -> Step:
    """``module -- module, attribute``, or a lazy import of it (3.15)."""
    plain, name, index, following = (
        import_from(ins),
        ins.names.names[ins.oparg],
        ins.index,
        ins.next,
    )
    units = (("LOAD_CONST", 0), ("IMPORT_FROM", 0), ("SWAP", 2), ("POP_TOP", 0))

    def step(frame: Frame) -> int:
        module = frame.stack[-1]
        if type_of(module) is not LazyImport:
            return plain(frame)
        frame.stack.append(in_module(frame, index, units, name, (module,)))
        return following

    return step


@lru_cache(maxsize=256)
def _import_from_code(name: str) -> CodeType:
    namespace: dict[str, Any] = {}
    source = f"def load():\n from module import {name} as value\n return value"
    exec(compile(source, __file__, "exec"), namespace)
    code: CodeType = namespace["load"].__code__
    return code.replace(co_consts=(*code.co_consts, Hidden()))


def _import_from_natively(module: object, name: str) -> object:
    """Import a submodule that is not yet an attribute, or raise.

    CPython does it, given a ``__import__`` that returns the module: the error's wording (circular
    import, shadowed standard library) differs between versions.
    """

    def load(*_: object) -> Value:
        return module

    builtins = {"__import__": load}
    return FunctionType(_import_from_code(name), {"__builtins__": builtins})()


HANDLERS: Handlers = {
    "IMPORT_FROM": import_from,
    "IMPORT_FROM_LAZY": import_from_lazy,
    "IMPORT_NAME": import_name,
    "IMPORT_NAME_OF_DICT": import_name_of_dict,
    "IMPORT_NAME_BY_MODE": import_name_by_mode,
}
