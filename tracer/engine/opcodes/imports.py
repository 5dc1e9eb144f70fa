"""Import statements inside functions."""

from __future__ import annotations

from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from ...code.instruction import Instruction
from ..binders import Handlers
from ..call_sites import call_from
from ..frame import Frame
from ..marks import Hidden
from ..values import Step


def import_name(ins: Instruction) -> Step:
    """``level, fromlist -- module``."""
    name, index, following = ins.names.names[ins.oparg], ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        fromlist = stack.pop()
        load = frame.builtins.get("__import__")
        if load is None:
            raise ImportError("__import__ not found")
        # A function has no locals mapping to pass. Source: CPython ``import_name``.
        args = (name, frame.globals, frame.namespace, fromlist, stack[-1])
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


@lru_cache(maxsize=256)
def _import_from_code(name: str) -> CodeType:
    namespace: dict[str, Any] = {}
    source = f"def load():\n from module import {name} as value\n return value"
    exec(compile(source, __file__, "exec"), namespace)
    code: CodeType = namespace["load"].__code__
    return code.replace(co_consts=(*code.co_consts, Hidden()))


def _import_from_natively(module: Any, name: str) -> Any:
    """Import a submodule that is not yet an attribute, or raise.

    CPython does it, given a ``__import__`` that returns the module: the error's wording (circular
    import, shadowed standard library) differs between versions.
    """

    def load(*_: Any) -> Any:
        return module

    builtins = {"__import__": load}
    return FunctionType(_import_from_code(name), {"__builtins__": builtins})()


HANDLERS: Handlers = {
    "IMPORT_FROM": import_from,
    "IMPORT_NAME": import_name,
}
