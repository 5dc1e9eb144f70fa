"""The jumps back of code that close loops."""

from __future__ import annotations

from ..wordcode import Wordcode


def loops(words: Wordcode, heads: dict[int, list[int]]) -> dict[int, list[int]]:
    """Return those jumps back that close a loop, from their heads.

    From 3.12 on handlers are at the end of the code, and jump back without looping. A jump
    closes a loop if control has passed its target on the way to it.

    Args:
        words: The instructions.
        heads: By what they jump to, the jumps back to look at.
    """
    handler = {
        index: target for start, end, target, *_ in words.handlers() for index in range(start, end)
    }

    def following(index: int) -> list[int]:
        caught = [handler[index]] if index in handler else []
        return [*words.following(index), *caught]

    count = len(words.ops)
    entered: set[int] = set()
    open_: set[int] = set()
    found: dict[int, list[int]] = {}
    # A handler of nothing is compiled too.
    for root in range(count):
        stack: list[tuple[int, list[int]]] = []
        target = root
        while True:
            if target < count and target not in entered:
                entered.add(target)
                open_.add(target)
                stack.append((target, following(target)))
            while stack and not stack[-1][1]:
                open_.discard(stack.pop()[0])
            if not stack:
                break
            index, rest = stack[-1]
            target = rest.pop()
            if target in open_ and index in heads.get(target, ()):
                found.setdefault(target, []).append(index)
    return found
