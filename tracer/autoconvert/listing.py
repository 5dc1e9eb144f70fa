"""The instructions of a code object, with their successors, for reading it without running it."""

from __future__ import annotations

from types import CodeType
from typing import Any, Final

import attrs
from bytecode import ConcreteBytecode, Instr, Label
from bytecode.instr import TryBegin, TryEnd

from ...configs import WeakIdentityCache


@attrs.frozen(eq=False)
class Protection:
    """Where an exception of an instruction goes, and what the stack is cut to."""

    target: int
    depth: int
    pushes_lasti: bool


@attrs.frozen(eq=False)
class Listed:
    """One instruction.

    Attributes:
        name: The opcode's name.
        arg: Its argument: names and constants are looked up already. Of a CALL, the number of
            arguments and the names of those passed by name.
        target: Index of the instruction it may jump to, or None.
        falls_through: Whether the next instruction may follow it.
        protection: What catches an exception, or None.
        effect: Values popped and pushed where it falls through.
        jump_effect: The same where it jumps.
    """

    name: str
    arg: Any
    target: int | None
    falls_through: bool
    protection: Protection | None
    effect: tuple[int, int]
    jump_effect: tuple[int, int]


_listings: Final[WeakIdentityCache[CodeType, tuple[Listed, ...]]] = WeakIdentityCache()


def listing(code: CodeType) -> tuple[Listed, ...]:
    """Return the instructions of a code object.

    Example:
        >>> [each.name for each in listing((lambda: None).__code__)][-1] in (
        ...     "RETURN_VALUE", "RETURN_CONST")
        True
    """
    found = _listings.get(code)
    if found is None:
        found = _list(code)
        _listings.set(code, found)
    return found


def _list(code: CodeType) -> tuple[Listed, ...]:
    places: dict[Label, int] = {}
    # A protected range begins and ends with a mark; ranges do not nest.
    marked: list[tuple[Instr, TryBegin | None, Any]] = []
    begun: TryBegin | None = None
    names: Any = ()
    concrete = ConcreteBytecode.from_code(code)
    for each in concrete.to_bytecode(conserve_exception_block_stackdepth=True):
        if isinstance(each, Label):
            places[each] = len(marked)
        elif isinstance(each, TryBegin):
            begun = each
        elif isinstance(each, TryEnd):
            begun = None
        elif isinstance(each, Instr):
            marked.append((each, begun, names))
            if each.name != "PRECALL":
                names = each.arg if each.name == "KW_NAMES" else ()
    return tuple(_listed(*each, places) for each in marked)


def _listed(instr: Instr, begun: TryBegin | None, names: Any, places: dict[Label, int]) -> Listed:
    arg: Any = instr.arg
    target = places[arg] if isinstance(arg, Label) else None
    protection = None
    if begun is not None and isinstance(begun.target, Label):
        depth: Any = begun.stack_depth
        protection = Protection(places[begun.target], depth, begun.push_lasti)
    return Listed(
        instr.name,
        (arg, names) if instr.name == "CALL" else arg,
        target,
        not (instr.is_final() or instr.is_uncond_jump()),
        protection,
        _effect(instr, False),
        _effect(instr, True) if target is not None else (0, 0),
    )


def _effect(instr: Instr, jump: bool) -> tuple[int, int]:
    popped, pushed = instr.pre_and_post_stack_effect(jump)
    return (-popped, pushed) if popped <= 0 else (0, popped + pushed)
