"""Changes that are made all at once, or not at all."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import starmap
from typing import Any, Final, TypeAlias

Operation: TypeAlias = tuple[object, ...]
"""A function written in C, and its arguments."""

set_item: Final[Callable[..., object]] = operator.setitem
_ALL: Final = slice(None)


class Changes:
    """Changes of nodes and containers that are worked out already, and only have to be made.

    They are made in one go, by functions written in C: between two of them no other thread and no
    signal handler runs, as long as no key of a dict has an ``__eq__`` in Python. If one of them
    fails, or a signal handler raises, all that they overwrite is put back.

    Example:
        >>> numbers, names = [1, 2], {"a": 1}
        >>> changes = Changes()
        >>> changes.contents(numbers, [3])
        >>> changes.item(names, "b", 2)
        >>> changes.commit()
        >>> numbers, names
        ([3], {'a': 1, 'b': 2})
    """

    __slots__ = ("_do", "_undo")

    def __init__(self) -> None:
        """Begin with none."""
        self._do: list[Operation] = []
        # Run backward. Each may run although what it undoes was not done.
        self._undo: list[Operation] = []

    def slot(
        self, write: Callable[[Any, Any], object], owner: object, old: object, new: object
    ) -> None:
        """Have a slot of an object written by its descriptor, if its value is to change."""
        if old is not new:
            self._do.append((write, owner, new))
            self._undo.append((write, owner, old))

    def item(self, container: Any, key: object, value: object) -> None:
        """Have an item of a list, deque or dict set; a key of a dict may be new."""
        self._do.append((set_item, container, key, value))
        if _is_dict(container) and key not in container:
            self._undo.append((container.pop, key, None))
        else:
            self._undo.append((set_item, container, key, container[key]))

    def operation(self, do: Operation, undo: Operation) -> None:
        """Have something else done."""
        self._do.append(do)
        self._undo.append(undo)

    def contents(self, container: Any, items: Iterable[object]) -> None:
        """Have all items of a list, deque or dict replaced."""
        if _is_list(container):
            self._do.append((set_item, container, _ALL, items))
            self._undo.append((set_item, container, _ALL, container.copy()))
            return
        fill = container.update if _is_dict(container) else container.extend
        self._do += ((container.clear,), (fill, items))
        self._undo += ((fill, container.copy()), (container.clear,))

    def commit(self) -> None:
        """Make the changes; all, or in case of an error none."""
        commit(self._do, self._undo)


def commit(do: Sequence[Operation], undo: Sequence[Operation]) -> None:
    """Do all of several operations; if one fails, or a signal handler raises, undo them all.

    Args:
        do: What to do.
        undo: How to undo each, in the same order. It may be run although nothing was done.
    """
    try:
        deque(starmap(operator.call, do), maxlen=0)
    except BaseException:
        deque(starmap(operator.call, reversed(undo)), maxlen=0)
        raise


def _is_dict(container: object) -> bool:
    return isinstance(container, dict)


def _is_list(container: object) -> bool:
    return isinstance(container, list)
