"""Cell and free variables. Cells are CPython's own, so closures are shared with native code."""

from __future__ import annotations

from types import CellType

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..namespaces import found_in
from ..values import NULL, Step, content
from .variables import unbound_local


def make_cell(ins: Instruction) -> Step:
    """Replace a local by a cell that holds its value, or an empty one."""
    slot, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        value = frame.fast[slot]
        frame.fast[slot] = CellType() if value is NULL else CellType(value)
        return following

    return step


def load_deref(ins: Instruction) -> Step:
    """``-- value``, the content of a cell."""
    slot, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        value = content(frame.fast[slot])
        if value is NULL:
            raise empty_cell(ins)
        frame.stack.append(value)
        return following

    return step


def load_classderef(ins: Instruction) -> Step:
    """``-- value``: a class body's free name, looked up in its namespace first (3.11)."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(_in_class_or_cell(frame, frame.namespace, ins))
        return following

    return step


def load_from_dict_or_deref(ins: Instruction) -> Step:
    """``mapping -- value``: the same, the mapping being on the stack (3.12)."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack[-1] = _in_class_or_cell(frame, frame.stack[-1], ins)
        return following

    return step


def _in_class_or_cell(frame: Frame, namespace: object, ins: Instruction) -> object:
    value = found_in(namespace, ins.local)
    if value is NULL:
        value = content(frame.fast[ins.oparg])
        if value is NULL:
            raise empty_cell(ins)
    return value


def store_deref(ins: Instruction) -> Step:
    """``value --``."""
    slot, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        frame.fast[slot].cell_contents = frame.stack.pop()
        return following

    return step


def delete_deref(ins: Instruction) -> Step:
    """Empty a cell; an error when it is empty."""
    slot, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        cell = frame.fast[slot]
        if content(cell) is NULL:
            raise empty_cell(ins)
        del cell.cell_contents
        return following

    return step


def empty_cell(ins: Instruction) -> NameError:
    """Return CPython's error for an empty cell: own cells and free variables differ."""
    if ins.oparg < ins.names.free_start:
        return unbound_local(ins.local)
    return NameError(
        f"cannot access free variable '{ins.local}' where it is not associated with a value "
        "in enclosing scope",
        name=ins.local,
    )


HANDLERS: Handlers = {
    "DELETE_DEREF": delete_deref,
    "LOAD_DEREF": load_deref,
    "LOAD_CLASSDEREF": load_classderef,
    "LOAD_FROM_DICT_OR_DEREF": load_from_dict_or_deref,
    "MAKE_CELL": make_cell,
    "STORE_DEREF": store_deref,
}
