"""How deep traced functions can recurse within Python's limit."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
import recursive
from exempting import captured

from bytefig.tracer import interpret

pytestmark = pytest.mark.needs_native_code


def depth(function: Callable[[int], object]) -> int:
    """Return how deep a function can recurse."""
    low, high = 0, sys.getrecursionlimit() + 1
    while high - low > 1:
        middle = (low + high) // 2
        try:
            function(middle)
            low = middle
        except RecursionError:
            high = middle
    return low


@pytest.mark.parametrize("how", [interpret, captured], ids=["interpret", "captured"])
@pytest.mark.parametrize(
    "tier, part_of_native", [("auto", 0.7), ("compile", 0.9), ("interpret", 0.125)]
)
@pytest.mark.parametrize(
    "program", [each for each in vars(recursive).values() if isinstance(each, types.FunctionType)]
)
def test_recursion_is_about_as_deep_as_natively(
    program: types.FunctionType,
    tier: str,
    part_of_native: float,
    how: Any,
    using: Any,
    afresh: Any,
) -> None:
    deep = int(depth(program) * part_of_native)
    expected = program(deep)
    with using(tier):
        assert how(afresh(program))(deep) == expected
