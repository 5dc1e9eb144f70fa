"""Attribute access. Objects of a guarded type are the interceptor's business, all others native."""

from __future__ import annotations

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..values import NULL, Step


def _get(frame: Frame, index: int, obj: object, name: str) -> object:
    if type(obj) in frame.interceptor.guarded_types:
        return frame.interceptor.load_attr(frame, index, obj, name)
    return getattr(obj, name)


def load_attr(ins: Instruction) -> Step:
    """``object -- value`` (3.11)."""
    return _load_plain(ins, ins.names.names[ins.oparg])


def _load_plain(ins: Instruction, name: str) -> Step:
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        frame.stack[-1] = _get(frame, index, frame.stack[-1], name)
        return following

    return step


def load_method(ins: Instruction) -> Step:
    """``object -- NULL, bound``: a policy can judge only a bound method, so never unbound."""
    return _load_callable(ins, ins.names.names[ins.oparg])


def _load_callable(ins: Instruction, name: str) -> Step:
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        value = _get(frame, index, stack[-1], name)
        stack[-1] = NULL
        stack.append(value)
        return following

    return step


def load_attr_or_method(ins: Instruction) -> Step:
    """``object -- value``, or ``-- NULL, bound`` with the low bit of oparg (3.12)."""
    name = ins.names.names[ins.oparg >> 1]
    return _load_callable(ins, name) if ins.oparg & 1 else _load_plain(ins, name)


def load_attr_or_method_null_after(ins: Instruction) -> Step:
    """``object -- value``, or ``-- bound, NULL`` with the low bit of oparg (3.13)."""
    plain = _load_plain(ins, ins.names.names[ins.oparg >> 1])
    return _then_null(plain) if ins.oparg & 1 else plain


def _then_null(plain: Step) -> Step:
    def step(frame: Frame) -> int:
        following = plain(frame)
        frame.stack.append(NULL)
        return following

    return step


def _super_attribute(ins: Instruction) -> Step:
    """``super, class, self -- value``; bit 1 of oparg: ``super`` was written with arguments."""
    name, explicit, following = ins.names.names[ins.oparg >> 2], ins.oparg & 2, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        instance, owner = stack.pop(), stack.pop()
        # A rebound `super` is called as it was written; the builtin one needs both arguments.
        as_written = not explicit and stack[-1] is not super
        proxy = stack[-1]() if as_written else stack[-1](owner, instance)
        stack[-1] = getattr(proxy, name)
        return following

    return step


def load_super_attr(ins: Instruction) -> Step:
    """``super, class, self -- value``, or ``-- NULL, bound`` with the low bit of oparg (3.12)."""
    plain, is_method = _super_attribute(ins), ins.oparg & 1
    if not is_method:
        return plain

    def step(frame: Frame) -> int:
        following = plain(frame)
        frame.stack.insert(-1, NULL)
        return following

    return step


def load_super_attr_null_after(ins: Instruction) -> Step:
    """``super, class, self -- value``, or ``-- bound, NULL`` with the low bit of oparg (3.13)."""
    plain = _super_attribute(ins)
    return _then_null(plain) if ins.oparg & 1 else plain


def store_attr(ins: Instruction) -> Step:
    """``value, object --``."""
    name, index, following = ins.names.names[ins.oparg], ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        obj, value = stack.pop(), stack.pop()
        if type(obj) in frame.interceptor.guarded_types:
            frame.interceptor.store_attr(frame, index, obj, name, value)
        else:
            setattr(obj, name, value)
        return following

    return step


def delete_attr(ins: Instruction) -> Step:
    """``object --``."""
    name, index, following = ins.names.names[ins.oparg], ins.index, ins.next

    def step(frame: Frame) -> int:
        obj = frame.stack.pop()
        if type(obj) in frame.interceptor.guarded_types:
            frame.interceptor.delete_attr(frame, index, obj, name)
        else:
            delattr(obj, name)
        return following

    return step


HANDLERS: Handlers = {
    "DELETE_ATTR": delete_attr,
    "LOAD_ATTR": load_attr,
    "LOAD_ATTR_OR_METHOD": load_attr_or_method,
    "LOAD_ATTR_OR_METHOD_NULL_AFTER": load_attr_or_method_null_after,
    "LOAD_METHOD": load_method,
    "LOAD_SUPER_ATTR": load_super_attr,
    "LOAD_SUPER_ATTR_NULL_AFTER": load_super_attr_null_after,
    "STORE_ATTR": store_attr,
}
