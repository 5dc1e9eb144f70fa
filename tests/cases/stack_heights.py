"""The stack of assembled code, followed without running it: CPython crashes on what is wrong."""

from __future__ import annotations

import dis
from types import CodeType

_LAST = {"JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_FORWARD", "RERAISE", "RETURN_VALUE"}
#: What the end of a loop goes past.
_CLEANUP = ("END_FOR" in dis.opmap) + ("FORMAT_SIMPLE" in dis.opmap)


def check_stack(code: CodeType) -> None:
    """Fail unless the stack has one height at each instruction, and never more than it may."""
    instructions = [one for one in dis.get_instructions(code) if one.opname != "CACHE"]
    at = {one.offset: position for position, one in enumerate(instructions)}
    heights: dict[int, int] = {}
    covering = dis._parse_exception_table(code)
    todo = [(0, 0)]
    while todo:
        position, height = todo.pop()
        one = instructions[position]
        assert 0 <= height <= code.co_stacksize, one
        if position in heights:
            assert heights[position] == height, one
            continue
        heights[position] = height
        for entry in covering:
            if entry.start <= one.offset < entry.end:
                assert entry.depth <= height, one
                todo.append((at[entry.target], entry.depth + 1 + entry.lasti))
        todo += _following(at, position, one, height)


def _following(at, position, one, height):
    name, oparg = one.opname, one.arg
    if name == "FOR_ITER":
        yield position + 1, height + 1
        yield at[one.argval] + _CLEANUP, height - 1
        return
    if name == "PRECALL":
        yield position + 1, height
        return
    if name == "CALL":
        yield position + 1, height - oparg - 1
        return
    opcode = dis.opmap[name]
    if one.opcode in dis.hasjrel:
        yield at[one.argval], height + dis.stack_effect(opcode, oparg, jump=True)
    if name not in _LAST:
        yield position + 1, height + dis.stack_effect(opcode, oparg, jump=False)
