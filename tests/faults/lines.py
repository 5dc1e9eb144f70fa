"""Exceptions at the first, second, third ... line of an operation, until there is none left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from mutations import Mutation, graph, state

from bytefig import configs, tracer

HALVES = tuple(f"{Path(half.__file__).parent}/" for half in (configs, tracer))


class Injected(BaseException):
    """The exception: not one that anything catches by its type."""


def interrupted(action: Callable[[], object], at: int, *, opcodes: bool = False) -> bool:
    """Run something, with an exception before a certain line, or instruction, of this project.

    Returns:
        Whether there was such a line.
    """
    left = at

    def local(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if event == ("opcode" if opcodes else "line"):
            left -= 1
            if not left:
                raise Injected
        return local

    def entered(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(HALVES):
            return None
        frame.f_trace_opcodes = opcodes
        return local

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        action()
    except Injected:
        return True
    finally:
        sys.settrace(before)
    return False


class Lines(NamedTuple):
    """One operation: how many places there were, and graphs that were as before and as after."""

    name: str
    places: int
    before: int
    after: int
    broken: list[int]


def try_lines(mutation: Mutation, *, opcodes: bool = False, step: int = 1) -> Lines:
    """Interrupt an operation everywhere, or at every n-th place, and look at the graph."""
    before, changed = graph(), graph()
    mutation.change(changed)
    unchanged, after = state(before), state(changed)
    assert unchanged != after, mutation.name
    counts, broken, at = [0, 0], list[int](), 1
    while True:
        root = graph()
        if not interrupted(lambda root=root: mutation.change(root), at, opcodes=opcodes):
            assert state(root) == after, f"{mutation.name} does something else when traced"
            break
        found = state(root)
        if found == unchanged:
            counts[0] += 1
        elif found == after:
            counts[1] += 1
        else:
            broken.append(at)
        at += step
    # What is left behind harms nobody: the operation still does what it does.
    root = graph()
    mutation.change(root)
    if state(root) != after:
        broken.append(0)
    return Lines(mutation.name, at - 1, *counts, broken)


def report(results: Iterator[Lines], what: str) -> int:
    """Print a line for each operation; return how many graphs were broken."""
    broken = total = 0
    for each in results:
        total += each.places
        broken += len(each.broken)
        places = f", at {each.broken[:5]}" if each.broken else ""
        print(
            f"  {each.name:28} {each.places:6} {what}: {each.before:6} as before,"
            f" {each.after:5} as after, {len(each.broken)} broken{places}",
            flush=True,
        )
    print(f"  {total} {what}, {broken} broken", flush=True)
    return broken
